"""Final runs of a sweep: the best and the default configuration, trained with several seeds and scored on test."""

import logging
import time
from pathlib import Path
from typing import NamedTuple

from dnaseq.evaluation.comparison.searches import TrialResult
from dnaseq.io.atomic import write_text
from dnaseq.tasks.config.error_messages import FAILURES, settings_error
from dnaseq.tasks.pipeline.training_run import train_once
from dnaseq.tasks.runs.run_folder import is_complete
from dnaseq.tasks.search.locks import hold_lock
from dnaseq.tasks.search.plan import SweepPlan, command_with, compose_training, trial_overrides
from dnaseq.tasks.search.trial import WAIT, free_memory
from dnaseq.training.callbacks import direction_of

RUNS, DEFAULT, FAILED = "runs", "default", "FAILED"
logger = logging.getLogger("dnaseq")


class Final(NamedTuple):
    """A final run."""

    name: str  # name of its configuration
    seed: int
    folder: Path
    own: list[str]  # overrides that are added to those of the sweep


def find_best(records: list[TrialResult], monitor: str) -> TrialResult | None:
    """Choose the complete trial with the best score, or if the time ended before one was complete, the best of all."""
    scored = [record for record in records if record.value is not None and record.state != "failed"]
    complete = [record for record in scored if record.state == "complete"]
    best = min if direction_of(monitor) == "min" else max
    return best(complete or scored, key=_value, default=None)


def _value(record: TrialResult) -> float:
    assert record.value is not None
    return record.value


def finals_of(plan: SweepPlan, best: TrialResult) -> list[Final]:
    """List both configurations with every seed; only the default where it is the best."""
    found: dict[str, list[str]] = {DEFAULT: [], best_name(plan, best): trial_overrides(best.params)}
    return [
        Final(
            name, seed, plan.folder / RUNS / f"{name.replace(' ', '-')}-seed-{seed}", [*own, f"seed={seed}"]
        )
        for name, own in found.items()
        for seed in plan.seeds
    ]


def best_name(plan: SweepPlan, best: TrialResult) -> str:
    """Name the best configuration, by its trial, as a longer sweep may find another one."""
    same = all(plan.rules.known[key] == value for key, value in best.params.items())
    return DEFAULT if same else f"trial {best.number}"


def retrain(plan: SweepPlan, finals: list[Final]) -> None:
    """Train those that are not complete, each in one process; return when all have been tried."""
    left = list(finals)
    while left:
        before = len(left)
        for final in list(left):
            with hold_lock(_lock_path(plan, final), wait=False) as is_mine:
                if is_mine:
                    left.remove(final)
                    if not is_complete(final.folder) and not (final.folder / FAILED).exists():
                        _train(plan, final)
        if len(left) == before:
            time.sleep(WAIT)


def failure(final: Final) -> str | None:
    """Return the reason why a run is not complete; None where it is."""
    if is_complete(final.folder):
        return None
    reason = final.folder / FAILED
    return reason.read_text().strip() if reason.exists() else "it was not trained to its end"


def _train(plan: SweepPlan, final: Final) -> None:
    cfg, choices = compose_training(plan, final.own)
    resume = (final.folder / "split.tsv").exists()
    logger.info("%s, seed %d", final.name, final.seed)
    try:
        command = command_with(plan, final.own)
        train_once(final.folder, cfg, choices, resume, is_latest=False, command=command)
    except FAILURES as error:
        reason = settings_error(error)
        if reason is None:
            raise
        logger.warning("%s, seed %d failed: %s", final.name, final.seed, reason)
        final.folder.mkdir(parents=True, exist_ok=True)
        write_text(final.folder / FAILED, f"{reason}\n")
    finally:
        free_memory()


def _lock_path(plan: SweepPlan, final: Final) -> Path:
    return plan.folder / "locks" / f"{final.folder.name}.lock"
