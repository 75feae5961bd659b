"""The weights of a bundle: reading them, and whether they are those of a network."""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from dnaseq.errors import ModelFileError


def read_tensors(weights: bytes, path: Path) -> dict[str, Tensor]:
    """Name -> tensor, on the CPU. Raises ModelFileError, naming `path`, for anything but whole safetensors."""
    try:
        return load(weights)
    except (SafetensorError, ValueError, KeyError) as error:
        raise ModelFileError(f"{path}: incomplete or not safetensors ({error})") from error


def check_fit(tensors: dict[str, Tensor], expected: dict[str, Tensor], path: Path) -> None:
    """Raise ModelFileError for the first difference in name, shape or type, and for NaN and infinity.

    Of `expected` only these are looked at: it may be without memory.
    """
    if odd := sorted(set(tensors) ^ set(expected)):
        what = f"weights do not fit the architecture: {odd[0]} ({len(odd)} such tensors)"
        raise ModelFileError(f"{path}: {what}")
    for name in sorted(tensors):  # they come in any order
        got, due = tensors[name], expected[name]
        if got.shape != due.shape:
            raise ModelFileError(f"{path}: {name} is {tuple(got.shape)}, expected {tuple(due.shape)}")
        if got.dtype != due.dtype:
            raise ModelFileError(f"{path}: {name} is {_type(got)}, expected {_type(due)}")
        if got.is_floating_point() and not torch.isfinite(got).all():
            raise ModelFileError(f"{path}: {name} holds values that are not numbers")


def _type(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
