"""The other strand, for augmentation, leak detection and strand averaging."""

import torch
from torch import Tensor

from dnaseq.encode import alphabet

_COMPLEMENT = torch.from_numpy(alphabet.COMPLEMENT)


def reverse_complement(codes: Tensor, lengths: Tensor | None) -> Tensor:
    """Return the other strand, read 5' to 3': (B, L) codes, (B,) lengths -> (B, L). Padding stays at the end; without
    padding, lengths are None."""
    return _COMPLEMENT.to(codes.device)[reversed_over(codes, lengths).int()]


def reversed_over(values: Tensor, lengths: Tensor | None) -> Tensor:
    """(B, L) values, (B,) lengths -> (B, L), each row reversed over its own length, or over all of it without
    lengths; padding stays at the end."""
    if lengths is None:
        return values.flip(1)
    position = torch.arange(values.shape[1], device=values.device)
    return values.gather(
        1, torch.where(position < lengths[:, None], lengths[:, None] - 1 - position, position)
    )
