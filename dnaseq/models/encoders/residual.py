"""Dilated convolutions with residual connections: far-reaching at the full resolution of one position."""

import torch.nn.functional as F
from torch import Tensor, nn

from dnaseq.models.encoded import Encoded, Part, last_real
from dnaseq.models.encoders.convolution import SameConv1d, filled
from dnaseq.models.encoders.norm import BatchNorm
from dnaseq.models.limits import at_least_one, share

LARGEST_DILATION = 2**15  # 16 blocks that double; each pads a record with as many zeros times its width
LARGEST_REACH = 2**20  # zeros that a block may pad a record with


class Residual(Part):
    """(L, B, d_in) -> (L, B, d_out): `blocks` dilated residual blocks; d_out is `filters`, or d_in without.

    Dilations grow by the factor `growth`: 1, 2, 4, ... with 2 (Yu & Koltun 2016; in genomics Basenji, Kelley et
    al. 2018), and stay 1 with 1. `filters`, where given, are made by a linear map first; `width` is that of the
    dilated convolutions. Norm and activation come before each convolution, and once more after the last block
    (He et al. 2016). `final` is h at the last real position. Raises ValueError for dilations over
    LARGEST_DILATION.
    """

    def __init__(
        self,
        d_in: int,
        blocks: int,
        width: int = 3,
        filters: int | None = None,
        growth: int = 2,
        dropout: float = 0.0,
    ):
        super().__init__()
        at_least_one(blocks=blocks, width=width, growth=growth)
        share(dropout=dropout)
        if filters is not None:
            at_least_one(filters=filters)
        dilations = _dilations(blocks, growth)
        if (width - 1) * dilations[-1] > LARGEST_REACH:
            raise ValueError(f"width - 1 times the last dilation must be at most {LARGEST_REACH}")
        self.d_out = filters or d_in
        self.project = nn.Conv1d(d_in, self.d_out, 1) if filters else nn.Identity()
        self.blocks = nn.ModuleList(Block(self.d_out, width, dilation, dropout) for dilation in dilations)
        self.norm = BatchNorm(self.d_out)

    def forward(self, h: Tensor, lengths: Tensor | None) -> Encoded:
        h = self.project(h.permute(1, 2, 0))  # (B, d_out, L)
        for block in self.blocks:
            h = block(h, lengths)
        h = F.gelu(self.norm(h, lengths))
        h = h.permute(2, 0, 1)  # (L, B, d_out)
        return Encoded(h, last_real(h, lengths), lengths)


class Block(nn.Module):
    """h + f(h), (B, d, L) -> (B, d, L); f is norm, GELU, dilated convolution, norm, GELU, convolution of width 1,
    dropout."""

    def __init__(self, d: int, width: int, dilation: int, dropout: float):
        super().__init__()
        self.norm, self.norm_after = BatchNorm(d), BatchNorm(d)
        self.look = SameConv1d(d, d, width, dilation, bias=False)  # the norm after it has a bias
        self.mix = nn.Conv1d(d, d, 1)
        self.dropout = dropout

    def forward(self, h: Tensor, lengths: Tensor | None) -> Tensor:
        new = F.gelu(self.norm(h, lengths))
        new = self.look(filled(new, lengths, 0))
        new = self.mix(F.gelu(self.norm_after(new, lengths)))
        return h + F.dropout(new, self.dropout, self.training)


def _dilations(blocks: int, growth: int) -> list[int]:
    if growth > 1 and growth ** min(blocks - 1, LARGEST_DILATION.bit_length()) > LARGEST_DILATION:
        raise ValueError(
            f"growth to the power of blocks - 1 must be at most {LARGEST_DILATION}; got {growth}^{blocks - 1}"
        )
    return [growth**i for i in range(blocks)]
