"""Batches of records, gathered from packed codes in the memory of the host or of the device."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from torch import Tensor

from dnaseq.data.records.store import Store
from dnaseq.encode import alphabet
from dnaseq.encode.alphabet import PAD
from dnaseq.errors import ConfigError


class Batch(NamedTuple):
    """A NamedTuple, because pinning and Lightning's device transfer know how to walk one.

    Before the codes are there, x may be the Places of those that are on the device already.
    """

    # (B, L) uint8 codes as gathered; (L, B, 4) or (L, B) once encoded, of 2B where the model reads both strands
    x: "Tensor | Places"
    lengths: Tensor | None  # (B,), or (2B,), positions of x that are not padding; None: there is no padding
    y: Tensor  # (B,) classes, (B, C) labels or numbers, (B, L) classes of bases: from Targets.batch
    draw: int = 0  # seed of the random changes to this batch, another one for every batch of every epoch
    counted: bool = True  # False for the batch of a process that has no validation record of its own left

    @property
    def size(self) -> int:
        return len(self.y)


def padded_lengths(lengths: np.ndarray) -> torch.Tensor | None:
    """Return (B,) lengths of a batch of gather() as models take them: None where nothing is padded."""
    return torch.from_numpy(lengths) if (lengths != lengths.max(initial=0)).any() else None


def gather(codes: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Gather packed codes, (B,) first bases and (B,) lengths -> (B, longest) uint8, short ones padded at the end."""
    codes, longest = np.asarray(codes), int(lengths.max(initial=0))
    if not longest:
        return np.empty((len(lengths), 0), dtype=np.uint8)
    last = len(codes) - longest  # no row may begin later
    rows = sliding_window_view(codes, longest)[np.minimum(starts, last)]  # copies whole rows, not letters
    for i in np.flatnonzero(starts > last).tolist():
        rows[i, : lengths[i]] = codes[starts[i] : starts[i] + lengths[i]]
    if (lengths != longest).any():
        rows[np.arange(longest) >= lengths[:, None]] = alphabet.PAD
    return rows


SHARE = 0.25  # of the free memory of the device, at the most


class Places(NamedTuple):
    """Positions of the codes of a batch on the device, instead of the codes."""

    starts: Tensor  # (B,) int64
    lengths: Tensor | None  # (B,), None where all are `longest`
    longest: int


def check_resident(wanted: bool | str) -> None:
    if wanted not in (True, False, "auto"):
        raise ConfigError(f"device_resident must be auto, true or false; got {wanted!r}")


def is_resident(wanted: bool | str, store: Store, device: torch.device) -> bool:
    """Choose if codes are kept on the device: with auto, on a GPU that has room for them."""
    if wanted != "auto":
        return bool(wanted)
    return device.type == "cuda" and len(store.codes) <= SHARE * torch.cuda.mem_get_info(device)[0]


def on_device(codes: np.ndarray, device: torch.device) -> Tensor:
    """(bases,) uint8 on the device; the store is read in full."""
    return torch.from_numpy(np.array(codes)).to(device)


def gather_on_device(codes: Tensor, places: Places) -> Tensor:
    """Gather packed codes on their device -> (B, longest) uint8: the same as gather() of the same places."""
    position = torch.arange(places.longest, device=codes.device)
    at = places.starts[:, None] + position
    if places.lengths is None:
        return codes[at]
    real = position < places.lengths[:, None]
    return codes[at.where(real, 0)].where(real, PAD)
