"""Bundles as each format version wrote them, with what they answered then: they answer it still.

bundle_v1 is a GRU of four cells; bundle_v2 another one, with a temperature, a chosen threshold, abstention and
novelty; bundle_v3 two networks of convolutions and attention that answer as one, from both strands. records.fa has
records of several lengths, in lower case, as RNA and with ambiguous letters.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from dnaseq.bundle.bundle import load_bundle
from dnaseq.bundle.predictor import Predictor
from dnaseq.bundle.spec import FORMAT_VERSION
from dnaseq.io.results.rows import open_rows, read_rows
from dnaseq.io.sequences.reading import read_blocks

VERSIONS = sorted(Path(__file__).parent.glob("bundle_v*"), key=lambda path: path.name)


def version_of(folder: Path) -> int:
    return int(folder.name.removeprefix("bundle_v"))


def test_every_format_version_has_its_bundle():
    assert [version_of(folder) for folder in VERSIONS] == list(range(1, FORMAT_VERSION + 1))


@pytest.mark.parametrize("folder", VERSIONS, ids=lambda folder: folder.name)
def test_a_bundle_is_small_and_of_its_version(folder):
    assert json.loads((folder / "bundle" / "spec.json").read_text())["format_version"] == version_of(folder)
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 30_000


@pytest.mark.parametrize("folder", VERSIONS, ids=lambda folder: folder.name)
def test_a_bundle_answers_what_it_answered_when_it_was_made(folder, tmp_path):
    predictor = Predictor.load(folder / "bundle", device="cpu")
    columns = ("note",) if predictor.abstains else ()
    with open_rows(str(tmp_path / "now.tsv"), predictor.classes, False, columns) as table:
        for rows in predictor.predict_blocks(read_blocks(folder / "records.fa")):
            table.write(rows._replace(extra=dict.fromkeys(columns, rows.notes)))
    classes, now = read_rows(tmp_path / "now.tsv")
    then_classes, then = read_rows(folder / "expected.tsv")
    assert classes == then_classes
    for column in ("ids", "labels", "statuses", "extra"):
        assert getattr(now, column) == getattr(then, column)
    np.testing.assert_array_equal(now.lengths, then.lengths)
    np.testing.assert_allclose(now.probabilities, then.probabilities, atol=1e-6, rtol=0)
    np.testing.assert_allclose(now.scores, then.scores, atol=1e-6, rtol=0)


def test_version_1_decides_nothing_more():
    spec = load_bundle(VERSIONS[0] / "bundle").spec
    assert (spec.calibration, spec.threshold, spec.decision.rule) == (None, 0.5, "fixed")
    assert (spec.abstention, spec.novelty, spec.strands) == (None, None, "one")


def test_the_answers_of_version_2_show_all_that_it_decides():
    _, then = read_rows(VERSIONS[1] / "expected.tsv")
    assert set(then.extra["note"]) == {"", "abstained", "unlike training", "abstained; unlike training"}
    assert load_bundle(VERSIONS[1] / "bundle").spec.threshold != 0.5


def test_the_answers_of_version_3_are_those_of_both_strands():
    _, then = read_rows(VERSIONS[2] / "expected.tsv")
    one, other = (then.ids.index(name) for name in ("s1", "s2"))
    assert then.probabilities[one].tolist() == pytest.approx(then.probabilities[other].tolist(), abs=1e-6)
    assert load_bundle(VERSIONS[2] / "bundle").spec.strands == "both"
