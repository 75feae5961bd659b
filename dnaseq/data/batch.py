"""What travels from the store to the model."""

from typing import NamedTuple

from torch import Tensor


class Batch(NamedTuple):
    """A NamedTuple, because pinning and Lightning's device transfer know how to walk one."""

    x: Tensor  # (B, L) uint8 codes as gathered; (L, B, 4) or (L, B) once encoded
    lengths: Tensor  # (B,) positions of x that are not padding
    y: Tensor  # (B,) class index

    @property
    def size(self) -> int:
        return len(self.lengths)
