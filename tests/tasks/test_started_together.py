"""One training on several processes: started by the command itself, by torchrun on two nodes, by srun."""

import csv
import io
import json
import os
import re
import signal
import time
from collections.abc import Callable
from contextlib import redirect_stderr, suppress
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score
from started_processes import dnaseq, finished, free_port, of_srun, started
from torch.distributed.launcher.api import elastic_launch
from torch.distributed.run import config_from_args, parse_args

from dnaseq.bundle.predictor import Predictor
from dnaseq.errors import TERMINATED
from dnaseq.tasks.main import run_task

LEARNING = (
    *("recipe=none", "model=gru", "model.encoder.hidden=8", "batch_size=16", "optimizer.lr=0.02"),
    *("calibration=none", "trainer.clip=null"),
)


@pytest.fixture(scope="module")
def data(easy_fasta, tmp_path_factory, random_sequence):
    """33 validation records, of which two processes score 17 in two batches and 16 in one."""
    folder = tmp_path_factory.mktemp("validation")
    letters = [("rich", "ACGGCCT") if i % 3 else ("poor", "AATTCGG") for i in range(33)]
    records = [
        f">v{i} label={label}\n{random_sequence(40, 5000 + i, of)}\n" for i, (label, of) in enumerate(letters)
    ]
    (folder / "val.fa").write_text("".join(records))
    files = {"train": easy_fasta / "train.fa", "val": folder / "val.fa", "test": easy_fasta / "test.fa"}
    return ["data=fasta", *(f"data.{part}={path}" for part, path in files.items())]


@pytest.fixture(scope="module")
def jobs(data, tmp_path_factory, quick_processes):
    """(folder of work, exit code, stderr) of a command of two jobs, each of which starts two processes. The second
    job diverges."""
    folder, err = tmp_path_factory.mktemp("spawned"), io.StringIO()
    arguments = ["-m", *LEARNING, "optimizer.lr=0.02,1e30", *data, "trainer=ddp_cpu", "max_epochs=1"]
    with pytest.MonkeyPatch.context() as patch, redirect_stderr(err):
        patch.chdir(folder)
        code = run_task("train", arguments)
    return folder, code, err.getvalue()


@pytest.fixture(scope="module")
def spawned(jobs):
    """The run folder of the first job."""
    (scores,) = jobs[0].glob("runs/fasta/gru-onehot/*/scores.json")
    return scores.parent


def history_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "history.csv").open(newline="") as handle:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(handle)]


def test_each_job_of_several_has_one_folder_and_its_processes_end_with_it(jobs, spawned):
    assert not torch.multiprocessing.active_children()
    assert sorted(path.name for path in (jobs[0] / "runs").iterdir()) == ["fasta", "latest", "multirun"]
    folders = {path.name for path in spawned.parent.iterdir() if path.is_dir()}
    assert len(folders) == 2
    assert not (spawned / "INCOMPLETE").exists()
    assert {path.parent.name for path in spawned.parent.glob("*/INCOMPLETE")} == folders - {spawned.name}


def test_divergence_in_two_processes_is_the_error_of_one(jobs):
    _, code, err = jobs
    assert code == 7
    assert re.search(r"dnaseq train: training diverged in epoch 1, step \d: .* \(records r", err)


def test_scores_of_two_processes_are_those_of_one(run, spawned, data):
    code, _, err = run("evaluate", f"bundle={spawned}/bundle", *data, "device=cpu", "run_dir=one")
    assert code == 0, err
    together, alone = (json.loads((one / "scores.json").read_text()) for one in (spawned, Path("one")))
    assert together["metrics"] == alone["metrics"]
    assert together["n"] == 32


def test_what_processes_watch_together_is_that_of_all_validation_records(spawned, data):
    (row,) = history_of(spawned)
    path = next(one.removeprefix("data.val=") for one in data if one.startswith("data.val="))
    found = Predictor.load(spawned / "bundle", device="cpu").predict(path)
    headers = [line for line in Path(path).read_text().splitlines() if line[0] == ">"]
    truth = np.array([header.endswith("rich") for header in headers]).astype(int)
    p = np.array([[answer.probabilities[name] for name in ("poor", "rich")] for answer in found])
    assert float(row["val/loss"]) == pytest.approx(-np.log(p[np.arange(33), truth]).mean(), rel=1e-5)
    assert float(row["val/accuracy"]) == pytest.approx((p.argmax(1) == truth).mean(), rel=1e-5)
    assert float(row["val/auroc"]) == pytest.approx(roc_auc_score(truth, p[:, 1]), rel=1e-5)


def torchrun(node: int, port: str, log: Path, program: Callable[[], None]) -> None:
    """What torchrun does on one of two nodes, but that its process does not start Python anew."""
    place = ["--nnodes=2", "--nproc-per-node=1", f"--node-rank={node}"]
    place += ["--master-addr=127.0.0.1", f"--master-port={port}"]
    config, _, _ = config_from_args(parse_args([*place, "--redirects=3", f"--log-dir={log}", "program"]))
    config.start_method = "fork"
    elastic_launch(config, called)(program)


def called(program: Callable[[], None]) -> None:
    program()


def test_torchrun_on_two_nodes_trains_the_same_model_into_one_folder(
    spawned, data, tmp_path, tmp_path_factory
):
    train = dnaseq("train", *LEARNING, *data, "trainer=ddp_cpu", "max_epochs=1")
    port, logs = free_port(), [tmp_path_factory.mktemp("node") for _ in range(2)]
    nodes = [partial(torchrun, node, port, log, train) for node, log in enumerate(logs)]
    ended = finished(nodes, [dict(os.environ)] * 2, tmp_path)
    assert [code for code, *_ in ended] == [0, 0], ended
    first, other = ("".join(path.read_text() for path in log.rglob("std???.log")) for log in logs)
    assert "report" in first
    assert other == ""
    (folder,) = (tmp_path / "runs" / "fasta" / "gru-onehot").iterdir()
    assert history_of(folder) == history_of(spawned)
    scores, expected = (json.loads((one / "scores.json").read_text()) for one in (folder, spawned))
    assert scores["metrics"] == expected["metrics"]
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {"fasta", "latest"}


def test_mistakes_of_jobs_that_srun_has_started_are_said_once_and_no_process_waits(data, tmp_path):
    wrong = ["-m", "trainer.precision=8,auto", "optimizer.lr=1e30", "max_epochs=1"]
    train = dnaseq("train", "trainer=slurm", *LEARNING, *data, *wrong)
    (code, _, err), other = finished([train] * 2, of_srun(2, 2), tmp_path)
    assert code == 7, err
    assert err.count("trainer.precision must be") == 1
    assert err.count("training diverged in epoch 1") == 1
    assert other == (0, "", "")


def test_without_srun_its_trainer_is_refused(run, data, monkeypatch):
    for name in ("SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID"):
        monkeypatch.delenv(name, raising=False)
    code, _, err = run("train", "trainer=slurm", *data)
    assert code == 2
    assert "trainer=slurm is for a job of SLURM: srun dnaseq train" in err


def running(group: int) -> list[str]:
    """Processes of a group that have not ended."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended since
            state, _, of_group, *_ = path.read_text().rpartition(")")[2].split()
            found += [path.parent.name] * (int(of_group) == group and state != "Z")
    return found


def test_a_stopped_training_leaves_none_of_its_processes(data, tmp_path):
    endless = ("batch_size=1", "max_epochs=10000", "patience=10000")
    train = dnaseq("train", *LEARNING, *data, "trainer=ddp_cpu", "run_dir=run", *endless)
    with (tmp_path / "said").open("w") as said:
        process = started(train, tmp_path, said, said)
    try:
        while not (tmp_path / "run" / "history.csv").exists() and process.is_alive():
            time.sleep(0.1)
        process.terminate()
        process.join()
        assert process.exitcode == TERMINATED, (tmp_path / "said").read_text()
        while running(process.pid):  # those of multiprocessing end when they notice
            time.sleep(0.1)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
