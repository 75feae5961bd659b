"""Which positions of a batch are real, and how to walk a record from its own end.

Every mask comes from the lengths, never from "the row is all zeros": an ambiguous base may be all zeros too.
"""

import torch
from torch import Tensor


def real_positions(lengths: Tensor, n: int) -> Tensor:
    """(B,) lengths -> (L, B) bool with L = n, True at positions that are not padding."""
    return torch.arange(n, device=lengths.device)[:, None] < lengths


def attention_padding(lengths: Tensor, n: int) -> Tensor | None:
    """(B,) lengths -> (B, L) bool, True at padding, the mask that torch's attention takes; None where nothing is
    padded, for which it has faster kernels."""
    if bool((lengths == n).all()):
        return None
    return ~real_positions(lengths, n).t()


def reverse_each(h: Tensor, lengths: Tensor) -> Tensor:
    """(L, B, ...) -> (L, B, ...), each record reversed over its own length; padding stays at the end.

    Doing it twice gives the input back.
    """
    position = torch.arange(len(h), device=h.device)[:, None]
    source = torch.where(position < lengths, lengths - 1 - position, position)  # (L, B)
    return h.gather(0, _over_features(source, h))


def last_real(h: Tensor, lengths: Tensor) -> Tensor:
    """(L, B, ...) -> (B, ...), the last position of each record that is not padding."""
    return h.gather(0, _over_features(lengths[None] - 1, h)).squeeze(0)


def _over_features(index: Tensor, h: Tensor) -> Tensor:
    """(L', B) index -> (L', B, ...), the same for every feature of h."""
    features = h.shape[2:]
    return index.view(*index.shape, *[1] * len(features)).expand(*index.shape, *features)
