"""Trials of a sweep, one after the other: each is a training, scored on the validation set alone."""

import gc
import logging
import shutil
import time
from collections.abc import Callable

import torch
from pytorch_lightning import LightningModule, Trainer
from pytorch_lightning.callbacks import Callback

from dnaseq.data.datamodule import SequenceDataModule
from dnaseq.evaluation.comparison.searches import TrialResult
from dnaseq.io.atomic import write_text
from dnaseq.io.results.row_text import tsv_header, tsv_lines
from dnaseq.tasks.config.error_messages import FAILURES, settings_error
from dnaseq.tasks.pipeline.ensemble import Member, prepare_member, train
from dnaseq.tasks.search.plan import SweepPlan, compose_training, trial_overrides
from dnaseq.tasks.search.study import Claim, Study
from dnaseq.training.callbacks import best_value

TRIALS = "trials.tsv"
WAIT = 0.5  # seconds between two looks at the trials of other processes
logger = logging.getLogger("dnaseq")


class ReportScore(Callback):
    """Callback that reports the monitored score after every epoch and ends the training of a stopped trial."""

    def __init__(self, monitor: str, claim: Claim):
        self.monitor, self.claim = monitor, claim

    def on_train_start(self, trainer: Trainer, module: LightningModule) -> None:
        """Stop a trial whose process was killed between the decision to stop and its end."""
        trainer.should_stop = trainer.should_stop or self.claim.is_to_stop()

    def on_train_epoch_end(self, trainer: Trainer, module: LightningModule) -> None:
        score = float(trainer.callback_metrics[self.monitor])
        if self.claim.report(trainer.current_epoch, score):
            trainer.should_stop = True


def search(plan: SweepPlan, study: Study, data: Callable[[], SequenceDataModule]) -> None:
    """Train trials until none is left and no other process trains one. `data` is called when it is needed."""
    module = None
    while True:
        claim = study.claim(plan.trials, plan.seconds)
        if claim is not None:
            module = module or data()
            _train(plan, claim, module)
            records = write_trials(plan, study)
            _log(plan, next(record for record in records if record.number == claim.number))
        elif study.is_busy():
            time.sleep(WAIT)
        else:
            return


def trial_table(records: list[TrialResult], keys: list[str]) -> str:
    """Write the text of trials.tsv: a row a trial; the columns after seconds are the keys that were searched."""
    columns: dict[str, list] = {
        "number": [record.number for record in records],
        "state": [record.state for record in records],
        "value": [record.value for record in records],
        "epochs": [record.epochs for record in records],
        "seconds": [round(record.seconds, 2) for record in records],
    }
    columns |= {key: [record.params.get(key) for record in records] for key in keys}
    columns["reason"] = [record.reason for record in records]
    return tsv_header(list(columns)) + (tsv_lines(columns) if records else "")


def _train(plan: SweepPlan, claim: Claim, module: SequenceDataModule) -> None:
    """Train a trial to its end. If this process is stopped, another one resumes it."""
    folder = plan.trial_folders / f"{claim.number:04d}"
    member: Member | None = None
    try:
        cfg, _ = compose_training(plan, trial_overrides(claim.params))
        member = prepare_member(cfg, folder, module)
        callbacks: list[Callback] = member.trainer.callbacks  # type: ignore[attr-defined]  # set by a connector
        callbacks.append(ReportScore(plan.monitor, claim))
        train(member)
        claim.finish(best_value(folder, plan.monitor))
    except FAILURES as error:
        reason = settings_error(error)
        if reason is None:
            raise
        claim.fail(reason)
    finally:
        member = None
        free_memory()
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)


def free_memory() -> None:
    """Free the GPU memory of a training before the next one, above all after one that needed too much."""
    if torch.cuda.is_available():
        gc.collect()
        torch.cuda.empty_cache()


def write_trials(plan: SweepPlan, study: Study) -> list[TrialResult]:
    """Update trials.tsv and return its records."""
    with study.lock():
        records = study.records()
        text = trial_table(records, [d.key for d in plan.rules.space])
        for folder in {plan.folder, plan.storage}:
            write_text(folder / TRIALS, text)
    return records


def _log(plan: SweepPlan, record: TrialResult) -> None:
    score = "" if record.value is None else f", {plan.monitor} {record.value:.4g}"
    reason = f" ({record.reason})" if record.reason else ""
    cost = f"{record.epochs} epochs, {record.seconds:.0f} s"
    logger.info(
        "trial %d %s%s%s, %s: %s",
        *(record.number, record.state, reason, score, cost, " ".join(trial_overrides(record.params))),
    )
