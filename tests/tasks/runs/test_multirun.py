"""Several trainings by one command end with one table."""

import json
from pathlib import Path

import pytest

from dnaseq.tasks.runs.jobs import Job
from dnaseq.tasks.runs.multirun import name_of

QUICK = ("recipe=none", "trainer=cpu", "batch_size=16", "max_epochs=1", "model.encoder.hidden=4", "model=gru")


@pytest.fixture(autouse=True)
def _without_pages(without_pages):
    """None of these tests looks at a report."""


@pytest.fixture
def data(easy_fasta):
    return ("data=fasta", f"data.train={easy_fasta}/train.fa", f"data.test={easy_fasta}/test.fa")


def compared(folder: Path) -> dict:
    (path,) = folder.glob("runs/multirun/*/comparison/comparison.json")
    return json.loads(path.read_text())


def test_a_job_that_failed_has_its_row_and_the_others_their_costs(run, data, tmp_path):
    code, out, err = run(
        "train", "-m", *QUICK, *data, "seed=1,2", "optimizer.lr=0.01,1e30", "trainer.clip=null"
    )
    assert code == 7
    lines = out.splitlines()
    assert lines[0].split() == ["accuracy", "AUROC", "AUPRC", "MCC", "parameters", "seconds"]
    assert lines[1].startswith("gru-onehot ")
    assert lines[2].split()[:2] == ["2", "seeds"]
    failed = [line for line in lines if "failed: training diverged" in line]
    assert [line.split("  ")[0] for line in failed] == [
        "gru-onehot optimizer.lr=1e+30, seed 1",
        "gru-onehot optimizer.lr=1e+30, seed 2",
    ]
    told = compared(tmp_path)
    assert [one["seed"] for one in told["failed"]] == [1, 2]
    assert told["models"][0]["parameters"] == told["models"][0]["parameters"] > 0
    assert sum("test records" in line for line in lines) == 0  # one table, not one a job
    assert "report: runs/fasta/gru-onehot/" in err


def test_where_all_failed_each_has_said_why_and_there_is_no_table(run, data):
    code, out, err = run("train", "-m", *QUICK, *data, "model.head.dropout=7,8")
    assert code == 2
    assert out == ""
    assert len(err.splitlines()) == 2


def test_one_that_is_left_of_several_is_told_alone(run, data, tmp_path):
    code, out, _ = run("train", "-m", *QUICK, *data, "model.head.dropout=0,7")
    assert code == 7
    assert [model["name"] for model in compared(tmp_path)["models"]] == ["gru-onehot"]
    assert "gru-onehot model.head.dropout=7, seed 1  failed: model.head.dropout must be" in out


def test_a_run_that_left_records_out_is_one_of_the_table(run, easy_fasta, tmp_path):
    bad = (easy_fasta / "train.fa").read_text() + ">bad label=rich\nACXT\n"
    (tmp_path / "train.fa").write_text(bad)
    files = ("data=fasta", "data.train=train.fa", f"data.test={easy_fasta}/test.fa", "bad_records=keep")
    code, _, err = run("train", "-m", *QUICK, *files, "seed=1,2")
    assert code == 7
    assert err.count("1 of train: records could not be used and were left out") == 2
    assert len(compared(tmp_path)["runs"]) == 2


def test_runs_that_no_test_compares_have_a_table_too(run, tmp_path, random_sequence):
    for name, count in (("train", 60), ("test", 30)):
        lines = [f">{name}{i} label={i % 7}.5\n{random_sequence(30, i + 999)}\n" for i in range(count)]
        (tmp_path / f"{name}.fa").write_text("".join(lines))
    files = ("data=fasta", "data.train=train.fa", "data.test=test.fa", "leaks=keep")
    code, out, err = run(
        "train", "-m", "task=regression", *QUICK, *files, "seed=1,2", "model.head.dropout=0,7"
    )
    assert code == 7
    assert "note: these runs are not compared" in err
    header, row, *failed = out.splitlines()
    assert "Pearson's r" in header
    assert row.startswith("gru-onehot model.head.dropout=0 ")
    assert len(failed) == 2


def test_a_job_is_called_by_what_differs():
    jobs = [
        Job("gru-onehot", ["model=gru", "seed=1", "batch_size=9", "optimizer.lr=0.1"], 1, None),
        Job("cnn-onehot", ["model=cnn", "seed=1", "batch_size=9", "optimizer.lr=0.2"], 1, None),
    ]
    assert [name_of(job, jobs) for job in jobs] == [
        "gru-onehot optimizer.lr=0.1",
        "cnn-onehot optimizer.lr=0.2",
    ]
