"""What a sweep ends with: the best and the default configuration, trained with several seeds and judged on test."""

import logging
import time
from pathlib import Path
from typing import NamedTuple

from dnaseq.io.atomic import write_text
from dnaseq.tasks.config.error_messages import FAILURES, fault_of_settings
from dnaseq.tasks.pipeline.training_run import train_once
from dnaseq.tasks.runs.run_folder import is_complete
from dnaseq.tasks.search.locks import alone
from dnaseq.tasks.search.plan import SweepPlan, command_with, composed, trial_overrides
from dnaseq.tasks.search.study import Record
from dnaseq.tasks.search.trial import WAIT, free_memory
from dnaseq.training.callbacks import MONITORS

RUNS, DEFAULT, FAILED = "runs", "default", "FAILED"
logger = logging.getLogger("dnaseq")


class Final(NamedTuple):
    """One run of the end."""

    name: str  # of its configuration
    seed: int
    folder: Path
    own: list[str]  # overrides beside those of the sweep


def best_of(records: list[Record], monitor: str) -> Record | None:
    """The complete trial with the best score, or if time was over before one was complete, the best of all."""
    scored = [record for record in records if record.value is not None and record.state != "failed"]
    complete = [record for record in scored if record.state == "complete"]
    best = min if MONITORS[monitor] == "min" else max
    return best(complete or scored, key=lambda record: record.value, default=None)


def finals_of(plan: SweepPlan, best: Record) -> list[Final]:
    """Both configurations with every seed; one of them where the best is the default."""
    found = {DEFAULT: [], best_name(plan, best): trial_overrides(best.params)}
    return [
        Final(
            name, seed, plan.folder / RUNS / f"{name.replace(' ', '-')}-seed-{seed}", [*own, f"seed={seed}"]
        )
        for name, own in found.items()
        for seed in plan.seeds
    ]


def best_name(plan: SweepPlan, best: Record) -> str:
    """What the best configuration is called: by its trial, as a longer sweep may find another one."""
    same = all(plan.rules.known[key] == value for key, value in best.params.items())
    return DEFAULT if same else f"trial {best.number}"


def retrain(plan: SweepPlan, finals: list[Final]) -> None:
    """Train those that are not complete, each in one process; returns when all have been tried."""
    left = list(finals)
    while left:
        before = len(left)
        for final in list(left):
            with alone(_lock_of(plan, final), wait=False) as is_mine:
                if is_mine:
                    left.remove(final)
                    if not is_complete(final.folder) and not (final.folder / FAILED).exists():
                        _train(plan, final)
        if len(left) == before:
            time.sleep(WAIT)


def failure(final: Final) -> str | None:
    """Why a run is not complete, None where it is."""
    if is_complete(final.folder):
        return None
    told = final.folder / FAILED
    return told.read_text().strip() if told.exists() else "it was not trained to its end"


def _train(plan: SweepPlan, final: Final) -> None:
    cfg, choices = composed(plan, final.own)
    goes_on = (final.folder / "split.tsv").exists()
    logger.info("%s, seed %d", final.name, final.seed)
    try:
        command = command_with(plan, final.own)
        train_once(final.folder, cfg, choices, goes_on, is_latest=False, command=command)
    except FAILURES as error:
        reason = fault_of_settings(error)
        if reason is None:
            raise
        logger.warning("%s, seed %d failed: %s", final.name, final.seed, reason)
        final.folder.mkdir(parents=True, exist_ok=True)
        write_text(final.folder / FAILED, f"{reason}\n")
    finally:
        free_memory()


def _lock_of(plan: SweepPlan, final: Final) -> Path:
    return plan.folder / "locks" / f"{final.folder.name}.lock"
