import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from dnaseq.evaluation.summary import summary_table
from dnaseq.io.rows import read_rows
from dnaseq.tasks.entry import run_task

QUICK = ("trainer=cpu", "batch_size=16", "max_epochs=2", "model.encoder.hidden=8", "optimizer.lr=0.02")
FOLDS = ("split=kfold", "split.folds=3", "split.repeats=2", "model=gru", "data=fasta")


@pytest.fixture(scope="module")
def validated(easy_fasta, tmp_path_factory) -> Path:
    """The run folder of a cross-validation of 3 folds, twice, over 96 records."""
    folder = tmp_path_factory.mktemp("validated") / "run"
    arguments = [*FOLDS, *QUICK, f"data.train={easy_fasta}/train.fa", f"run_dir={folder}"]
    assert run_task("train", arguments) == 0
    return folder


def table(path: Path) -> list[dict[str, str]]:
    with path.open() as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def scores_of(folder: Path) -> dict:
    return json.loads((folder / "scores.json").read_text())


def test_every_fold_is_a_whole_run_folder_with_a_bundle(validated):
    folds = sorted((validated / "folds").iterdir())
    assert [fold.name for fold in folds] == ["01", "02", "03", "04", "05", "06"]
    assert all((fold / "bundle/spec.json").exists() and (fold / "report.html").exists() for fold in folds)
    assert not list(validated.rglob("INCOMPLETE"))
    assert (validated / "report.html").exists()


def test_every_record_is_judged_once_a_repeat_and_never_by_a_model_that_saw_it(validated):
    _, rows = read_rows(validated / "predictions.test.tsv")
    assert len(rows.ids) == 2 * 96
    assert len(set(zip(rows.ids, rows.extra["fold"], strict=True))) == 2 * 96
    for name, fold in zip(rows.ids, rows.extra["fold"], strict=True):
        split = {row["id"]: row["split"] for row in table(validated / f"folds/{int(fold):02d}/split.tsv")}
        assert split[name] == "test"


def test_out_of_fold_predictions_are_in_the_order_of_the_records_with_their_own_answers(validated):
    _, rows = read_rows(validated / "predictions.test.tsv")
    assert list(dict.fromkeys(rows.ids)) == [row["id"] for row in table(validated / "split.tsv")]
    _, of_fold = read_rows(validated / "folds/02/predictions.test.tsv")
    own = dict(zip(of_fold.ids, of_fold.probabilities[:, 1], strict=True))
    pooled = {
        name: p
        for name, p, fold in zip(rows.ids, rows.probabilities[:, 1], rows.extra["fold"], strict=True)
        if fold == "2"
    }
    assert pooled == own


def test_the_metrics_are_means_over_the_folds_with_an_interval_around_them(validated):
    scores = scores_of(validated)
    folds = [scores_of(fold)["metrics"] for fold in sorted((validated / "folds").iterdir())]
    for name in ("accuracy", "auroc", "mcc", "log_loss"):
        values = [fold[name]["value"] for fold in folds]
        assert scores["metrics"][name]["value"] == pytest.approx(np.mean(values))
        assert scores["metrics"][name]["low"] <= np.mean(values) <= scores["metrics"][name]["high"]
    assert [(row["repeat"], row["fold"]) for row in scores["folds"]] == [
        (1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3),
    ]  # fmt: skip
    assert len(table(validated / "folds.tsv")) == 6
    assert scores["n"] == 96


def test_the_split_table_says_in_which_fold_a_record_is_judged(validated):
    rows = table(validated / "split.tsv")
    assert {row["split"] for row in rows} == {row["repeat_2"] for row in rows} == {"1", "2", "3"}


def test_a_cross_validation_that_was_stopped_goes_on_with_the_folds_that_are_missing(validated, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(validated, folder)
    for path in ("scores.json", "folds/05/scores.json", "folds/05/history.csv"):
        (folder / path).unlink()
    shutil.rmtree(folder / "folds/05/checkpoints")
    shutil.rmtree(folder / "folds/06")
    for path in ("", "folds/05"):
        (folder / path / "INCOMPLETE").touch()
    before = (folder / "folds/01/scores.json").stat().st_mtime_ns
    assert run_task("train", [f"resume={folder}"]) == 0
    assert (folder / "folds/01/scores.json").stat().st_mtime_ns == before
    again, first = scores_of(folder), scores_of(validated)
    assert again["metrics"] == first["metrics"]
    assert (folder / "predictions.test.tsv").read_bytes() == (validated / "predictions.test.tsv").read_bytes()


def test_the_summary_has_a_row_for_every_fold(validated):
    text = summary_table(scores_of(validated))
    assert "fold 2.3" in text
    assert text.count("fold ") == 6
