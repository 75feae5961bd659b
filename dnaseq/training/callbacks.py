"""What happens around training: history, checkpoints, early stopping."""

import csv
import time
from pathlib import Path
from statistics import mean

import pytorch_lightning as pl
from pytorch_lightning.callbacks import Callback, EarlyStopping, ModelCheckpoint

from dnaseq.errors import ConfigError

COLUMNS = ("epoch", "train/loss", "val/loss", "val/accuracy", "val/auroc", "val/pearson", "lr", "seconds")
MONITORS = {"val/loss": "min", "val/accuracy": "max", "val/auroc": "max", "val/pearson": "max"}


def callbacks(folder: Path, monitor: str, patience: int) -> list[Callback]:
    """Those of every run; `folder` is the run folder."""
    if monitor not in MONITORS:
        raise ConfigError(f"monitor must be one of {', '.join(MONITORS)}; got {monitor!r}")
    checkpoints = {"dirpath": folder / "checkpoints", "enable_version_counter": False, "save_top_k": 1}
    return [
        History(folder / "history.csv"),
        ModelCheckpoint(filename="best", monitor=monitor, mode=MONITORS[monitor], **checkpoints),
        ModelCheckpoint(filename="last", **checkpoints),
        EarlyStopping(monitor, mode=MONITORS[monitor], patience=patience),
    ]


def best_value(folder: Path, monitor: str) -> float:
    """The best value of the monitored score over the epochs of a run; of an ensemble the mean over its members."""
    with (folder / "history.csv").open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    best = min if MONITORS[monitor] == "min" else max
    members = dict.fromkeys(row.get("member") for row in rows)
    return mean(best(float(row[monitor]) for row in rows if row.get("member") == one) for one in members)


class History(Callback):
    """history.csv: one row an epoch, written as the epoch ends; those of COLUMNS that the training has."""

    def __init__(self, path: Path):
        self.path = path
        self._began = 0.0

    def on_train_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """After a resume, forget epochs that no checkpoint remembers."""
        self._began = time.monotonic()
        if trainer.is_global_zero and self.path.exists():
            with self.path.open(newline="") as handle:
                lines = handle.readlines()
            self.path.write_text("".join(lines[: 1 + trainer.current_epoch]))

    def on_train_epoch_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        if not trainer.is_global_zero:
            return
        row = {
            name: f"{float(value):.6g}" for name, value in trainer.callback_metrics.items() if name in COLUMNS
        }
        row["epoch"] = trainer.current_epoch
        row["lr"] = f"{trainer.optimizers[0].param_groups[0]['lr']:.6g}"
        row["seconds"] = f"{time.monotonic() - self._began:.2f}"
        self._began = time.monotonic()
        new = not self.path.exists()
        with self.path.open("a", newline="") as handle:
            names = [name for name in COLUMNS if name in row]
            writer = csv.DictWriter(handle, names, lineterminator="\n")
            if new:
                writer.writeheader()
            writer.writerow(row)
