"""Convolutions as motif scanners, after DeepBind (Alipanahi et al. 2015) and DeepSEA (Zhou & Troyanskaya 2015)."""

import torch.nn.functional as F
from torch import Tensor, nn

from dnaseq.models.encoded import Encoded
from dnaseq.models.limits import at_least_one, share
from dnaseq.models.mask import last_real, real_positions


class Convolution(nn.Module):
    """(L, B, d_in) -> (L', B, filters): `layers` times convolution, ReLU, max-pool, dropout.

    Convolutions keep the length and see zeros past either end of a record. Each max-pool takes windows of `pool`
    positions side by side; the last one may be short, so n positions become ceil(n / pool), never none.
    `final` is h at the last real position.
    """

    def __init__(
        self, d_in: int, filters: int, width: int, pool: int = 1, layers: int = 1, dropout: float = 0.0
    ):
        super().__init__()
        at_least_one(filters=filters, width=width, pool=pool, layers=layers)
        share(dropout=dropout)
        self.d_out = filters
        self.pool, self.dropout = pool, dropout
        # not padding="same", which warns of a copy where the width is even
        self.ends = ((width - 1) // 2, width // 2)
        self.scanners = nn.ModuleList(nn.Conv1d(d, filters, width) for d in [d_in] + [filters] * (layers - 1))

    def forward(self, h: Tensor, lengths: Tensor) -> Encoded:
        h = h.permute(1, 2, 0)  # (B, d_in, L)
        for scan in self.scanners:
            # padding is made zeros before it is scanned, so a record ends alike with and without it
            h = scan(F.pad(_cleared(h, lengths), self.ends)).relu()  # (B, filters, L)
            if self.pool > 1:
                # after the ReLU nothing is below zero, so zeros in the padding never are the maximum
                h = F.max_pool1d(_cleared(h, lengths), self.pool, ceil_mode=True)  # (B, filters, L')
                lengths = (lengths + self.pool - 1) // self.pool
            h = F.dropout(h, self.dropout, self.training)
        h = h.permute(2, 0, 1)  # (L', B, filters)
        return Encoded(h, last_real(h, lengths), lengths)


def _cleared(h: Tensor, lengths: Tensor) -> Tensor:
    """(B, H, L) with zeros at padding."""
    return h.masked_fill(~real_positions(lengths, h.shape[-1]).t()[:, None], 0)
