"""Planted records, from the command line to a run folder and back."""

import json
import shutil
from pathlib import Path

from interruption import interrupted

SMALL = ("model=gru", "model.encoder.hidden=4", "trainer=cpu", "max_epochs=2")
DATA = ("data=planted", "planted.n=60", "planted.length=50", "cache_dir=cache")


def folder_of(cache: Path) -> Path:
    (folder,) = (cache / "planted").iterdir()
    return folder


def test_a_network_trains_on_planted_records_and_is_evaluated_on_others(run, tmp_path):
    code, _, err = run("train", *SMALL, *DATA, "run_dir=run")
    assert code == 0, err
    assert f"truth.tsv: {folder_of(tmp_path / 'cache').relative_to(tmp_path)}" in err
    scores = json.loads((tmp_path / "run" / "scores.json").read_text())
    assert scores["data"] == "planted"
    assert scores["classes"] == ["scrambled", "ordered"]
    assert scores["n"] == 12
    code, _, err = run("evaluate", "bundle=run/bundle", *DATA, "planted.seed=2", "run_dir=more")
    assert code == 0, err
    assert json.loads((tmp_path / "more" / "scores.json").read_text())["n"] == 12


def test_an_audit_of_planted_records_finds_no_leak(run, tmp_path):
    code, _, err = run("audit", *DATA, "run_dir=audit", "fail_on=warning")
    assert code == 0, err
    leaks = json.loads((tmp_path / "audit" / "audit.json").read_text())["leaks"]
    assert leaks["dropped"] == {"train": 0, "val": 0, "of_train": 48}


def test_a_resumed_training_makes_the_records_again_where_they_are_gone(run, tmp_path):
    with interrupted():
        assert run("train", *SMALL, *DATA, "run_dir=run")[0] == 130
    shutil.rmtree(tmp_path / "cache")
    code, _, err = run("train", "resume=run")
    assert code == 0, err
    assert (folder_of(tmp_path / "cache") / "truth.tsv").is_file()


def test_planted_records_that_cannot_be_made_are_one_line(run, tmp_path):
    code, _, err = run("train", *DATA, "planted.n=5", "run_dir=run")
    assert code == 2
    assert err == "dnaseq train: planted.n must be 20 records or more; got 5\n"
    code, _, err = run("train", "planted.n=50", "run_dir=run")
    assert code == 2
    assert "planted.n" in err
    assert not (tmp_path / "run").exists()
