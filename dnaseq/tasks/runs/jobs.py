"""The trainings of one command (-m). Apart from multirun.py, which takes longer to load than an error may take."""

from pathlib import Path
from typing import Any, NamedTuple

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import OmegaConf

from dnaseq.tasks.runs.run_folder import name_kind


class Outcome(NamedTuple):
    """The score for a multirun, and the run folder, of tasks that have them."""

    score: float | None = None
    folder: Path | None = None
    left_out: str = ""  # a message about records that could not be used; the work is complete without them


class Job(NamedTuple):
    """One of the trainings."""

    kind: str  # for example bilstm-onehot
    overrides: list[str]
    seed: int | None
    outcome: Outcome | None  # None for one that failed
    reason: str = ""
    multirun: Path | None = None  # the folder of all; None for a job that is alone


def job_of(seed: int | None, choices: dict[str, str], outcome: Outcome | None, reason: str = "") -> Job:
    """Describe the job that Hydra is running."""
    hydra = HydraConfig.get()
    kind = name_kind(choices) if {"model", "encoding"} <= set(choices) else ""
    folder = Path(hydra.sweep.dir) if hydra.mode == RunMode.MULTIRUN else None
    # a reference may be what made the job fail
    overrides: Any = OmegaConf.to_container(hydra.overrides.task, resolve=False)
    return Job(kind, overrides, seed, outcome, reason, folder)
