import json
import shutil
from pathlib import Path

import pytest

from dnaseq.tasks.main import run_task

QUICK = (
    "recipe=none",
    "trainer=cpu",
    "batch_size=16",
    "max_epochs=1",
    "model.encoder.hidden=4",
    "data=fasta",
)


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
    assert told["runs"][0]["settings"] == {"model": "gru", "optimizer.lr": 0.003}


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
        (["a1", "other"], 3, "scored on different records"),
        (["a1", "b", "metrics=[auc]"], 2, "'auc' is not one of"),
    ],
)
def test_what_cannot_be_compared_is_said_in_one_line(run, runs, tmp_path, names, code, message):
    arguments = [name if "=" in name else str(runs / name) for name in names]
    found, _, err = run("compare", *arguments, "run_dir=compared")
    assert (found, len(err.strip().splitlines())) == (code, 1), err
    assert message in err
    assert not (tmp_path / "compared").exists()


def changed(source: Path, folder: Path, *changes: tuple[str, str], file: str = "config.yaml") -> str:
    """A copy of a run folder with other text in one of its files."""
    shutil.copytree(source, folder)
    text = (folder / file).read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / file).write_text(text)
    return str(folder)


def names(folder: Path) -> list[str]:
    return [one["name"] for one in json.loads((folder / "comparison.json").read_text())["runs"]]


def test_records_of_the_same_ids_and_other_letters_are_not_paired(run, runs, tmp_path):
    first = (runs / "a2/strata.tsv").read_text().splitlines()[1].split("\t")[-1]
    other = changed(runs / "a2", tmp_path / "other", (first, "0" * 16), file="strata.tsv")
    code, _, err = run("compare", str(runs / "a1"), other)
    assert code == 3
    assert "scored on different records" in err
    assert "31 of 32 test records in common" in err


def test_a_digest_depends_on_the_letters_alone(runs):
    tables = [(runs / name / "strata.tsv").read_text().splitlines() for name in ("a1", "b")]
    digests = [[line.split("\t")[-1] for line in table] for table in tables]
    assert digests[0] == digests[1]
    assert digests[0][0] == "sequence"
    assert len(set(digests[0][1:])) == 32
    assert {len(digest) for digest in digests[0][1:]} == {16}


@pytest.mark.parametrize("without", ["column", "file"])
def test_a_run_of_an_older_version_is_to_be_evaluated_again(run, runs, tmp_path, without):
    old = changed(runs / "a2", tmp_path / "old", ("\tsequence\n", "\tother\n"), file="strata.tsv")
    if without == "file":
        (tmp_path / "old/strata.tsv").unlink()
    code, _, err = run("compare", str(runs / "a1"), old)
    assert code == 3
    assert "written by an older dnaseq. Evaluate it again" in err


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("  data: fasta", "  data: enhancers", "gru-onehot data=enhancers"),
        ("  split: given", "  split: grouped", "gru-onehot split=grouped"),
        ("train.fa\n  val", "more.fa\n  val", "gru-onehot data.train="),
        ("  optimizer: adamw", "  optimizer: sgd", "gru-onehot optimizer=sgd"),
    ],
)
def test_models_of_other_data_splits_or_choices_are_no_seeds_of_one_model(
    run, runs, tmp_path, old, new, name
):
    other = changed(runs / "a2", tmp_path / "other", (old, new))
    code, _, err = run("compare", str(runs / "a1"), other, "run_dir=compared")
    assert code == 0, err
    first, second = names(tmp_path / "compared")
    assert first != second
    assert second.startswith(name)
    assert len(second.split()) == 2


def test_runs_of_one_choice_are_told_apart_where_a_third_run_has_another(run, runs, tmp_path):
    slow = changed(runs / "a2", tmp_path / "slow", ("lr: 0.003", "lr: 0.001"))
    sgd = changed(runs / "a1", tmp_path / "sgd", ("  optimizer: adamw", "  optimizer: sgd"))
    code, _, err = run("compare", str(runs / "a1"), slow, sgd, "run_dir=compared")
    assert code == 0, err
    assert len(set(names(tmp_path / "compared"))) == 3


def test_another_order_of_classes_is_refused(run, runs, tmp_path):
    swap = (("p_poor", "p_other"), ("p_rich", "p_poor"), ("p_other", "p_rich"))
    turned = changed(runs / "a2", tmp_path / "turned", *swap, file="predictions.test.tsv")
    code, _, err = run("compare", str(runs / "a1"), turned)
    assert code == 3
    assert "classes in another order (poor, rich; rich, poor)" in err


def test_a_copy_of_a_run_is_no_second_seed(run, runs, tmp_path):
    shutil.copytree(runs / "a1", tmp_path / "copy")
    code, _, err = run("compare", str(runs / "a1"), "copy")
    assert code == 2
    assert "a1 and copy have the same settings and seed" in err


def test_evaluations_are_told_apart_by_their_bundles(run, runs, easy_fasta, tmp_path):
    data = ("data=fasta", f"data.test={easy_fasta}/test.fa", "device=cpu")
    for name in ("a1", "a2"):
        code, _, err = run("evaluate", f"bundle={runs}/{name}/bundle", *data, f"run_dir={name}")
        assert code == 0, err
    code, _, err = run("compare", "a1", "a2", str(runs / "a1"), str(runs / "b"), "run_dir=compared")
    assert code == 0, err
    assert names(tmp_path / "compared") == [
        f"gru-onehot bundle={runs}/a1/bundle",
        f"gru-onehot bundle={runs}/a2/bundle",
        "gru-onehot optimizer.lr=0.003",
        "lstm-onehot optimizer.lr=0.1",
    ]


def test_a_comparison_may_be_overwritten(run, runs):
    for _ in range(2):
        two = (str(runs / "a1"), str(runs / "b"))
        code, _, err = run("compare", *two, "run_dir=compared", "overwrite=true")
        assert code == 0, err


def test_the_configuration_is_printed_without_a_run_named_job(run):
    code, out, err = run("compare", "--cfg", "job")
    assert code == 0, err
    assert "runs: ???" in out


def test_several_trainings_in_one_command_end_with_their_comparison(run, easy_fasta, tmp_path):
    data = (f"data.train={easy_fasta}/train.fa", f"data.test={easy_fasta}/test.fa")
    code, out, err = run("train", "-m", *QUICK, *data, "model=gru,lstm")
    assert code == 0, err
    (comparison,) = tmp_path.glob("runs/multirun/*/comparison/comparison.json")
    assert json.loads(comparison.read_text())["kind"] == "sweep"
    assert str(comparison.parent.relative_to(tmp_path)) in out.splitlines()[-1]


def test_cross_validations_of_the_same_folds_are_compared_by_their_folds(run, easy_fasta, tmp_path):
    folds = ("split=kfold", "split.folds=2", f"data.train={easy_fasta}/train.fa")
    for name in ("gru", "lstm"):
        assert run("train", *QUICK, *folds, f"model={name}", f"run_dir={name}")[0] == 0
    code, _, err = run("compare", "gru", "lstm", "run_dir=compared")
    assert code == 0, err
    told = json.loads((tmp_path / "compared/comparison.json").read_text())
    assert {pair["test"] for pair in told["pairs"]} == {"corrected resampled t"}
    assert (tmp_path / "compared/report.html").exists()
