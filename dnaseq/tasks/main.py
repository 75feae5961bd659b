"""From a task's name and its arguments to an exit code: composes the configuration, runs, words what failed."""

import logging
import os
import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NoReturn

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from dnaseq.errors import (
    INTERRUPTED,
    TERMINATED,
    ConfigError,
    DnaseqError,
    FileAccessError,
    RejectedError,
    one_line,
)
from dnaseq.io.os_errors import access
from dnaseq.tasks.config.composition import defaults_of, hydra_of, known_keys, run_with_hydra
from dnaseq.tasks.config.error_messages import FAILURES, for_the_user
from dnaseq.tasks.config.logging_setup import talk_on_stderr
from dnaseq.tasks.config.overrides import expanded, explained, prepared
from dnaseq.tasks.config.result import Outcome
from dnaseq.tasks.config.validation import check_settings
from dnaseq.tasks.runs.multirun import Job, job_of, say_together
from dnaseq.training.allocator import keep_freed_memory
from dnaseq.training.ranks import read_srun, read_torchrun

logger = logging.getLogger("dnaseq")
CLOSED_PIPE = 141
EXTRAS = {
    "optuna": "sweep",
    "filelock": "sweep",
}  # packages of which a task imports one, and where they are named
LIST_KEYS = {"compare": "runs"}  # what arguments without "=" are, for a task that takes some


class ClosedPipeError(BaseException):
    """Nobody reads stdout any more. No Exception, since Hydra prints words of its own for each."""


def run_task(task: str, arguments: list[str]) -> int:
    """Run a task and return the exit code of the program; of several processes that torchrun or srun has started,
    the first does so, and the others train with it."""
    try:
        arguments = expanded(arguments, task)
        place = read_torchrun() or (read_srun() if task == "train" and _by_slurm(arguments) else None)
    except DnaseqError as error:
        return _complain(task, error)
    if place is None:
        return _run_task(task, arguments)
    if task == "sweep":
        what = "torchrun starts the processes of one training, and a sweep has many"
        return _complain(task, ConfigError(f"{what}. Start it once, with sweep.workers=N or engine=ray"))
    from dnaseq.training.processes import run_together  # here, as Lightning takes long to load

    return run_together(place, partial(_run_task, task, arguments))


def _by_slurm(arguments: list[str]) -> bool:
    """Whether a training is one of trainer=slurm, or goes on with one."""
    resumed = [one.removeprefix("resume=") for one in arguments if one.startswith("resume=")]
    return "trainer=slurm" in arguments or any(_is_of_slurm(Path(one) / "config.yaml") for one in resumed)


def _is_of_slurm(plan: Path) -> bool:
    with access(plan):
        return plan.is_file() and "launcher: srun" in plan.read_text(errors="replace")


def _run_task(task: str, arguments: list[str]) -> int:
    """A DnaseqError is the user's to mend and prints one line. Anything else is a bug and keeps its traceback."""
    sys.argv[0] = f"dnaseq {task}"  # which --help and the set-up of shell completion name
    talk_on_stderr()
    keep_freed_memory()
    codes: list[int] = []
    jobs: list[Job] = []

    try:
        run_with_hydra(task, prepared(arguments, LIST_KEYS.get(task)), partial(_run_job, task, codes, jobs))
        if task == "train" and jobs and jobs[0].multirun:
            say_together(jobs, jobs[0].multirun / "comparison", shlex.join(["dnaseq", task, *arguments]))
        _empty_stdout(task, codes)
    except DnaseqError as error:
        return _complain(task, error)
    except (HydraException, OmegaConfBaseException) as error:
        return _complain(task, ConfigError(explained(error, _known_keys(task, arguments))))
    except KeyboardInterrupt:
        print(f"dnaseq {task}: interrupted", file=sys.stderr)
        return INTERRUPTED
    except (BrokenPipeError, ClosedPipeError):
        _forget_stdout()
        return CLOSED_PIPE
    return _combined(codes)


def _empty_stdout(task: str, codes: list[int]) -> None:
    """Write what waits for stdout: what fails when Python ends is a traceback."""
    try:
        with access("<stdout>"):
            print(end="", flush=True)
    except FileAccessError as error:
        _forget_stdout()
        if not any(codes):
            codes[:] = [_complain(task, error)]


def _forget_stdout() -> None:
    """Nothing can be written there any more; without this Python would complain once more when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run_job(task: str, codes: list[int], jobs: list[Job], cfg: DictConfig) -> float | None:
    """One job and its score; of several (-m), one that fails does not stop the others."""
    choices = HydraConfig.get().runtime.choices
    chosen = {group: name for group, name in choices.items() if not group.startswith("hydra/")}
    seed = OmegaConf.to_container(cfg, resolve=False).get(
        "seed"
    )  # a reference may be what makes the job fail
    try:
        check_settings(cfg, defaults_of(task, chosen), known_keys(task, chosen))
        function = _function_of(task)
        with _interruptible():
            outcome: Outcome = function(cfg, chosen) or Outcome()
    except BrokenPipeError as error:
        raise ClosedPipeError from error
    except FAILURES as error:
        told = for_the_user(error, cfg.get("batch_size"))
        if told is None:
            raise
        codes.append(_complain(task, told))
        jobs.append(job_of(seed, chosen, None, one_line(str(told))))
        return None
    codes.append(_complain(task, RejectedError(outcome.left_out)) if outcome.left_out else 0)
    jobs.append(job_of(seed, chosen, outcome))
    return outcome.score


def _function_of(task: str) -> Callable:
    """What runs a task. Raises ConfigError where an optional package is missing."""
    try:
        return _loaded(task)
    except ModuleNotFoundError as error:
        if error.name not in EXTRAS:
            raise
        extra = EXTRAS[error.name]
        raise ConfigError(f"needs {error.name}. Install it: pip install 'dnaseq[{extra}]'") from error


def _loaded(task: str) -> Callable:
    """The function of a task, with no more modules than it needs: to predict, nothing of training is loaded."""
    match task:
        case "audit":
            from dnaseq.tasks.commands.audit import run  # here, as for each of these
        case "compare":
            from dnaseq.tasks.commands.compare import run  # here, as above
        case "embed":
            from dnaseq.tasks.commands.embed import run  # here, as above
        case "evaluate":
            from dnaseq.tasks.commands.evaluate import run  # here, as above
        case "predict":
            from dnaseq.tasks.commands.predict import run  # here, as above
        case "sweep":
            from dnaseq.tasks.commands.sweep import run  # here, as above
        case "train":
            from dnaseq.tasks.commands.train import run  # here, as above
    return run


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM be exceptions, so that a task puts its files in order; also where code in C makes an error
    of its own from one."""
    came: list[BaseException] = []

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        came.append(KeyboardInterrupt() if number == signal.SIGINT else SystemExit(TERMINATED))
        raise came[-1]

    if callable(signal.getsignal(signal.SIGINT)):  # a job in the background ignores it
        signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except BaseException as error:
        if came and not isinstance(error, KeyboardInterrupt | SystemExit):
            raise came[0] from error
        raise


def _complain(task: str, error: DnaseqError) -> int:
    print(one_line(f"dnaseq {task}: {error}"), file=sys.stderr)
    return error.exit_code


def _combined(codes: list[int]) -> int:
    if len(set(codes)) > 1:
        return RejectedError.exit_code  # several jobs of which some failed
    return codes[0] if codes else 0


def _known_keys(task: str, arguments: list[str]) -> list[str]:
    """Every key and group of a task with the choices that were typed, to find the nearest one to an error."""
    with hydra_of(task):
        usual = hydra.compose(task)
        groups = [
            a
            for a in arguments
            if "." not in a.split("=")[0] and OmegaConf.is_dict(usual.get(a.split("=")[0]))
        ]
        try:
            cfg = hydra.compose(task, overrides=groups)
        except (HydraException, OmegaConfBaseException, ConfigError):
            cfg = usual
    return _dotted(OmegaConf.to_container(cfg, resolve=False))


def _dotted(node: dict, prefix: str = "") -> list[str]:
    keys = []
    for key, value in node.items():
        keys.append(f"{prefix}{key}")
        if isinstance(value, dict):
            keys += _dotted(value, f"{prefix}{key}.")
    return keys
