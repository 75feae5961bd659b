"""All codes of a data set in the memory of the device, so that a batch is gathered there and no base crosses over."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from dnaseq.data.store import Store
from dnaseq.encode.alphabet import PAD
from dnaseq.errors import ConfigError

SHARE = 0.25  # of the free memory of the device, at the most


class Places(NamedTuple):
    """Where the codes of a batch are, instead of the codes."""

    starts: Tensor  # (B,) int64
    lengths: Tensor | None  # (B,), None where all are `longest`
    longest: int


def check_resident(wanted: bool | str) -> None:
    if wanted not in (True, False, "auto"):
        raise ConfigError(f"device_resident must be auto, true or false; got {wanted!r}")


def is_resident(wanted: bool | str, store: Store, device: torch.device) -> bool:
    """Whether codes are to be on the device: with auto on a GPU that has room for them."""
    if wanted != "auto":
        return bool(wanted)
    return device.type == "cuda" and len(store.codes) <= SHARE * torch.cuda.mem_get_info(device)[0]


def on_device(codes: np.ndarray, device: torch.device) -> Tensor:
    """(bases,) uint8 on the device; the store is read in full."""
    return torch.from_numpy(np.array(codes)).to(device)


def gathered(codes: Tensor, places: Places) -> Tensor:
    """Packed codes -> (B, longest) uint8 on their device: the same as gather() of the same places."""
    position = torch.arange(places.longest, device=codes.device)
    at = places.starts[:, None] + position
    if places.lengths is None:
        return codes[at]
    real = position < places.lengths[:, None]
    return codes[at.where(real, 0)].where(real, PAD)
