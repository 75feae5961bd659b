"""A network that has learnt nothing is trained once more, from other weights."""

import csv
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from interruption import interrupted

from dnaseq.prediction_task import CLASSIFICATION
from dnaseq.tasks.pipeline.second_start import FIRST_START, is_second, learnt_nothing, second_seed
from dnaseq.training.losses import CrossEntropy

SMALL = ("model=gru", "model.encoder.hidden=8", "recipe=none", "trainer=cpu", "max_epochs=2", "explain=none")
TWICE = "second_start=true"


@pytest.fixture(autouse=True)
def _without_pages(without_pages):
    """None of these tests looks at a report."""


@pytest.fixture
def train(run, easy_fasta):
    data = ("data=fasta", f"data.train={easy_fasta}/train.fa", f"data.test={easy_fasta}/test.fa")
    return partial(run, "train", *SMALL, *data)


@pytest.fixture
def deaf(monkeypatch):
    """No network is said to have learnt anything."""
    monkeypatch.setattr("dnaseq.tasks.pipeline.second_start.NOTHING", 0.0)


def weights(folder) -> bytes:
    return (folder / "bundle" / "model.safetensors").read_bytes()


def test_a_deaf_network_has_a_second_start_from_other_weights(train, deaf, tmp_path):
    code, _, err = train(TWICE, "run_dir=twice")
    assert code == 0, err
    assert err.count("has learnt nothing") == 1
    assert train("run_dir=once")[0] == 0
    histories = []
    for place in (tmp_path / "twice" / FIRST_START, tmp_path / "twice", tmp_path / "once"):
        with (place / "history.csv").open(newline="") as file:
            histories.append([row["val/loss"] for row in csv.DictReader(file)])
    assert [len(history) for history in histories] == [2, 2, 2]
    assert histories[0] == histories[2] != histories[1]
    assert weights(tmp_path / "twice") != weights(tmp_path / "once")


@pytest.mark.parametrize(("losses", "answer"), [((0.70, 0.688, 0.9), True), ((0.70, 0.68, 0.9), False)])
def test_nothing_is_learnt_where_no_loss_is_below_that_of_the_class_frequencies(tmp_path, losses, answer):
    rows = "".join(f"{epoch},{loss}\n" for epoch, loss in enumerate(losses, start=1))
    (tmp_path / "history.csv").write_text(f"epoch,val/loss\n{rows}")
    data = SimpleNamespace(
        targets=SimpleNamespace(prediction=CLASSIFICATION),
        class_counts=lambda part: np.array([30, 30]),
        rows=lambda part: np.arange(4),
        y=np.array([0, 1, 1, 0]),
    )
    lit = SimpleNamespace(loss=CrossEntropy(np.array([30, 30])))
    assert learnt_nothing(tmp_path, lit, SimpleNamespace(data=data)) == answer


def test_a_network_that_learns_has_one_start(train, tmp_path):
    code, _, err = train("second_start=true", "optimizer.lr=0.05", "batch_size=8", "run_dir=once")
    assert code == 0, err
    assert "has learnt nothing" not in err
    assert not (tmp_path / "once" / FIRST_START).exists()


def test_a_second_start_that_is_stopped_resumes_to_the_same_weights(train, run, deaf, tmp_path):
    assert train(TWICE, "run_dir=whole")[0] == 0
    with interrupted(lambda *_: (tmp_path / "halved" / FIRST_START).exists()):
        assert train(TWICE, "run_dir=halved")[0] == 130
    code, _, err = run("train", "resume=halved")
    assert code == 0, err
    assert "has learnt nothing" not in err
    assert weights(tmp_path / "halved") == weights(tmp_path / "whole")


def test_each_member_of_an_ensemble_has_its_own_second_start(train, deaf, tmp_path):
    code, _, err = train(TWICE, "ensemble=2", "run_dir=both")
    assert code == 0, err
    assert err.count("has learnt nothing") == 2
    assert all((tmp_path / "both" / "members" / name / FIRST_START).is_dir() for name in ("01", "02"))


def test_a_move_that_was_stopped_is_finished(tmp_path):
    partial_folder = tmp_path / f"{FIRST_START}.partial"
    (partial_folder / "checkpoints").mkdir(parents=True)
    (partial_folder / "checkpoints" / "best.ckpt").touch()
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "last.ckpt").touch()
    (tmp_path / "checkpoints" / "plan.json").touch()  # of both starts
    (tmp_path / "history.csv").write_text("epoch\n")
    assert is_second(tmp_path)
    moved = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert moved == {
        "first_start/checkpoints/best.ckpt",
        "first_start/checkpoints/last.ckpt",
        "first_start/history.csv",
        "checkpoints/plan.json",
    }


def test_neighbouring_seeds_share_no_second_start():
    assert len({second_seed(seed) for seed in range(50)} | set(range(50))) == 100


def test_a_run_with_two_starts_and_an_explanation_can_be_replaced(train, deaf, tmp_path):
    assert train(TWICE, "run_dir=again")[0] == 0
    (tmp_path / "again" / "explanation").mkdir()
    code, _, err = train("run_dir=again", "overwrite=true")
    assert code == 0, err
    assert not (tmp_path / "again" / FIRST_START).exists()
