"""Schedules of the learning rate; each returns Lightning's description of a scheduler.

`steps` is the number of optimizer steps of the whole training.
"""

import math

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR, ReduceLROnPlateau


def constant(optimizer: Optimizer, steps: int) -> dict:
    """Keep the learning rate constant."""
    return {"scheduler": LambdaLR(optimizer, _always_one), "interval": "epoch"}


def cosine(optimizer: Optimizer, steps: int, warmup: float = 0.05) -> dict:
    """Warm up linearly over the share `warmup` of all steps, then follow half a cosine down to zero (Loshchilov and
    Hutter 2017)."""
    if not 0 <= warmup < 1:
        raise ValueError(f"warmup must be from 0 to below 1; got {warmup}")
    first = max(int(warmup * steps), 1)

    def factor(step: int) -> float:
        if step < first:
            return (step + 1) / first
        return 0.5 * (1 + math.cos(math.pi * min((step - first) / max(steps - first, 1), 1.0)))

    return {"scheduler": LambdaLR(optimizer, factor), "interval": "step"}


def plateau(optimizer: Optimizer, steps: int, factor: float = 0.5, patience: int = 3) -> dict:
    """Multiply by `factor` whenever the validation loss has not improved for `patience` epochs."""
    if not 0 < factor < 1:
        raise ValueError(f"factor must be above 0 and below 1; got {factor}")
    scheduler = ReduceLROnPlateau(optimizer, factor=factor, patience=patience)
    return {"scheduler": scheduler, "interval": "epoch", "monitor": "val/loss"}


def _always_one(step: int) -> float:
    return 1.0
