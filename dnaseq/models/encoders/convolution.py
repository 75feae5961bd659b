"""Convolutions as motif scanners, after DeepBind (Alipanahi et al. 2015) and DeepSEA (Zhou & Troyanskaya 2015)."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dnaseq.models.encoded import Encoded, Part, last_real, real_positions
from dnaseq.models.encoders.norm import BatchNorm
from dnaseq.models.limits import at_least_one, multiple_of, one_of, share

LARGEST_EXPONENT = 10.0  # exp(10) = 22,026: far above the needs of a filter, far below the limit of a float
BELOW_ALL = -1.0  # no activation goes as low (GELU ends at -0.17), so in the padding it never is a maximum


def bounded_exp(h: Tensor) -> Tensor:
    """Compute exp(h), h no higher than LARGEST_EXPONENT. As an activation of the first layer it makes filters look more
    like motifs (Koo & Ploenzke 2021)."""
    return h.clamp(max=LARGEST_EXPONENT).exp()


ACTIVATIONS = {"relu": torch.relu, "gelu": F.gelu, "exp": bounded_exp}
NORMS = ("none", "batch")


class Convolution(Part):
    """(L, B, d_in) -> (L', B, filters): `layers` times convolution, norm, activation, max-pool, dropout.

    Convolutions keep the length and read zeros past either end of a record. Several widths share the filters out
    evenly, for motifs of different lengths. `norm` "batch" is that of norm.py, in place of the convolution's
    bias. Each max-pool takes windows of `pool` positions side by side; the last one may be short, so n positions
    become ceil(n / pool), never none. `final` is h at the last real position.
    """

    def __init__(
        self,
        d_in: int,
        filters: int,
        width: int | Sequence[int],
        pool: int = 1,
        layers: int = 1,
        dropout: float = 0.0,
        activation: str = "relu",
        norm: str = "none",
    ):
        super().__init__()
        at_least_one(filters=filters, pool=pool, layers=layers)
        share(dropout=dropout)
        one_of("activation", activation, ACTIVATIONS)
        one_of("norm", norm, NORMS)
        self.d_out = filters
        self.pool, self.dropout, self.activate = pool, dropout, ACTIVATIONS[activation]
        widths = [d_in] + [filters] * (layers - 1)
        self.scanners = nn.ModuleList(scanner(d, filters, width, bias=norm == "none") for d in widths)
        self.norms = nn.ModuleList(BatchNorm(filters) for _ in widths if norm == "batch")

    def shortened(self, n: int) -> int:
        """Return the number of positions for n before."""
        for _ in self.scanners:
            n = -(-n // self.pool)
        return n

    def forward(self, h: Tensor, lengths: Tensor | None) -> Encoded:
        h = h.permute(1, 2, 0)  # (B, d_in, L)
        for i, scan in enumerate(self.scanners):
            h = scan(filled(h, lengths, 0))  # (B, filters, L)
            if self.norms:
                h = self.norms[i](h, lengths)
            h = self.activate(h)
            if self.pool > 1:
                h = F.max_pool1d(filled(h, lengths, BELOW_ALL), self.pool, ceil_mode=True)  # (B, filters, L')
                lengths = None if lengths is None else (lengths + self.pool - 1) // self.pool
            h = F.dropout(h, self.dropout, self.training)
        h = h.permute(2, 0, 1)  # (L', B, filters)
        return Encoded(h, last_real(h, lengths), lengths)


class SameConv1d(nn.Conv1d):
    """A convolution that keeps the length: (B, d_in, L) -> (B, d_out, L), with zeros past either end.

    Where its span is even it reads one position more ahead than behind. torch's padding="same" would do, but warns
    of a copy then.
    """

    def __init__(self, d_in: int, d_out: int, width: int, dilation: int = 1, bias: bool = True):
        super().__init__(d_in, d_out, width, dilation=dilation, bias=bias)
        span = (width - 1) * dilation
        self.ends = (span // 2, span - span // 2)

    def forward(self, h: Tensor) -> Tensor:
        return super().forward(F.pad(h, self.ends))


class MultiScale(nn.Module):
    """Convolutions of several widths side by side: (B, d_in, L) -> (B, d_out, L), d_out / widths from each."""

    def __init__(self, d_in: int, d_out: int, widths: Sequence[int], bias: bool = True):
        super().__init__()
        multiple_of("filters", d_out, "the number of widths", len(widths))
        each = d_out // len(widths)
        self.scales = nn.ModuleList(SameConv1d(d_in, each, width, bias=bias) for width in widths)

    def forward(self, h: Tensor) -> Tensor:
        return torch.cat([scan(h) for scan in self.scales], dim=1)


def scanner(d_in: int, filters: int, width: int | Sequence[int], bias: bool) -> nn.Module:
    """Build filters of one width or of several: (B, d_in, L) -> (B, filters, L)."""
    if isinstance(width, int):
        at_least_one(width=width)
        return SameConv1d(d_in, filters, width, bias=bias)
    widths = list(width)
    if not widths:
        raise ValueError("width must be a number or a list of numbers; got an empty list")
    for each in widths:
        at_least_one(width=each)
    return MultiScale(d_in, filters, widths, bias)


def filled(h: Tensor, lengths: Tensor | None, value: float) -> Tensor:
    """(B, H, L) with `value` at padding. Convolutions are given 0, so a record ends alike with and without it."""
    if lengths is None:
        return h
    return h.masked_fill(~real_positions(lengths, h.shape[-1]).t()[:, None], value)
