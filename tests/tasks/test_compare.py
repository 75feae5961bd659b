import json
import shutil
from pathlib import Path

import pytest

from dnaseq.tasks.entry import run_task

QUICK = ("trainer=cpu", "batch_size=16", "max_epochs=1", "model.encoder.hidden=4", "data=fasta")


@pytest.fixture(scope="module")
def runs(easy_fasta, tmp_path_factory) -> Path:
    """Runs a1 and a2 (a GRU of two seeds), b (an LSTM) and other (judged on other records)."""
    folder = tmp_path_factory.mktemp("runs")
    data = (f"data.train={easy_fasta}/train.fa", f"data.test={easy_fasta}/test.fa")
    for name, *more in (
        ("a1", "model=gru", "seed=1"),
        ("a2", "model=gru", "seed=2"),
        ("b", "model=lstm", "optimizer.lr=0.1"),
    ):
        assert run_task("train", [*QUICK, *data, *more, f"run_dir={folder}/{name}"]) == 0
    own = [*QUICK, f"data.train={easy_fasta}/train.fa", "model=gru", f"run_dir={folder}/other"]
    assert run_task("train", own) == 0
    return folder


def test_runs_of_several_seeds_are_one_model(run, runs, tmp_path):
    code, out, err = run("compare", str(runs / "a1"), str(runs / "a2"), str(runs / "b"), "run_dir=compared")
    assert code == 0, err
    told = json.loads((tmp_path / "compared/comparison.json").read_text())
    gru, lstm = told["models"]
    assert len(gru["metrics"]["auroc"]["seeds"]) == 2
    assert gru["metrics"]["auroc"]["sd_seeds"] is not None
    assert lstm["metrics"]["auroc"]["sd_seeds"] is None
    assert {(pair["a"], pair["b"]) for pair in told["pairs"]} == {(gru["name"], lstm["name"])}
    assert [r["seed"] for r in told["runs"]] == [1, 2, 1]
    assert "n = 32" in out
    assert (tmp_path / "compared/report.html").exists()


def test_models_are_named_after_what_differs(run, runs, tmp_path):
    run("compare", str(runs / "a1"), str(runs / "b"), "run_dir=compared")
    told = json.loads((tmp_path / "compared/comparison.json").read_text())
    assert [model["name"] for model in told["models"]] == [
        "gru-onehot optimizer.lr=0.003",
        "lstm-onehot optimizer.lr=0.1",
    ]
    assert {"choices.model", "optimizer.lr"} <= set(told["runs"][0]["settings"])


def test_predictions_are_paired_by_record_whatever_their_order(run, runs, tmp_path):
    shutil.copytree(runs / "a1", tmp_path / "turned")
    path = tmp_path / "turned/predictions.test.tsv"
    header, *rows = path.read_text().splitlines()
    path.write_text("\n".join([header, *reversed(rows)]) + "\n")
    config = tmp_path / "turned/config.yaml"
    config.write_text(config.read_text().replace("patience: 8", "patience: 9"))
    assert run("compare", str(runs / "a1"), "turned", "run_dir=compared")[0] == 0
    (pair, *_) = json.loads((tmp_path / "compared/comparison.json").read_text())["pairs"]
    assert pair["difference"] == 0
    assert pair["p"] == 1


@pytest.mark.parametrize(
    ("names", "code", "message"),
    [
        (["a1"], 2, "name two different runs or more"),
        (["a1", "a1"], 2, "name two different runs or more"),
        (["a1", "nothing"], 2, "nothing is not a complete run"),
        (["a1", "other"], 3, "judged on different records"),
        (["a1", "b", "metrics=[auc]"], 2, "'auc' is not one of"),
    ],
)
def test_what_cannot_be_compared_is_said_in_one_line(run, runs, tmp_path, names, code, message):
    arguments = [name if "=" in name else str(runs / name) for name in names]
    found, _, err = run("compare", *arguments, "run_dir=compared")
    assert (found, len(err.strip().splitlines())) == (code, 1), err
    assert message in err
    assert not (tmp_path / "compared").exists()


def test_several_trainings_in_one_command_end_with_their_comparison(run, easy_fasta, tmp_path):
    data = (f"data.train={easy_fasta}/train.fa", f"data.test={easy_fasta}/test.fa")
    code, out, err = run("train", "-m", *QUICK, *data, "model=gru,lstm")
    assert code == 0, err
    (comparison,) = tmp_path.glob("runs/multirun/*/comparison/comparison.json")
    assert json.loads(comparison.read_text())["kind"] == "sweep"
    assert str(comparison.parent.relative_to(tmp_path)) in out.splitlines()[-1]


def test_cross_validations_of_the_same_folds_are_compared_by_their_folds(run, easy_fasta, tmp_path):
    folds = ("split=kfold", "split.folds=3", f"data.train={easy_fasta}/train.fa")
    for name in ("gru", "lstm"):
        assert run("train", *QUICK, *folds, f"model={name}", f"run_dir={name}")[0] == 0
    code, _, err = run("compare", "gru", "lstm", "run_dir=compared")
    assert code == 0, err
    told = json.loads((tmp_path / "compared/comparison.json").read_text())
    assert {pair["test"] for pair in told["pairs"]} == {"corrected resampled t"}
    assert (tmp_path / "compared/report.html").exists()
