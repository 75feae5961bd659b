"""Weights that are averages over the steps of a training; validation and the bundle get the average."""

from pytorch_lightning.callbacks import Callback, EMAWeightAveraging

from dnaseq.errors import ConfigError


def no_averaging() -> list[Callback]:
    """The weights as they are."""
    return []


def ema(decay: float) -> list[Callback]:
    """An exponential moving average: after every step, decay x average + (1 - decay) x weights."""
    if not 0 < decay < 1:
        raise ConfigError(f"averaging.decay must be above 0 and below 1; got {decay}")
    return [EMAWeightAveraging(decay=decay)]
