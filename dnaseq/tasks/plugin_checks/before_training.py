"""The checks of users' own parts before a training reads any data."""

import logging

from omegaconf import DictConfig

from dnaseq.errors import ConfigError
from dnaseq.io.progress import show_progress
from dnaseq.plugins.named import names_in
from dnaseq.tasks.config.validation import plain
from dnaseq.tasks.pipeline.recipe import with_pool
from dnaseq.tasks.plugin_checks.checks import run_checks
from dnaseq.tasks.plugin_checks.sample import build_sample

PARTS = ("model", "pool", "encoding", "loss", "augmentation", "metrics")  # keys of the configuration
HOW = "dnaseq check-plugin shows all checks"
logger = logging.getLogger("dnaseq")


def check_before_training(cfg: DictConfig) -> None:
    """Raise ConfigError where users' own parts cannot train, and warn of what makes their answers doubtful."""
    settings = plain(cfg)
    if not names_in([settings.get(part) for part in PARTS]):
        return
    with show_progress("checking plug-ins"):
        outcomes = list(run_checks(build_sample(with_pool(cfg))))
    for check, problem in outcomes:
        if problem and check.is_fatal:
            raise ConfigError(f"plug-in, check {check.name}: {problem}. {HOW}")
        if problem:
            logger.warning("warning: plug-in, check %s: %s. %s", check.name, problem, HOW)
