"""From a task's name and its arguments to an exit code: composes the configuration, runs, words what failed."""

import importlib
import logging
import os
import re
import shlex
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from dnaseq.errors import (
    TERMINATED,
    ConfigError,
    DnaseqError,
    FileAccessError,
    RejectedError,
    one_line,
)
from dnaseq.tasks.outcome import Outcome
from dnaseq.tasks.overrides import explained, prepared
from dnaseq.tasks.settings import check_settings
from dnaseq.training.allocator import keep_freed_memory

logger = logging.getLogger("dnaseq")
CONF = "pkg://dnaseq.conf"
# how torch words it, on a GPU and on the CPU
OUT_OF_MEMORY = "out of memory|can't allocate memory|not enough memory"
CLOSED_PIPE, INTERRUPTED = 141, 130
LIST_KEYS = {"compare": "runs"}  # what arguments without "=" are, for a task that takes some


def run_task(task: str, arguments: list[str]) -> int:
    """Run a task and return the exit code of the program.

    A DnaseqError is the user's to mend and prints one line. Anything else is a bug and keeps its traceback.
    """
    os.environ["HYDRA_FULL_ERROR"] = "1"  # errors of composition reach us instead of being printed by Hydra
    sys.argv = [f"dnaseq {task}", *prepared(arguments, LIST_KEYS.get(task))]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    _talk_on_stderr()
    keep_freed_memory()
    codes: list[int] = []
    outcomes: list[Outcome] = []

    @hydra.main(config_path=CONF, config_name=task, version_base="1.3")
    def job(cfg: DictConfig) -> float | None:
        return _run_job(task, cfg, codes, outcomes)

    try:
        job()
        _say_together(task, outcomes, shlex.join(["dnaseq", task, *arguments]))
    except (HydraException, OmegaConfBaseException) as error:
        return _complain(task, ConfigError(explained(error, _known_keys(task, arguments))))
    except KeyboardInterrupt:
        print(f"dnaseq {task}: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # nothing reads stdout any more; without this Python would complain once more when it exits
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLOSED_PIPE
    return _combined(codes)


def _run_job(task: str, cfg: DictConfig, codes: list[int], outcomes: list[Outcome]) -> float | None:
    """One job and its score; of several (-m), one that fails does not stop the others."""
    run: Callable = importlib.import_module(f"dnaseq.tasks.{task}").run
    try:
        choices = HydraConfig.get().runtime.choices
        chosen = {group: name for group, name in choices.items() if not group.startswith("hydra/")}
        named = [f"{group}={name}" for group, name in chosen.items() if name]
        check_settings(cfg, hydra.compose(task, overrides=named))
        outcome: Outcome = run(cfg, chosen) or Outcome()
    except BrokenPipeError:
        raise
    except (DnaseqError, OmegaConfBaseException, OSError, MemoryError, RuntimeError) as error:
        told = _for_the_user(error, cfg.get("batch_size"))
        if told is None:
            raise
        codes.append(_complain(task, told))
        return None
    codes.append(0)
    is_one_of_several = HydraConfig.get().mode == RunMode.MULTIRUN
    outcomes.append(outcome._replace(sweep=Path(HydraConfig.get().sweep.dir) if is_one_of_several else None))
    return outcome.score


def _say_together(task: str, outcomes: list[Outcome], command: str) -> None:
    """Of several trainings (-m), which is better."""
    done = [outcome for outcome in outcomes if outcome.folder and outcome.sweep]
    if task != "train" or len(done) < 2:
        return
    compare = importlib.import_module("dnaseq.tasks.compare")
    folders = [outcome.folder for outcome in done]
    try:
        compare.compare_runs(done[0].sweep / "comparison", folders, "sweep", command)
    except DnaseqError as error:
        logger.warning("note: these runs cannot be compared: %s", error)


def _for_the_user(error: Exception, batch_size: int | None) -> DnaseqError | None:
    """What the user can mend, in the user's words; None for a bug."""
    if isinstance(error, DnaseqError):
        return error
    if isinstance(error, OmegaConfBaseException):
        return ConfigError(explained(error, []))
    if isinstance(error, OSError):
        where = error.filename or "a file of the run"
        return FileAccessError(f"{where}: cannot read or write ({error.strerror})")
    if isinstance(error, MemoryError) or re.search(OUT_OF_MEMORY, str(error)):
        hint = f". Try batch_size={max(batch_size // 2, 1)}" if batch_size else ""
        return FileAccessError(f"out of memory{hint}")
    return None


def _complain(task: str, error: DnaseqError) -> int:
    print(one_line(f"dnaseq {task}: {error}"), file=sys.stderr)
    return error.exit_code


def _combined(codes: list[int]) -> int:
    if len(set(codes)) > 1:
        return RejectedError.exit_code  # several jobs of which some failed
    return codes[0] if codes else 0


def _known_keys(task: str, arguments: list[str]) -> list[str]:
    """Every key and group of a task with the choices that were typed, to find the nearest one to an error."""
    with hydra.initialize_config_module("dnaseq.conf", version_base="1.3"):
        usual = hydra.compose(task)
        groups = [
            a
            for a in arguments
            if "." not in a.split("=")[0] and OmegaConf.is_dict(usual.get(a.split("=")[0]))
        ]
        try:
            cfg = hydra.compose(task, overrides=groups)
        except (HydraException, OmegaConfBaseException):
            cfg = usual
    return _dotted(OmegaConf.to_container(cfg, resolve=False))


def _dotted(node: dict, prefix: str = "") -> list[str]:
    keys = []
    for key, value in node.items():
        keys.append(f"{prefix}{key}")
        if isinstance(value, dict):
            keys += _dotted(value, f"{prefix}{key}.")
    return keys


def _talk_on_stderr() -> None:
    """Notes and progress of every module go to stderr, whatever the time or place they come from."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.INFO)
