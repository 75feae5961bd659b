"""What travels from the store to the model."""

from typing import NamedTuple

from torch import Tensor


class Batch(NamedTuple):
    """A NamedTuple, because pinning and Lightning's device transfer know how to walk one.

    Before the codes are there, x may be the Places of those that are on the device already.
    """

    x: Tensor  # (B, L) uint8 codes as gathered; (L, B, 4) or (L, B) once encoded, of 2B where both strands are seen
    lengths: Tensor | None  # (B,), or (2B,), positions of x that are not padding; None: there is no padding
    y: Tensor  # (B,) classes, (B, C) labels or numbers, (B, L) classes of bases: what Targets.batch gives
    draw: int = 0  # seed of what happens to this batch at random, another one for every batch of every epoch
    counted: bool = True  # False for what a process is given in validation that has no record of its own left

    @property
    def size(self) -> int:
        return len(self.y)
