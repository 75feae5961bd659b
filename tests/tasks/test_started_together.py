"""One training on several processes: started by the command itself, by torchrun on two nodes, by srun."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score
from started_processes import finished, free_port, of_srun

from dnaseq.bundle.predictor import Predictor
from dnaseq.errors import TERMINATED
from dnaseq.tasks.entry import run_task

LEARNING = (
    "recipe=none",
    "model=gru",
    "model.encoder.hidden=8",
    "batch_size=16",
    "optimizer.lr=0.02",
    "calibration=none",
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
def spawned(data, tmp_path_factory):
    """The folders of two jobs of one command that starts two processes for each, by seed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("spawned"))
        arguments = ["-m", "seed=1,2", *LEARNING, *data, "trainer=ddp_cpu", "max_epochs=1"]
        assert run_task("train", arguments) == 0
        folders = [path.parent.resolve() for path in Path("runs/fasta/gru-onehot").glob("*/scores.json")]
    return {json.loads((folder / "scores.json").read_text())["seed"]: folder for folder in folders}


def history_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "history.csv").open(newline="") as handle:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(handle)]


def test_each_job_of_several_has_one_folder_and_its_processes_end_with_it(spawned):
    assert sorted(spawned) == [1, 2]
    assert not torch.multiprocessing.active_children()
    assert all(not (folder / "INCOMPLETE").exists() for folder in spawned.values())


def test_what_processes_watch_together_is_that_of_all_validation_records(spawned, data):
    (row,) = history_of(spawned[1])
    path = next(one.removeprefix("data.val=") for one in data if one.startswith("data.val="))
    found = Predictor.load(spawned[1] / "bundle", device="cpu").predict(path)
    headers = [line for line in Path(path).read_text().splitlines() if line[0] == ">"]
    truth = np.array([header.endswith("rich") for header in headers]).astype(int)
    p = np.array([[answer.probabilities[name] for name in ("poor", "rich")] for answer in found])
    assert float(row["val/loss"]) == pytest.approx(-np.log(p[np.arange(33), truth]).mean(), rel=1e-5)
    assert float(row["val/accuracy"]) == pytest.approx((p.argmax(1) == truth).mean(), rel=1e-5)
    assert float(row["val/auroc"]) == pytest.approx(roc_auc_score(truth, p[:, 1]), rel=1e-5)


def test_torchrun_on_two_nodes_trains_the_same_model_into_one_folder(spawned, data, tmp_path):
    torchrun = [sys.executable, *["-m", "torch.distributed.run", "--nnodes=2", "--nproc-per-node=1"]]
    torchrun += ["--master-addr=127.0.0.1", f"--master-port={free_port()}"]
    command = ["-m", "dnaseq", "train", *LEARNING, *data, "trainer=ddp_cpu", "max_epochs=1"]
    nodes = [[*torchrun, f"--node-rank={node}", *command] for node in (0, 1)]
    (code, out, err), other = finished(nodes, [os.environ | {"OMP_NUM_THREADS": "1"}] * 2, tmp_path)
    assert code == 0, err
    assert "report" in out
    assert other[:2] == (0, "")
    (folder,) = (tmp_path / "runs" / "fasta" / "gru-onehot").iterdir()
    assert history_of(folder) == history_of(spawned[1])
    scores, expected = (json.loads((one / "scores.json").read_text()) for one in (folder, spawned[1]))
    assert scores["metrics"] == expected["metrics"]
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {"fasta", "latest"}


def test_mistakes_of_jobs_that_srun_has_started_are_said_once_and_no_process_waits(data, tmp_path):
    wrong = ["-m", "trainer.precision=8,auto", "optimizer.lr=1e30", "trainer.clip=null", "max_epochs=1"]
    command = [sys.executable, "-m", "dnaseq", "train", "trainer=slurm", *LEARNING, *data, *wrong]
    (code, _, err), other = finished([command] * 2, of_srun(2, 2), tmp_path)
    assert code == 7, err
    assert err.count("trainer.precision must be") == 1
    assert err.count("training diverged in epoch 0") == 1
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
    command = [sys.executable, "-m", "dnaseq", "train", *LEARNING, *data, "trainer=ddp_cpu", "run_dir=run"]
    command += ["batch_size=1", "max_epochs=10000", "patience=10000"]
    with (tmp_path / "said").open("w") as said:
        process = subprocess.Popen(command, cwd=tmp_path, stderr=said, start_new_session=True)
    try:
        while not (tmp_path / "run" / "history.csv").exists() and process.poll() is None:
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait() == TERMINATED, (tmp_path / "said").read_text()
        while running(process.pid):  # those of multiprocessing end when they notice
            time.sleep(0.1)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
