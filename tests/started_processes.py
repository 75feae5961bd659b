"""Programs that run side by side with a test, as a shell, torchrun or srun starts them.

They are forked from a process that has imported dnaseq already, since importing takes longer than what most of them
do. Each has a session, a folder, an environment, stdout and stderr of its own.
"""

import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from functools import partial
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import DupFd
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from dnaseq import cli

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(
    ["dnaseq.tasks.commands.train", "dnaseq.tasks.commands.sweep", "dnaseq.tasks.commands.predict", "pytest"]
)


def dnaseq(*arguments: str) -> Callable[[], None]:
    """The program `dnaseq` with these arguments."""
    return partial(_dnaseq, arguments)


def started(
    program: Callable[[], None], cwd: Path, out: IO, err: IO, environment: Mapping[str, str] = os.environ
) -> BaseProcess:
    """A process that runs a program, which is a function of a module, and writes to these files."""
    files = DupFd(out.fileno()), DupFd(err.fileno())
    process = SERVER.Process(target=_run, args=(program, cwd, dict(environment), *files))
    process.start()
    return process


def finished(
    programs: list[Callable[[], None]], environments: list[dict[str, str]], cwd: Path, seconds: float = 900
) -> list[tuple[int, str, str]]:
    """(exit code, stdout, stderr) of programs that run side by side; nothing of them is left."""
    with ExitStack() as stack:
        said = [[stack.enter_context(TemporaryFile("w+")) for _ in range(2)] for _ in programs]
        processes = []
        try:
            for program, environment, files in zip(programs, environments, said, strict=True):
                processes.append(started(program, cwd, *files, environment))
            for process in processes:
                process.join(seconds)
        finally:
            for process in processes:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        return [
            (process.exitcode, *map(_text, files)) for process, files in zip(processes, said, strict=True)
        ]


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


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def _text(file: IO) -> str:
    file.seek(0)
    return file.read()


def _dnaseq(arguments: tuple[str, ...]) -> None:
    sys.argv = ["dnaseq", *arguments]
    cli.main()


def _run(program: Callable[[], None], cwd: Path, environment: dict[str, str], out: DupFd, err: DupFd) -> None:
    os.setsid()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    os.dup2(out.detach(), 1)
    os.dup2(err.detach(), 2)
    # a suite that runs in the background ignores Ctrl-C, and its children would inherit that
    signal.signal(signal.SIGINT, signal.default_int_handler)
    program()
