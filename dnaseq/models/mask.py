"""Which positions of a batch are real, and how to walk a record from its own end.

Every mask comes from the lengths, never from "the row is all zeros": an ambiguous base may be all zeros too. Lengths
of None say that no record has padding: then there is nothing to mask, and no device is asked whether there is.
"""

import torch
from torch import Tensor


def real_positions(lengths: Tensor, n: int) -> Tensor:
    """(B,) lengths -> (L, B) bool with L = n, True at positions that are not padding."""
    return torch.arange(n, device=lengths.device)[:, None] < lengths


def attention_padding(lengths: Tensor | None, n: int) -> Tensor | None:
    """(B,) lengths -> (B, L) bool, True at padding, the mask that torch's attention takes; without one it has faster
    kernels."""
    return None if lengths is None else ~real_positions(lengths, n).t()


def reverse_each(h: Tensor, lengths: Tensor | None) -> Tensor:
    """(L, B, ...) -> (L, B, ...), each record reversed over its own length; padding stays at the end.

    Doing it twice gives the input back.
    """
    if lengths is None:
        return h.flip(0)
    position = torch.arange(len(h), device=h.device)[:, None]
    source = torch.where(position < lengths, lengths - 1 - position, position)  # (L, B)
    return h.gather(0, _over_features(source, h))


def last_real(h: Tensor, lengths: Tensor | None) -> Tensor:
    """(L, B, ...) -> (B, ...), the last position of each record that is not padding."""
    if lengths is None:
        return h[-1]
    return h.gather(0, _over_features(lengths[None] - 1, h)).squeeze(0)


def _over_features(index: Tensor, h: Tensor) -> Tensor:
    """(L', B) index -> (L', B, ...), the same for every feature of h."""
    features = h.shape[2:]
    return index.view(*index.shape, *[1] * len(features)).expand(*index.shape, *features)
