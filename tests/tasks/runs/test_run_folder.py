"""Run folders: claimed, held, replaced only when they are runs, and never with something else in them."""

import fcntl
import os
from functools import partial
from pathlib import Path

import pytest
from started_processes import finished

from dnaseq.errors import DivergedError, FileAccessError
from dnaseq.tasks.runs.run_folder import chosen_folder, resumable, run_folder

QUICK = ("recipe=none", "model=cnn", "trainer=debug", "max_epochs=1", "run_dir=x", "overwrite=true")


@pytest.fixture(autouse=True)
def _without_pages(without_pages):
    """None of these tests looks at a report."""


@pytest.fixture
def data(easy_fasta):
    return ("data=fasta", f"data.train={easy_fasta}/train.fa", f"data.test={easy_fasta}/test.fa")


def test_two_runs_of_one_second_have_two_folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with (
        chosen_folder(None, "d", "m", overwrite=False) as a,
        chosen_folder(None, "d", "m", overwrite=False) as b,
    ):
        assert a != b


def test_a_claimed_name_that_was_not_used_is_taken_away(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with chosen_folder(None, "d", "m", overwrite=False):
        assert (tmp_path / "runs" / "d" / "m").is_dir()
    assert list(tmp_path.iterdir()) == []


def claim(folder: Path) -> None:
    with run_folder(folder):
        pass


def test_a_folder_that_another_process_writes_is_left_alone(tmp_path):
    with run_folder(tmp_path / "run") as folder:
        ((code, _, err),) = finished([partial(claim, folder)], [dict(os.environ)], tmp_path)
    assert code == 1
    assert "another process is writing this run" in err


def test_the_lock_is_let_go(tmp_path):
    with pytest.raises(ZeroDivisionError), run_folder(tmp_path / "run"):
        raise ZeroDivisionError
    with (tmp_path / "run" / "INCOMPLETE").open("a") as mark:
        assert fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB) is None


def test_the_mark_says_what_went_wrong(tmp_path):
    with pytest.raises(FileAccessError, match="disk full"), run_folder(tmp_path / "run"):
        raise FileAccessError("disk full")
    assert "FileAccessError: disk full" in (tmp_path / "run" / "INCOMPLETE").read_text()


def test_an_older_run_goes_when_the_new_one_is_complete(run, data, tmp_path):
    assert run("train", *QUICK, *data)[0] == 0
    first = (tmp_path / "x" / "scores.json").stat().st_ino
    assert run("train", *QUICK, *data)[0] == 0
    assert (tmp_path / "x" / "scores.json").stat().st_ino != first
    assert [p.name for p in tmp_path.iterdir()] == ["x"]


def test_an_older_run_stays_when_the_new_one_fails(run, data, tmp_path):
    assert run("train", *QUICK, *data)[0] == 0
    scores = (tmp_path / "x" / "scores.json").read_text()
    broken = ("optimizer=sgd", "optimizer.lr=1e38", "trainer.clip=null", "batch_size=16", "model=rnn")
    assert run("train", *QUICK, *data, *broken)[0] == 6
    assert (tmp_path / "x.previous" / "scores.json").read_text() == scores


def test_a_folder_with_anything_else_in_it_is_not_replaced(run, data, tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "config.yaml").write_text("mine: true")
    (tmp_path / "x" / "thesis.txt").write_text("precious")
    code, _, err = run("train", *QUICK, *data)
    assert code == 2
    assert "it holds thesis.txt" in err
    assert (tmp_path / "x" / "thesis.txt").exists()


def test_a_folder_of_known_names_that_is_no_run_is_not_replaced(run, data, tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "log.txt").write_text("mine")
    assert run("train", *QUICK, *data)[0] == 2
    assert (tmp_path / "x" / "log.txt").read_text() == "mine"


def test_the_bundle_that_is_judged_is_not_replaced(run, data, tmp_path):
    assert run("train", *QUICK, *data)[0] == 0
    code, _, err = run("evaluate", "bundle=x/bundle", *data, "run_dir=x", "overwrite=true")
    assert code == 2
    assert "is in x, which would be replaced" in err
    assert (tmp_path / "x" / "bundle" / "spec.json").exists()


def test_a_link_to_a_run_is_followed(run, data, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "x").symlink_to("real")
    for _ in range(2):
        assert run("train", *QUICK, *data)[0] == 0
    assert (tmp_path / "x").is_symlink()
    assert (tmp_path / "real" / "scores.json").exists()


def test_several_jobs_may_not_share_a_folder(run, data):
    code, _, err = run("train", "-m", "seed=1,2", *QUICK, *data)
    assert code == 2
    assert "run_dir is one folder for several runs" in err


@pytest.mark.parametrize(
    ("error", "told"),
    [(KeyboardInterrupt, True), (SystemError, True), (OSError, True), (DivergedError, False)],
)
def test_what_was_stopped_says_how_to_go_on(error, told, tmp_path, caplog):
    (tmp_path / "config.yaml").touch()
    with pytest.raises(error), resumable("train", tmp_path):
        raise error("stop")
    assert (f"resume with: dnaseq train resume={tmp_path}" in caplog.text) is told
