"""Weights that are averages over the steps of a training; validation and the bundle get the average."""

from functools import partial

from pytorch_lightning.callbacks import Callback, WeightAveraging
from torch import Tensor

from dnaseq.errors import ConfigError


def no_averaging() -> list[Callback]:
    """Keep the weights as they are."""
    return []


def ema(decay: float) -> list[Callback]:
    """Average exponentially: after every step, decay x average + (1 - decay) x weights.

    The decay of the first steps is smaller, so that the average does not begin with the weights of step 1 for long.
    """
    if not 0 < decay < 1:
        raise ConfigError(f"averaging.decay must be above 0 and below 1; got {decay}")
    return [WeightAveraging(avg_fn=partial(_move, decay))]


def _move(decay: float, average: Tensor, weights: Tensor, n: Tensor | int) -> Tensor:
    """Update the average by one step; n are the steps before it."""
    now = min(decay, (1 + float(n)) / (10 + float(n)))
    return average + (weights - average) * (1 - now)  # weights that do not change are their own average
