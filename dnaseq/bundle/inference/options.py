"""The choices that prediction leaves to the user: device, strands, and what is done with other lengths."""

import torch

from dnaseq.data.records.lengths import POLICIES, LengthPolicy
from dnaseq.data.strandedness import OTHER, SEEN
from dnaseq.errors import ConfigError
from dnaseq.prediction_task import PredictionTask

DEVICES = ("auto", "cpu", "gpu", "cuda")  # or cuda:N


def choose_device(name: str) -> torch.device:
    """Return the device of a name. Raises ConfigError for one that is not here."""
    number = str(name).removeprefix("cuda:")
    if name not in DEVICES and not number.isdecimal():
        raise ConfigError(f"device must be one of {', '.join(DEVICES)}; got {name!r}")
    there = torch.cuda.device_count()
    if name not in ("auto", "cpu") and not there:
        raise ConfigError("no GPU found. Use device=cpu (or device=auto, which takes what is there)")
    if number.isdecimal() and int(number) >= there:
        raise ConfigError(
            f"device={name}: the GPUs here have the numbers 0 to {there - 1}. Use device=gpu for any"
        )
    return torch.device("cpu" if name == "cpu" or not there else name if number.isdecimal() else "cuda")


def choose_strands(own: str, wanted: str | None, prediction: PredictionTask) -> str:
    """Return the strands that are seen: those of the bundle, or others that are asked for."""
    if wanted is not None and wanted not in (*SEEN, OTHER):
        raise ConfigError(f"strands must be one of {', '.join((*SEEN, OTHER))}, or null; got {wanted!r}")
    if wanted == OTHER and prediction.is_per_base:
        raise ConfigError(
            "strands=other: a label of every base is of the strand that is given. Use strands=one"
        )
    return wanted or own


def choose_lengths(own: LengthPolicy, wanted: str | None, prediction: PredictionTask) -> LengthPolicy:
    """Return the bundle's policy, or another one with the bundle's length."""
    if (wanted or own.policy) == "trim" and prediction.is_per_base:
        raise ConfigError("length_policy=trim would leave bases without a label. Use length_policy=tile")
    if not wanted:
        return own
    if wanted in POLICIES and wanted != "pad" and own.length is None:
        what = "the bundle has no length; it takes records of any length as they are"
        raise ConfigError(f"length_policy={wanted}: {what}. Leave length_policy out")
    return LengthPolicy(wanted, own.length)
