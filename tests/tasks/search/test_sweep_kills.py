"""Processes of a sweep are killed, and nothing is lost, done twice or left running."""

import csv
import multiprocessing
import os
import random
import signal
import threading
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from started_processes import dnaseq, started

from dnaseq.distributed.processes import Place
from dnaseq.io.results.run_files import read_columns, read_object
from dnaseq.tasks.search import workers

SMALL = "++sweep.space={model.encoder.hidden:{int:[2,8]},model.encoder.layers:{int:[1,2]}}"
SETTINGS = ("recipe=none", "model=gru", "trainer=cpu", SMALL, "batch_size=16", "sweep.seeds=[1]")
PATIENCE = 300  # seconds, on a busy machine


def settings(easy_fasta: Path, trials: int, epochs: int) -> tuple[str, ...]:
    data = ("data=fasta", f"data.train={easy_fasta}/train.fa", f"data.test={easy_fasta}/test.fa")
    return (*SETTINGS, *data, f"max_epochs={epochs}", f"sweep.trials={trials}", "run_dir=sweep")


def begun(folder: Path, *arguments: str) -> BaseProcess:
    with (folder / "err.txt").open("a") as log:
        return started(dnaseq("sweep", *arguments), folder, log, log)


def wait_for(what, process: BaseProcess | None = None) -> None:
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end
        assert process is None or process.is_alive(), process.exitcode
        time.sleep(0.02)


def children_of(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in text.split()]


def is_worker(pid: int) -> bool:
    """Not the resource tracker of multiprocessing."""
    try:
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def lives(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def check_whole(folder: Path, trials: int) -> None:
    """Every trial is there once and has ended, every epoch of it was counted once, and every run is complete."""
    table = read_columns(folder / "trials.tsv")
    assert table["number"] == [str(number) for number in range(trials)]
    assert set(table["state"]) <= {"complete", "pruned"}
    assert len(set(table["optimizer.lr"])) == trials
    for number, epochs in zip(table["number"], table["epochs"], strict=True):
        with (folder / f"storage/trials/{int(number):04d}/history.csv").open() as handle:
            assert [row["epoch"] for row in csv.DictReader(handle)] == [
                str(e + 1) for e in range(int(epochs))
            ]
    finals = read_object(folder / "sweep.json")["finals"]
    assert finals
    assert all(final["failed"] is None for final in finals)
    assert not (folder / "INCOMPLETE").exists()


def test_a_driver_that_was_killed_is_gone_on_with_by_the_same_command(run, easy_fasta, tmp_path):
    arguments = settings(easy_fasta, trials=2, epochs=2)
    process = begun(tmp_path, *arguments)
    try:
        wait_for((tmp_path / "sweep/storage/trials/0001").exists, process)
    finally:
        process.kill()
        process.join()
    code, _, err = run("sweep", *arguments)
    assert code == 0, err
    check_whole(tmp_path / "sweep", 2)


@pytest.mark.slow
def test_a_worker_that_was_killed_is_replaced_and_its_trial_gone_on_with(
    run, easy_fasta, tmp_path, monkeypatch
):
    """One worker, which is killed in its second trial by another thread."""
    together = workers.work_together
    monkeypatch.setattr(
        "dnaseq.tasks.commands.sweep.work", lambda plan, _: together(plan, [Place("cpu", None, 1)])
    )
    killed = []

    def kill() -> None:
        wait_for((tmp_path / "sweep/storage/trials/0001").exists)
        (child,) = multiprocessing.active_children()
        killed.append(child.pid)
        os.kill(child.pid, signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    code, _, err = run("sweep", *settings(easy_fasta, trials=3, epochs=2))
    thread.join()
    assert code == 0, err
    assert killed
    assert "a process was killed (signal 9)" in err
    check_whole(tmp_path / "sweep", 3)


def test_a_sweep_that_is_stopped_leaves_no_process(run, easy_fasta, tmp_path, quick_processes):
    """Two workers on equal places, each in a trial that would take long."""

    def stop() -> None:
        wait_for((tmp_path / "sweep/storage/trials/0001").exists)
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=stop)
    thread.start()
    with pytest.raises(SystemExit) as stopped:
        run("sweep", *settings(easy_fasta, trials=4, epochs=300), "patience=300", "sweep.workers=2")
    thread.join()
    assert stopped.value.code == 143
    assert multiprocessing.active_children() == []


@pytest.mark.slow
def test_drivers_and_workers_killed_at_random_lose_nothing(easy_fasta, tmp_path):
    """24 kills, of either of two drivers that share a folder and of their workers, each after some training."""
    dice = random.Random(1)
    arguments = (*settings(easy_fasta, trials=16, epochs=15), "sweep.pruner=none", "patience=15")
    drivers: list[BaseProcess] = []
    orphans: set[int] = set()

    def trained() -> int:
        return sum(path.stat().st_size for path in tmp_path.glob("sweep/**/history.csv"))

    try:
        for _ in range(24):
            drivers = [driver for driver in drivers if driver.is_alive()]
            while len(drivers) < 2:
                drivers.append(begun(tmp_path, *arguments, f"sweep.workers={1 + len(drivers)}"))
            before = trained()
            wait_for(lambda before=before: trained() > before)
            time.sleep(dice.uniform(0, 2))
            own = [child for driver in drivers for child in children_of(driver.pid) if is_worker(child)]
            victim = dice.choice([*(driver.pid for driver in drivers), *own])
            orphans |= set(filter(is_worker, children_of(victim)))
            os.kill(victim, signal.SIGKILL)
        for driver in drivers:
            driver.join(PATIENCE)
        drivers.append(begun(tmp_path, *arguments))
        drivers[-1].join(PATIENCE)
        assert drivers[-1].exitcode == 0, (tmp_path / "err.txt").read_text()[-2000:]
    finally:
        for driver in drivers:
            driver.kill()
            driver.join()
    check_whole(tmp_path / "sweep", 16)
    wait_for(lambda: not any(map(lives, orphans)))
