"""The first part of a network: symbols to features. The encoding decides which one fits."""

import torch
from torch import Tensor, nn

from dnaseq.models.encoded import Part
from dnaseq.models.limits import at_least_one


class Dense(Part):
    """One-hot input (L, B, n_symbols), as it is or, with d_out given, through a linear map (L, B, d_out).

    The map has no bias: each base has its vector, an ambiguous one the mean of its bases' vectors.
    """

    def __init__(self, n_symbols: int, d_out: int | None = None):
        super().__init__()
        if d_out is not None:
            at_least_one(d_out=d_out)
        self.d_out = n_symbols if d_out is None else d_out
        self.project = nn.Identity() if d_out is None else nn.Linear(n_symbols, d_out, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.project(x)


class Lookup(Part):
    """Ids (L, B) -> (L, B, d_out), one learned vector for each id.

    The last id, n_symbols - 1, is padding: zeros that are never trained. The one before it is `unknown`; it starts
    as zeros as well, for training data without such a letter would leave it random. The others are k-mers, and
    those that share bases start near one another (`vectors_of_kmers`).
    """

    def __init__(
        self,
        n_symbols: int,
        d_out: int = 16,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        freeze: bool = False,
    ):
        super().__init__()
        at_least_one(d_out=d_out)
        if max_norm is not None and max_norm <= 0:
            raise ValueError(f"max_norm must be above 0, or null for none; got {max_norm}")
        if norm_type <= 0:
            raise ValueError(f"norm_type must be above 0; got {norm_type}")
        self.d_out = d_out
        self.table = nn.Embedding(
            n_symbols, d_out, n_symbols - 1, max_norm, norm_type, scale_grad_by_freq=scale_grad_by_freq
        )
        with torch.no_grad():
            self.table.weight[:-2] = vectors_of_kmers(n_symbols - 2, d_out)
            self.table.weight[-2] = 0
        self.table.weight.requires_grad_(not freeze)

    def start_from(self, vectors: Tensor) -> None:
        """Take (n_symbols - 1, d_out) vectors, one for each id but padding. Raises ValueError for another shape."""
        rows = self.table.weight.detach()[:-1]
        if vectors.shape != rows.shape:
            raise ValueError(f"vectors must be {tuple(rows.shape)}; got {tuple(vectors.shape)}")
        rows.copy_(vectors)

    def forward(self, x: Tensor) -> Tensor:
        return self.table(x)


def vectors_of_kmers(n: int, d_out: int) -> Tensor:
    """Draw (n, d_out) vectors for the n = 4^k k-mers: each is the sum of the random vectors of its bases, one for a
    base at an offset.

    A network begins with what k-mers have in common then, and learns what sets them apart. Numbers have the mean
    square of one-hot input, 1/4.
    """
    vectors, k = torch.randn(4, d_out), 1
    while len(vectors) < n:
        vectors, k = (vectors[:, None] + torch.randn(4, d_out)).flatten(0, 1), k + 1
    return vectors[:n].div_(2 * k**0.5)
