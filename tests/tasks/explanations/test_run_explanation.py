"""The small explanation of a training: its folder, its section of the report, and when there is none."""

import json

import numpy as np
import pytest

from dnaseq.interpret.attributions import read_npz
from dnaseq.tasks.explanations import run_explanation
from dnaseq.tasks.explanations.run_explanation import choose_rows

SMALL = (
    "model=gru",
    "recipe=none",
    "trainer=cpu",
    "batch_size=16",
    "model.encoder.hidden=8",
    "optimizer.lr=0.02",
)


@pytest.fixture
def train(run, easy_fasta, explained_runs):
    def call(*arguments):
        data = ("data=fasta", f"data.train={easy_fasta}/train.fa", f"data.test={easy_fasta}/test.fa")
        return run("train", *SMALL, *data, "run_dir=run", *arguments)

    return call


def test_test_records_are_explained_and_the_report_shows_some(train, tmp_path):
    code, _, err = train("max_epochs=3")
    assert code == 0, err
    found = read_npz(tmp_path / "run/explanation/attributions.npz")
    assert sorted(found.ids) == sorted(f"r{i}" for i in range(1000, 1032))
    assert np.abs(found.values).max() > 0
    told = json.loads((tmp_path / "run/explanation/faithfulness.json").read_text())
    assert (told["target"], told["records"], told["sample"]) == ("rich", 32, 8)
    assert told["method"] != "ism"
    page = (tmp_path / "run/report.html").read_text()
    assert "Why rich:" in page
    assert page.count("attributions of r1") == 3


@pytest.mark.parametrize(("longest", "is_left_out"), [(40, False), (39, True)])
def test_long_records_are_not_predicted_for_every_base(longest, is_left_out, train, tmp_path, monkeypatch):
    monkeypatch.setattr(run_explanation, "LONG", longest)
    assert train("max_epochs=1")[0] == 0
    told = json.loads((tmp_path / "run/explanation/faithfulness.json").read_text())
    measured = {one["method"] for one in told["methods"]}
    assert ("occlusion" not in measured) == is_left_out
    assert {"ig", "gradient_input", "random"} <= measured


@pytest.mark.parametrize(
    ("lengths", "count"),
    [([200] * 300, 100), ([1300] * 300, 15), ([9] * 60, 60), ([30_000] * 5, 0), ([30_000, 150] * 50, 50)],
)
def test_long_records_are_fewer_and_too_long_ones_none(lengths, count):
    given = np.array(lengths), np.arange(len(lengths))
    found = choose_rows(*given, seed=1)
    assert len(set(found)) == count
    assert np.array(lengths)[found].sum() <= 20_000
    assert found.tolist() == sorted(found) == choose_rows(*given, seed=1).tolist()


def test_none_is_wanted(train, tmp_path):
    assert train("max_epochs=1", "explain=none")[0] == 0
    assert not (tmp_path / "run/explanation").exists()
    assert "No records were explained here" in (tmp_path / "run/report.html").read_text()
