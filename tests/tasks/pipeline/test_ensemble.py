"""Several networks of other seeds as one bundle."""

import csv
import json
from itertools import pairwise

import numpy as np
import pytest
from interruption import interrupted
from safetensors.torch import load_file

from dnaseq.bundle.predictor import Predictor
from dnaseq.io.results.rows import read_rows
from dnaseq.tasks.main import run_task

SMALL = ("recipe=none", "model=gru", "model.encoder.hidden=8", "trainer=cpu", "batch_size=16", "max_epochs=2")


@pytest.fixture(scope="module")
def data(easy_fasta):
    return ("data=fasta", f"data.train={easy_fasta}/train.fa", f"data.test={easy_fasta}/test.fa")


@pytest.fixture(scope="module")
def ensemble(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("ensemble") / "one"
    assert run_task("train", [*SMALL, *data, "ensemble=3", "calibration=none", f"run_dir={folder}"]) == 0
    return folder


def test_members_have_folders_and_weights_of_their_own(ensemble):
    assert sorted(path.name for path in (ensemble / "members").iterdir()) == ["01", "02", "03"]
    assert not list((ensemble / "checkpoints").glob("*.ckpt"))
    weights = load_file(ensemble / "bundle" / "model.safetensors")
    heads = [weights[f"members.{i}.head.classify.1.weight"] for i in range(3)]
    assert not any(np.array_equal(a, b) for a, b in pairwise(heads))
    with (ensemble / "history.csv").open() as handle:
        rows = [(row["member"], row["epoch"]) for row in csv.DictReader(handle)]
    assert rows == [(member, epoch) for member in "123" for epoch in "12"]
    page = (ensemble / "report.html").read_text()
    assert "Epochs: 2, one point each. The model is an ensemble of 3 networks" in page


def test_an_answer_is_the_mean_of_the_members_probabilities(ensemble, data):
    spec = json.loads((ensemble / "bundle" / "spec.json").read_text())
    assert [one["_target_"].split(".")[-1] for one in spec["architecture"]["members"]] == [
        "SequenceClassifier"
    ] * 3
    _, together = read_rows(ensemble / "predictions.test.tsv")
    predictor = Predictor.load(ensemble / "bundle", device="cpu")
    whole, alone = predictor.net, []
    for member in whole.members:
        predictor.net = member
        alone.append(
            [list(answer.probabilities.values()) for answer in predictor.predict(data[2].split("=")[1])]
        )
    np.testing.assert_allclose(together.probabilities, np.mean(alone, axis=0), atol=1e-6)


def test_ensembles_of_two_seeds_share_no_member(run, data, tmp_path, without_pages):
    for seed in (1, 2):
        assert run("train", *SMALL, *data, "ensemble=2", f"seed={seed}", f"run_dir=s{seed}")[0] == 0
    heads = [
        load_file(tmp_path / f"s{seed}" / "bundle" / "model.safetensors")[
            f"members.{i}.head.classify.1.weight"
        ].tolist()
        for seed in (1, 2)
        for i in (0, 1)
    ]
    assert len({str(head) for head in heads}) == 4


def test_an_ensemble_that_was_stopped_goes_on_with_the_member_it_was_at(
    run, data, tmp_path, ensemble, without_pages
):
    seen = []

    def is_third(history, _):
        seen.append(history.path.parent.name)
        return len(seen) == 3

    with interrupted(is_third):
        assert run("train", *SMALL, *data, "ensemble=3", "run_dir=halved", "calibration=none")[0] == 130
    assert seen == ["01", "01", "02"]
    code, _, err = run("train", "resume=halved")
    assert code == 0, err
    folders = (ensemble, tmp_path / "halved")
    weights = [(folder / "bundle" / "model.safetensors").read_bytes() for folder in folders]
    assert weights[0] == weights[1]


@pytest.mark.parametrize("value", ["0", "1.5", "null"])
def test_other_numbers_of_members_are_refused(run, data, value):
    code, _, err = run("train", *SMALL, *data, f"ensemble={value}")
    assert code == 2
    assert "ensemble" in err
