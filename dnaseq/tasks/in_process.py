"""A command run inside another program, such as a notebook: the same checks and the same work as on the command line,
with errors raised, and without a trace in that program."""

import os
import random
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext, redirect_stdout
from io import StringIO

import numpy as np
import torch
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from dnaseq.errors import ConfigError
from dnaseq.tasks.config.composition import run_with_hydra
from dnaseq.tasks.config.error_messages import FAILURES, explain, user_error
from dnaseq.tasks.config.logging_setup import log_where_nobody_does
from dnaseq.tasks.config.overrides import expand_arguments, prepare_arguments
from dnaseq.tasks.main import perform
from dnaseq.tasks.runs.jobs import Outcome

_ONE_AT_A_TIME = threading.RLock()  # Hydra, chance and stdout are of the whole process


def run_here(task: str, overrides: list[str]) -> tuple[Outcome, str]:
    """Run a command with these overrides, KEY=VALUE each; return its outcome and what it would print.

    Raises the DnaseqError that the command would print. Afterwards Hydra, the states of chance, the environment and
    the filters of warnings are as they were.
    """
    if options := [one for one in overrides if one.startswith("-")]:
        what = "an option of the command line, which has no place here"
        raise ConfigError(f"{options[0]}: {what}. Write several trainings as a loop")
    outcomes: list[Outcome] = []

    def job(cfg: DictConfig) -> None:
        outcomes.append(_perform(task, cfg))

    printed = StringIO()
    with ExitStack() as around:
        for each in (_ONE_AT_A_TIME, _hydra_kept(), _chance_kept(), _environment_kept()):
            around.enter_context(each)
        around.enter_context(warnings.catch_warnings())
        around.enter_context(redirect_stdout(printed))
        around.enter_context(log_where_nobody_does())
        try:
            run_with_hydra(task, prepare_arguments(expand_arguments(overrides, task), task), job)
        except (HydraException, OmegaConfBaseException) as error:
            raise ConfigError(explain(error)) from error
    return outcomes[0], printed.getvalue()


def _perform(task: str, cfg: DictConfig) -> Outcome:
    try:
        return perform(task, cfg, nullcontext)
    except FAILURES as error:
        known = user_error(error, cfg.get("batch_size"))
        if known is None or known is error:
            raise
        raise known from error


@contextmanager
def _hydra_kept() -> Iterator[None]:
    """Give the program its own Hydra back, as it may use Hydra itself."""
    instance, config = GlobalHydra.instance(), HydraConfig.instance()
    before = instance.hydra, config.cfg
    name = sys.argv[:1]
    try:
        yield
    finally:
        instance.hydra, config.cfg = before
        sys.argv[:1] = name


@contextmanager
def _chance_kept() -> Iterator[None]:
    """Give the program its own states of chance back, as a training seeds all of them."""
    on_gpu = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None
    before = random.getstate(), np.random.get_state(), torch.get_rng_state()
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])
        torch.set_rng_state(before[2])
        if on_gpu is not None:
            torch.cuda.set_rng_state_all(on_gpu)


@contextmanager
def _environment_kept() -> Iterator[None]:
    before = dict(os.environ)
    try:
        yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)
