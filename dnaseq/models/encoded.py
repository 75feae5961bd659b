"""The interface between the parts of a network: widths, and the output of an encoder with its padding."""

from typing import NamedTuple, Protocol, runtime_checkable

import torch
from torch import Tensor, nn


class Part(nn.Module):
    """A part of a network that knows the width of its output."""

    d_out: int


@runtime_checkable
class Shortening(Protocol):
    """An encoder that returns another number of positions than it takes."""

    def shortened(self, n: int) -> int: ...


def real_positions(lengths: Tensor, n: int) -> Tensor:
    """(B,) lengths -> (L, B) bool with L = n, True at positions that are not padding."""
    return torch.arange(n, device=lengths.device)[:, None] < lengths


def attention_padding(lengths: Tensor | None, n: int) -> Tensor | None:
    """(B,) lengths -> (B, L) bool, True at padding, the mask for torch's attention, which has faster kernels
    without one."""
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


class Encoded(NamedTuple):
    """A batch after an encoder. The values of h at padding are not defined: mask them before use."""

    h: Tensor  # (L', B, H) one row of features a position
    final: Tensor  # (B, H) the last state of the encoder
    lengths: Tensor | None  # (B,) positions of h that are real, at least 1; None: all, in every record

    @property
    def real(self) -> Tensor | None:
        """(L', B) bool, True at positions that are not padding; None where there is no padding."""
        return None if self.lengths is None else real_positions(self.lengths, len(self.h))


def positions_after(encoder: nn.Module, n: int) -> int:
    """Return the number of positions after an encoder, for n before it."""
    return encoder.shortened(n) if isinstance(encoder, Shortening) else n
