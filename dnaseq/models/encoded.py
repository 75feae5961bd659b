"""What every encoder returns and every pool takes."""

from typing import NamedTuple

from torch import Tensor, nn

from dnaseq.models.mask import real_positions


class Encoded(NamedTuple):
    """A batch after an encoder. What h holds at padding is not defined: mask it before use."""

    h: Tensor  # (L', B, H) one row of features a position
    final: Tensor  # (B, H) what the encoder ends with
    lengths: Tensor | None  # (B,) positions of h that are real, at least 1; None: all, in every record

    @property
    def real(self) -> Tensor | None:
        """(L', B) bool, True at positions that are not padding; None where there is no padding."""
        return None if self.lengths is None else real_positions(self.lengths, len(self.h))


def positions_after(encoder: nn.Module, n: int) -> int:
    """How many positions an encoder makes of n; those that make another number have a method for it, `shortened`."""
    return encoder.shortened(n) if hasattr(encoder, "shortened") else n
