"""dnaseq runs: what is in a folder of runs."""

import json
import os
import shutil

import pytest

from dnaseq.tasks.runs.listing import ListedRun


@pytest.fixture
def rows(run):
    """rows("my_runs", ...) -> the table, as a dict a row."""

    def call(*arguments: str) -> list[dict]:
        code, out, err = run("runs", *arguments, "format=tsv")
        assert code == 0, err
        header, *lines = out.splitlines()
        assert header.split("\t") == list(ListedRun._fields)
        return [dict(zip(ListedRun._fields, line.split("\t"), strict=True)) for line in lines]

    return call


@pytest.fixture
def runs(trained, tmp_path):
    """A folder with two runs of which one is newer, one of other data, an incomplete one and a damaged one."""
    for name, data, age in (("old", "b", 2000), ("new", "b", 1000), ("other", "a", 3000)):
        shutil.copytree(trained, tmp_path / "runs" / data / name)
        path = tmp_path / "runs" / data / name / "scores.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"data": data}))
        os.utime(path, (age, age))
    shutil.copytree(trained, tmp_path / "runs/begun")
    (tmp_path / "runs/begun/scores.json").unlink()
    (tmp_path / "runs/begun/INCOMPLETE").write_text("")
    shutil.copytree(trained, tmp_path / "runs/cut")
    (tmp_path / "runs/cut/scores.json").write_text('{"data": ')
    return tmp_path / "runs"


def test_runs_are_listed_by_data_and_the_newest_first(rows, runs):
    complete = [(row["data"], row["path"]) for row in rows() if row["state"] == "complete"]
    assert complete == [("a", "runs/a/other"), ("b", "runs/b/old"), ("b", "runs/b/new")]


def test_a_row_has_the_score_of_the_run_and_its_seconds(rows, runs):
    scores = json.loads((runs / "b/new/scores.json").read_text())
    (row,) = rows("runs/b/new")
    assert (row["model"], row["seed"], row["metric"]) == ("gru-onehot", "1", "auroc")
    for key, value in scores["metrics"]["auroc"].items():
        assert float(row[key]) == pytest.approx(value, abs=1e-6)
    assert float(row["seconds"]) == pytest.approx(sum(scores["seconds"].values()), abs=0.01)


def test_runs_that_are_incomplete_or_damaged_are_listed_as_such(rows, runs):
    others = {row["path"]: (row["state"], row["model"]) for row in rows() if row["state"] != "complete"}
    assert others == {"runs/begun": ("incomplete", "gru-onehot"), "runs/cut": ("damaged", "")}


def test_of_a_sweep_its_final_runs_are_listed_and_of_a_cross_validation_no_folds(rows, runs, trained):
    for sweep in ("runs/trial-1-seed-1", "storage/trials/0001"):
        shutil.copytree(trained, runs / "sweep" / sweep)
    shutil.copy(trained / "config.yaml", runs / "sweep")
    shutil.copytree(trained, runs / "b/new/folds/01")
    found = [row["path"] for row in rows("runs/sweep", "runs/b/new")]
    assert found == ["runs/sweep/runs/trial-1-seed-1", "runs/b/new"]


def test_the_table_for_the_eye_names_data_once(run, runs):
    code, out, _ = run("runs", "runs/b", "format=table")
    assert code == 0
    header, first, second = out.splitlines()
    assert header.split() == ["data", "model", "seed", "score", "seconds", "state", "time", "folder"]
    assert first.split()[:2] == ["b", "gru-onehot"]
    assert "AUROC " in first
    assert second.strip().startswith("gru-onehot")


def test_no_runs_and_no_folder_are_said(run, tmp_path):
    code, out, err = run("runs")
    assert (code, out) == (5, "")
    assert "runs: no such folder" in err
    (tmp_path / "empty").mkdir()
    assert run("runs", "empty") == (0, "", "no run is in empty\n")


def test_an_unknown_format_is_refused(run):
    code, _, err = run("runs", "format=csv")
    assert code == 2
    assert "format must be one of auto, table, tsv" in err
