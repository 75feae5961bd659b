"""The other strand. Augmentation, leak detection and strand averaging all call this one function."""

import torch
from torch import Tensor

from dnaseq.encode import alphabet

_COMPLEMENT = torch.from_numpy(alphabet.COMPLEMENT)


def reverse_complement(codes: Tensor, lengths: Tensor) -> Tensor:
    """The other strand, read 5' to 3': (B, L) codes, (B,) lengths -> (B, L). Padding stays at the end."""
    position = torch.arange(codes.shape[1], device=codes.device)
    source = (lengths[:, None] - 1 - position) % codes.shape[1]
    flipped = _COMPLEMENT.to(codes.device)[codes.gather(1, source).int()]
    return flipped.where(position < lengths[:, None], codes)
