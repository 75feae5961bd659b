"""The main function: run a task with its arguments, print a message for an error, return the exit code."""

import gc
import logging
import os
import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NoReturn

from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from omegaconf import DictConfig
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
from dnaseq.io.progress import show_progress
from dnaseq.plugins.named import job_plugins, use_plugins
from dnaseq.tasks.config.composition import defaults_of, known_keys, run_with_hydra
from dnaseq.tasks.config.error_messages import FAILURES, explain, user_error
from dnaseq.tasks.config.logging_setup import early_notes, log_to_stderr
from dnaseq.tasks.config.overrides import expand_arguments, note_shipped_data, prepare_arguments
from dnaseq.tasks.config.paths import check_files
from dnaseq.tasks.config.plugins import named_plugins, run_plugins
from dnaseq.tasks.config.validation import check_settings, plain
from dnaseq.tasks.runs.jobs import Job, Outcome, job_of
from dnaseq.tasks.runs.run_folder import check_places
from dnaseq.training.allocator import keep_freed_memory
from dnaseq.training.ranks import read_srun, read_torchrun

logger = logging.getLogger("dnaseq")
Task = Callable[[DictConfig, dict[str, str]], Outcome]
CLOSED_PIPE = 141
EXTRAS = {
    "optuna": "sweep",
    "filelock": "sweep",
}  # imported package -> the extra that installs it
LIST_KEYS = {"compare": "runs", "runs": "folder"}  # key of arguments without "=", for a task that takes them


class ClosedPipeError(BaseException):
    """Raised where nobody reads stdout any more. No Exception, since Hydra prints a message for each."""


def run_task(task: str, arguments: list[str]) -> int:
    """Run a task and return the exit code of the program. Of several processes that torchrun or srun has started, the
    first runs it, and the others train with it."""
    try:
        arguments = expand_arguments(arguments, task)
        place = read_torchrun() or (read_srun() if task == "train" and _is_slurm(arguments) else None)
    except DnaseqError as error:
        return _complain(task, error)
    if place is None:
        return _run_task(task, arguments)
    if task == "sweep":
        what = "torchrun starts the processes of one training, and a sweep has many"
        return _complain(task, ConfigError(f"{what}. Start it once, with sweep.workers=N or engine=ray"))
    from dnaseq.training.processes import run_together  # here, as Lightning takes long to load

    return run_together(place, partial(_run_task, task, arguments))


def _is_slurm(arguments: list[str]) -> bool:
    """Check if a training has trainer=slurm, or resumes one that has."""
    resumed = [one.removeprefix("resume=") for one in arguments if one.startswith("resume=")]
    return "trainer=slurm" in arguments or any(_is_slurm_run(Path(one) / "config.yaml") for one in resumed)


def _is_slurm_run(plan: Path) -> bool:
    with access(plan):
        return plan.is_file() and "launcher: srun" in plan.read_text(errors="replace")


def _run_task(task: str, arguments: list[str]) -> int:
    """Run a task. A DnaseqError, which the user can fix, prints one line; another error is a bug with its traceback."""
    sys.argv[0] = f"dnaseq {task}"  # for messages of Hydra
    log_to_stderr()
    keep_freed_memory()
    codes: list[int] = []
    jobs: list[Job] = []
    asks_help = bool({"--help", "-h"} & set(arguments))
    try:
        if asks_help:
            from dnaseq.tasks.help.page import show_help  # here, as nothing else needs the layout of rich

            show_help(task, arguments)
        else:
            prepared = prepare_arguments(arguments, task, LIST_KEYS.get(task))
            run_with_hydra(task, prepared, partial(_run_job, task, codes, jobs))
        if task == "train" and jobs and jobs[0].multirun:
            from dnaseq.tasks.runs.multirun import print_jobs  # here, as it takes long to load

            print_jobs(jobs, jobs[0].multirun / "comparison", shlex.join(["dnaseq", task, *arguments]))
        _empty_stdout(task, codes)
    except DnaseqError as error:
        return _complain(task, error)
    except (HydraException, OmegaConfBaseException) as error:
        return _complain(task, ConfigError(explain(error)))
    except KeyboardInterrupt:
        print(f"dnaseq {task}: interrupted", file=sys.stderr)
        return INTERRUPTED
    except (BrokenPipeError, ClosedPipeError):
        _forget_stdout()
        return CLOSED_PIPE
    return _combine(codes)


def _empty_stdout(task: str, codes: list[int]) -> None:
    """Flush stdout now, as a failure at the end of Python would print a traceback."""
    try:
        with access("<stdout>"):
            print(end="", flush=True)
    except FileAccessError as error:
        _forget_stdout()
        if not any(codes):
            codes[:] = [_complain(task, error)]


def _forget_stdout() -> None:
    """Redirect stdout to nowhere; otherwise Python would report its failure once more at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run_job(task: str, codes: list[int], jobs: list[Job], cfg: DictConfig) -> float | None:
    """Run one job and return its score; of several (-m), one that fails does not stop the others."""
    chosen = _choices()
    seed = plain(cfg, resolve=False).get("seed")  # a reference may be the error of the job
    try:
        outcome = perform(task, cfg, _interruptible)
    except BrokenPipeError as error:
        raise ClosedPipeError from error
    except FAILURES as error:
        known = user_error(error, cfg.get("batch_size"))
        if known is None:
            raise
        codes.append(_complain(task, known))
        jobs.append(job_of(seed, chosen, None, one_line(str(known))))
        return None
    codes.append(_complain(task, RejectedError(outcome.left_out)) if outcome.left_out else 0)
    jobs.append(job_of(seed, chosen, outcome))
    return outcome.score


def perform(task: str, cfg: DictConfig, guard: Callable[[], AbstractContextManager[None]]) -> Outcome:
    """Check the settings of a job that Hydra has composed, and run it inside `guard`. Raises one of FAILURES for what
    the user can fix."""
    chosen = _choices()
    early_notes.forget()  # those of a job before
    with use_plugins(named_plugins(plain(cfg, resolve=False), HydraConfig.get().overrides.task)):
        _check_job(task, cfg, chosen)
        run = _load_task(task)
        with guard():
            return run(cfg, chosen)


def _check_job(task: str, cfg: DictConfig, chosen: dict[str, str]) -> None:
    """Check what can be checked before the libraries that take seconds to load."""
    run_plugins(plain(cfg, resolve=False), job_plugins())
    usual = defaults_of(task, chosen)
    check_settings(cfg, usual.cfg, usual.meanings, known_keys(task, chosen))
    check_files(cfg)
    check_places(task, cfg.get("resume"), cfg.get("run_dir"), cfg.get("overwrite", False))
    note_shipped_data(HydraConfig.get().overrides.task, task)


def _choices() -> dict[str, str]:
    choices = HydraConfig.get().runtime.choices
    return {group: name for group, name in choices.items() if not group.startswith("hydra/")}


def _load_task(task: str) -> Task:
    """Import the function of a task. Raises ConfigError where an optional package is missing."""
    try:
        with show_progress("loading libraries", early=True), _without_collection():
            return _import_task(task)
    except ModuleNotFoundError as error:
        if error.name not in EXTRAS:
            raise
        extra = EXTRAS[error.name]
        raise ConfigError(f"needs {error.name}. Install it: pip install 'dnaseq[{extra}]'") from error


@contextmanager
def _without_collection() -> Iterator[None]:
    """Look for no garbage meanwhile: modules leave little of it, and the search is a sixth of their loading."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _import_task(task: str) -> Task:
    """Import the function of a task and only the modules that it needs: predict needs none of training."""
    match task:
        case "ablate":
            from dnaseq.tasks.commands.interpret.ablate import run  # here, as for each of these
        case "audit":
            from dnaseq.tasks.commands.audit import run  # here, as above
        case "check-plugin":
            from dnaseq.tasks.commands.check_plugin import run  # here, as above
        case "compare":
            from dnaseq.tasks.commands.compare import run  # here, as above
        case "design":
            from dnaseq.tasks.commands.interpret.design import run  # here, as above
        case "doctor":
            from dnaseq.tasks.commands.doctor import run  # here, as above
        case "embed":
            from dnaseq.tasks.commands.embed import run  # here, as above
        case "evaluate":
            from dnaseq.tasks.commands.evaluate import run  # here, as above
        case "explain":
            from dnaseq.tasks.commands.interpret.explain import run  # here, as above
        case "insert":
            from dnaseq.tasks.commands.interpret.insert import run  # here, as above
        case "peaks":
            from dnaseq.tasks.commands.genome.peaks import run  # here, as above
        case "predict":
            from dnaseq.tasks.commands.predict import run  # here, as above
        case "runs":
            from dnaseq.tasks.commands.runs import run  # here, as above
        case "sweep":
            from dnaseq.tasks.commands.sweep import run  # here, as above
        case "train":
            from dnaseq.tasks.commands.train import run  # here, as above
        case "variants":
            from dnaseq.tasks.commands.genome.variants import run  # here, as above
    return run


@contextmanager
def _interruptible() -> Iterator[None]:
    """Turn Ctrl-C and SIGTERM into exceptions, so that a task can clean up; also where C code raises another error."""
    raised: list[BaseException] = []

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raised.append(KeyboardInterrupt() if number == signal.SIGINT else SystemExit(TERMINATED))
        raise raised[-1]

    if callable(signal.getsignal(signal.SIGINT)):  # a job in the background ignores it
        signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except BaseException as error:
        if raised and not isinstance(error, KeyboardInterrupt | SystemExit):
            raise raised[0] from error
        raise


def _complain(task: str, error: DnaseqError) -> int:
    print(one_line(f"dnaseq {task}: {error}"), file=sys.stderr)
    return error.exit_code


def _combine(codes: list[int]) -> int:
    if len(set(codes)) > 1:
        return RejectedError.exit_code  # several jobs of which some failed
    return codes[0] if codes else 0
