"""Callbacks of a training: history, checkpoints, early stopping."""

import csv
import logging
import time
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import Callback, EarlyStopping, ModelCheckpoint

from dnaseq.errors import ConfigError, InputError
from dnaseq.io.progress import show_progress
from dnaseq.training.checkpoints import BEST, LAST
from dnaseq.training.resumption import CHECKPOINTS

COLUMNS = ("epoch", "train/loss", "val/loss", "val/accuracy", "val/auroc", "val/pearson", "lr", "seconds")
FALLING = 0.02  # share of a loss
MONITORS = {"val/loss": "min", "val/accuracy": "max", "val/auroc": "max", "val/pearson": "max"}
OF_USERS = "max"  # the direction of a user's own metric
logger = logging.getLogger("dnaseq")


def direction_of(monitor: str) -> str:
    """Return min or max: the better end of a monitored score."""
    return MONITORS.get(monitor, OF_USERS)


def check_name(monitor: str, metrics: Collection[str]) -> None:
    """Raise ConfigError for a score that no training has; `metrics` are the names of users' own."""
    known = [*MONITORS, *(f"val/{name}" for name in metrics)]
    if monitor not in known:
        raise ConfigError(f"monitor must be one of {', '.join(known)}; got {monitor!r}")


def callbacks(folder: Path, monitor: str, patience: int, metrics: Collection[str] = ()) -> list[Callback]:
    """Build the callbacks of every run; `folder` is the run folder, `metrics` are the names of users' own."""
    check_name(monitor, metrics)
    checkpoints = partial(
        Checkpoints, dirpath=folder / CHECKPOINTS, enable_version_counter=False, save_top_k=1
    )
    return [
        History(folder / "history.csv", [f"val/{name}" for name in metrics]),
        ProgressReport(monitor),
        checkpoints(filename=Path(BEST).stem, monitor=monitor, mode=direction_of(monitor)),
        checkpoints(filename=Path(LAST).stem),
        EarlyStopping(monitor, mode=direction_of(monitor), patience=patience),
    ]


def falling_epochs(folder: Path) -> int:
    """Count the epochs of a training whose validation loss was still falling at the end; else, and for an ensemble, 0.

    Falling: by more than FALLING in the last fifth of the epochs.
    """
    with (folder / "history.csv").open(newline="", encoding="utf-8", errors="replace") as handle:
        rows = list(csv.DictReader(handle))
    losses = [float(row["val/loss"]) for row in rows if row.get("val/loss")]
    last = len(losses) // 5
    if "member" in (rows or [{}])[0] or not last:
        return 0
    falls = min(losses[-last:]) < (1 - FALLING) * min(losses[:-last])
    return len(losses) if falls else 0


def best_value(folder: Path, monitor: str) -> float:
    """Return the best value of the monitored score over the epochs of a run; for an ensemble, the mean over members.

    Raises InputError for a history.csv that is not of a training.
    """
    path = folder / "history.csv"
    with path.open(newline="", encoding="utf-8", errors="replace") as handle:
        rows = list(csv.DictReader(handle))
    best = min if direction_of(monitor) == "min" else max
    members = dict.fromkeys(row.get("member") for row in rows)
    try:
        return mean(best(float(row[monitor]) for row in rows if row.get("member") == one) for one in members)
    except (KeyError, TypeError, ValueError) as error:  # ValueError also where there are no rows
        raise InputError(f"not the history of a training monitored by {monitor}", file=path) from error


class Checkpoints(ModelCheckpoint):
    """Checkpoints that can be renamed or copied with their folder, where Lightning would lose the best score."""

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        assert self.dirpath is not None
        here = Path(self.dirpath)
        scores = {str(here / Path(path).name): score for path, score in state_dict["best_k_models"].items()}
        names = ("best_model_path", "kth_best_model_path", "last_model_path")
        paths = {
            name: path and str(here / Path(path).name)
            for name in names
            if (path := state_dict[name]) is not None
        }
        super().load_state_dict({**state_dict, **paths, "dirpath": self.dirpath, "best_k_models": scores})


class ProgressReport(Callback):
    """The progress of a training, with the epoch and the monitored score after the one before it."""

    def __init__(self, monitor: str):
        self.monitor, self._shown = monitor, ExitStack()

    def on_train_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        if not trainer.is_global_zero:
            return
        # in a process that Lightning has spawned
        if trainer.strategy.launcher is not None and not logger.handlers:
            logger.addHandler(logging.StreamHandler())
            logger.setLevel(logging.INFO)
        assert trainer.max_epochs is not None
        batches = int(trainer.num_training_batches)
        self._step = self._shown.enter_context(
            show_progress("training", "batches", trainer.max_epochs * batches)
        )
        self._step.advance(trainer.current_epoch * batches)

    def on_train_batch_start(
        self, trainer: pl.Trainer, module: pl.LightningModule, batch: object, batch_idx: int
    ) -> None:
        # not in on_train_epoch_start, which Lightning leaves out of the first epoch after a resume
        if trainer.is_global_zero and batch_idx == 0:
            score = trainer.callback_metrics.get(self.monitor)
            after = "" if score is None else f", {self.monitor} {float(score):.4g}"
            self._step.note = f"epoch {trainer.current_epoch + 1} of {trainer.max_epochs}{after}"

    def on_train_batch_end(self, trainer: pl.Trainer, *_: object) -> None:
        if trainer.is_global_zero:
            self._step.advance(1)

    def on_train_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        self._shown.close()

    def on_exception(self, trainer: pl.Trainer, module: pl.LightningModule, exception: BaseException) -> None:
        self._shown.close()


class History(Callback):
    """history.csv: one row an epoch, counted from 1, written as the epoch ends; those of COLUMNS that the training has,
    and `more` in front of the last two.

    Checkpoints hold the rows as well, so that a resumed training has those of the epochs before it.
    """

    def __init__(self, path: Path, more: Sequence[str] = ()):
        self.path = path
        self._columns = (*COLUMNS[:-2], *more, *COLUMNS[-2:])
        self._began = 0.0
        self._rows: list[dict[str, str]] = []

    def state_dict(self) -> dict[str, Any]:
        return {"rows": self._rows}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        # checkpoints of earlier versions count epochs from 0
        self._rows = [row | {"epoch": str(i)} for i, row in enumerate(state_dict["rows"], 1)]

    def on_train_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        self._began = time.monotonic()
        if trainer.is_global_zero:
            self.path.unlink(missing_ok=True)
            for row in self._rows:
                self._append(row)

    def on_train_epoch_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        if not trainer.is_global_zero:
            return
        row = {
            name: f"{float(value):.6g}"
            for name, value in trainer.callback_metrics.items()
            if name in self._columns
        }
        row["epoch"] = str(trainer.current_epoch + 1)
        row["lr"] = f"{trainer.optimizers[0].param_groups[0]['lr']:.6g}"
        row["seconds"] = f"{time.monotonic() - self._began:.2f}"
        self._began = time.monotonic()
        self._rows.append(row)
        self._append(row)

    def _append(self, row: dict[str, str]) -> None:
        new = not self.path.exists()
        with self.path.open("a", newline="") as handle:
            names = [name for name in self._columns if name in row]
            writer = csv.DictWriter(handle, names, lineterminator="\n")
            if new:
                writer.writeheader()
            writer.writerow(row)
