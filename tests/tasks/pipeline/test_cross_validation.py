import csv
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from dnaseq.errors import RejectedError
from dnaseq.evaluation.comparison.results import Scores
from dnaseq.io.results.rows import read_rows
from dnaseq.io.results.run_files import read_record
from dnaseq.report.text.summary import summary_table
from dnaseq.tasks.main import run_task
from dnaseq.tasks.pipeline.cross_validation import best_mean
from dnaseq.tasks.pipeline.score_test import show
from dnaseq.tasks.runs.manifest import keep_plan

QUICK = (
    "recipe=none",
    "trainer=cpu",
    "batch_size=16",
    "max_epochs=2",
    "model.encoder.hidden=8",
    "optimizer.lr=0.02",
)
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
        if len(set(values)) > 1:
            assert scores["metrics"][name]["low"] <= np.mean(values) <= scores["metrics"][name]["high"]
    assert [(row["repeat"], row["fold"]) for row in scores["folds"]] == [
        (1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3),
    ]  # fmt: skip
    assert len(table(validated / "folds.tsv")) == 6
    assert scores["n"] == 96


def test_the_folds_end_with_a_verdict_on_the_best_baseline(validated, capsys):
    """By the differences of the folds, which a training set shared by folds makes uncertain."""
    found = scores_of(validated)
    own, best = found["comparison"], {n: of["auroc"]["value"] for n, of in found["baselines"].items()}
    assert own["baseline"] == max(best, key=best.get)
    assert own["difference"] == pytest.approx(found["metrics"]["auroc"]["value"] - best[own["baseline"]])
    assert (own["metric"], own["test"]) == ("auroc", "corrected resampled t")
    show(validated, read_record(validated / "scores.json", Scores))
    (verdict,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("verdict"))
    assert "the best baseline" in verdict
    assert verdict.removeprefix("verdict").strip() in (validated / "report.html").read_text()


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


@pytest.fixture
def small(easy_fasta, tmp_path, monkeypatch):
    """Arguments of a quick cross-validation of 2 folds over mine.fa, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.fa").write_text((easy_fasta / "train.fa").read_text())
    split = ("split=kfold", "recipe=none", "split.folds=2", "model=cnn", "trainer=debug", "max_epochs=1")
    return (*split, "data=fasta", "data.train=mine.fa")


def test_only_judged_records_count_and_runs_latest_leads_to_runs_with_a_bundle(small, tmp_path):
    with (tmp_path / "mine.fa").open("a") as handle:
        handle.write(">long label=rich\nACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGT\n")
    code = run_task(
        "train", [*small, "data.length_policy=error", "data.length=40", "reading.bad_records=keep"]
    )
    assert code == RejectedError.exit_code
    folder = next((tmp_path / "runs").rglob("folds")).parent
    assert len(table(folder / "split.tsv")) == 97
    assert scores_of(folder)["n"] == 96
    assert not (tmp_path / "runs" / "latest").exists()


@pytest.mark.parametrize(("data", "code"), [("data.train=absent.fa", 5), ("data.train=null", 2)])
def test_an_older_run_stays_where_the_data_cannot_be_read(small, tmp_path, data, code):
    older = tmp_path / "run"
    older.mkdir()
    (older / "config.yaml").write_text("old")
    assert run_task("train", [*small, data, "run_dir=run", "overwrite=true"]) == code
    assert [path.name for path in older.iterdir()] == ["config.yaml"]
    assert not (tmp_path / "run.previous").exists()


def test_a_run_that_holds_the_training_file_is_not_replaced(small, tmp_path, capsys):
    older = tmp_path / "run"
    (older / "folds").mkdir(parents=True)
    (older / "config.yaml").write_text("old")
    (tmp_path / "mine.fa").rename(older / "folds/mine.fa")
    arguments = [*small, "data.train=run/folds/mine.fa", "run_dir=run", "overwrite=true"]
    assert run_task("train", arguments) == 2
    assert "would be replaced" in capsys.readouterr().err
    assert (older / "folds/mine.fa").exists()


def halved(whole: Path, folder: Path, training_file: Path) -> None:
    """A copy of a cross-validation over this file that was stopped before its last fold."""
    shutil.copytree(whole, folder)
    shutil.rmtree(folder / "folds/06")
    (folder / "scores.json").unlink()
    (folder / "INCOMPLETE").touch()
    plan = (folder / "config.yaml").read_text()
    (folder / "config.yaml").write_text(re.sub(r"\S+/train\.fa\n", f"{training_file}\n", plan))
    keep_plan(folder)


@pytest.mark.parametrize("at", ["all", "third"])
def test_folds_of_different_data_are_not_put_together(validated, easy_fasta, tmp_path, capsys, at):
    text = (easy_fasta / "train.fa").read_text()
    mine = tmp_path / "mine.fa"
    halved(validated, tmp_path / "run", mine)
    # the same records in another order: only the bytes of the file tell
    mine.write_text(text if at == "third" else ">" + ">".join(text.split(">")[:0:-1]))
    if at == "third":
        path = tmp_path / "run/folds/03/scores.json"
        scores = json.loads(path.read_text())
        scores["fingerprints"]["train"][0]["sha256"] = "0" * 64
        path.write_text(json.dumps(scores))
    assert run_task("train", [f"resume={tmp_path}/run"]) == 2
    assert "the data have changed since the run began" in capsys.readouterr().err
    assert not (tmp_path / "run/folds/06").exists()


def test_a_left_over_folder_is_no_fold(validated, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(validated, folder)
    best = best_mean(folder, "val/loss")
    (folder / "folds/01.previous").mkdir()
    assert best_mean(folder, "val/loss") == best


def test_the_summary_has_a_row_for_every_fold(validated):
    text = summary_table(read_record(validated / "scores.json", Scores))
    assert "fold 2.3" in text
    assert text.count("fold ") == 6


@pytest.fixture(scope="module")
def final(easy_fasta, tmp_path_factory) -> Path:
    """The run folder of a cross-validation of 2 folds with a final model, over 96 records."""
    folder = tmp_path_factory.mktemp("final") / "run"
    folds = ("split=kfold", "split.folds=2", "split.final=true", "model=gru", "data=fasta")
    assert run_task("train", [*folds, *QUICK, f"data.train={easy_fasta}/train.fa", f"run_dir={folder}"]) == 0
    return folder


def test_a_final_model_is_trained_on_all_records_and_has_the_scores_of_the_folds(final):
    spec = json.loads((final / "bundle/spec.json").read_text())
    parts = [row["split"] for row in table(final / "final/split.tsv")]
    assert (len(parts), set(parts)) == (96, {"train", "val"})
    assert spec["training"]["n"] == parts.count("train")
    assert spec["scores"] == scores_of(final)["metrics"]
    card = (final / "bundle/README.md").read_text()
    assert "mean over folds, 95 % interval" in card
    assert "on all records" in card


def test_a_final_model_that_was_stopped_is_the_same_when_it_is_resumed(final, tmp_path):
    folder = shutil.copytree(final, tmp_path / "run")
    (folder / "INCOMPLETE").write_text("")
    shutil.rmtree(folder / "bundle")
    assert run_task("train", [f"resume={folder}"]) == 0
    weights = [(path / "bundle/model.safetensors").read_bytes() for path in (final, folder)]
    assert weights[0] == weights[1]


def test_a_final_model_is_for_all_folds(easy_fasta, capsys):
    arguments = [*FOLDS, *QUICK, f"data.train={easy_fasta}/train.fa", "split.final=true", "split.fold=0"]
    assert run_task("train", arguments) == 2
    assert "split.final=true follows all folds" in capsys.readouterr().err
