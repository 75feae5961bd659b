"""Programs that run side by side, as torchrun or srun starts them."""

import os
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def of_srun(size: int, per_node: int) -> list[dict[str, str]]:
    """The environment of each of `size` processes that srun starts."""
    common = {"SLURM_NTASKS": str(size), "SLURM_NTASKS_PER_NODE": str(per_node), "SLURM_JOB_ID": "1"}
    common |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": free_port(), "SLURM_NNODES": str(size // per_node)}
    return [
        os.environ
        | common
        | {
            "SLURM_PROCID": str(rank),
            "SLURM_LOCALID": str(rank % per_node),
            "SLURM_NODEID": str(rank // per_node),
        }
        for rank in range(size)
    ]


def finished(
    commands: list[list[str]], environments: list[dict[str, str]], cwd: Path, seconds: float = 900
) -> list[tuple[int, str, str]]:
    """(exit code, stdout, stderr) of programs that run side by side; nothing of them is left."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    started = [
        subprocess.Popen(command, env=environment, cwd=cwd, start_new_session=True, **pipes)
        for command, environment in zip(commands, environments, strict=True)
    ]
    try:
        ended = [process.communicate(timeout=seconds) for process in started]
    finally:
        for process in started:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    return [(process.returncode, *said) for process, said in zip(started, ended, strict=True)]
