"""A second start, from other weights, of a network that has learnt nothing.

Some networks stay where they began: their loss is that of the class frequencies to the last epoch, though the same
network learns the same records from other weights.
"""

from pathlib import Path

import numpy as np
import torch

from dnaseq.data.datamodule import SequenceDataModule
from dnaseq.prediction_task import CLASSIFICATION
from dnaseq.training.callbacks import best_value
from dnaseq.training.lightning_module import LitModel
from dnaseq.training.resumption import CHECKPOINTS

FIRST_START = "first_start"  # folder of what was set aside, in that of the training
NOTHING = 0.99  # of the loss of the class frequencies: below, a network has learnt something
_PARTIAL = ".partial"


def is_second(folder: Path) -> bool:
    """True if the training in a folder is a second start; files that are still to be set aside are moved now."""
    if (folder / (FIRST_START + _PARTIAL)).exists():
        set_aside(folder)
    return (folder / FIRST_START).exists()


def second_seed(seed: int) -> int:
    """Return the seed of the weights of the second start, which no member of an ensemble has."""
    return int(np.random.SeedSequence([seed, 2]).generate_state(1)[0])


def learnt_nothing(folder: Path, lit: LitModel, module: SequenceDataModule) -> bool:
    """True if no epoch had a validation loss much below that of the class frequencies, of class labels."""
    data = module.data
    if data.targets.prediction is not CLASSIFICATION:
        return False
    counts = torch.as_tensor(data.class_counts("train"))
    rows = data.rows("val")
    truth = torch.as_tensor(data.y[rows].astype(np.int64))
    constant = torch.log(counts / counts.sum()).float().expand(len(rows), -1)
    with torch.no_grad():
        losses, weights = lit.loss.cpu()(constant, truth)
    return best_value(folder, "val/loss") > NOTHING * float(losses.sum() / weights.sum())


def set_aside(folder: Path) -> None:
    """Move the checkpoints and the history of the first start into a folder of its own; it gets its name at the end, so
    that a move that was stopped is finished later."""
    aside = folder / (FIRST_START + _PARTIAL)
    (aside / CHECKPOINTS).mkdir(parents=True, exist_ok=True)
    for path in [*(folder / CHECKPOINTS).glob("*.ckpt"), folder / "history.csv"]:
        if path.exists():
            path.rename(aside / path.relative_to(folder))
    aside.rename(folder / FIRST_START)
