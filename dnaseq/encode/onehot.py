"""Codes to one-hot of the base, alone or beside one-hot of the k-mer that starts there."""

import torch
import torch.nn.functional as F
from torch import Tensor

from dnaseq.encode import alphabet

AMBIGUOUS = ("expected", "zero", "error")


class OneHot:
    """(B, L) codes -> (L, B, 4) float32, on the device of the codes.

    `ambiguous` is the code of a letter that is not one base: "expected", its expected base (N is 0.25 four times, R
    is 0.5 A and 0.5 G); "zero", four zeros; "error", none: such records are refused when they are read. Padding is
    four zeros.
    """

    n_symbols = 4
    shortest = 1  # length of the shortest record that this encoding can hold

    def __init__(self, ambiguous: str = "expected"):
        if ambiguous not in AMBIGUOUS:
            raise ValueError(f"ambiguous must be one of {', '.join(AMBIGUOUS)}; got {ambiguous!r}")
        self.ambiguous = ambiguous
        self._table = torch.from_numpy(alphabet.EXPECTED_BASE).clone()
        if ambiguous == "zero":
            self._table[alphabet.N :] = 0

    def __call__(self, codes: Tensor) -> Tensor:
        return F.embedding(codes.t().int(), self._table.to(codes.device))  # (L, B, 4)

    bases = __call__

    def of_bases(self, bases: Tensor) -> Tensor:
        """(L, B, 4) shares of the bases -> the same."""
        return bases

    def lengths(self, lengths: Tensor | None) -> Tensor | None:
        """(B,) bases -> (B,) encoded positions: the same."""
        return lengths


LARGEST_K = 5  # 1,028 numbers a position: 50 MB for 64 records of 200 bases


class OneHotKmer:
    """(B, L) codes -> (L, B, 4 + 4^k) float32, on the device of the codes.

    The first four numbers are those of OneHot; the others, in alphabetical order of the k-mers, are the product of
    those of k positions: the share of each k-mer in the meaning of the letters (ACN is ACA, ACC, ACG and ACT to a
    quarter each). They are zeros where the k-mer would reach past the end of the record. `ambiguous` is that of
    OneHot.
    """

    shortest = 1  # such a record has its bases, and zeros for the k-mer

    def __init__(self, k: int = 3, ambiguous: str = "expected"):
        if not 1 <= k <= LARGEST_K:
            raise ValueError(f"k must be from 1 to {LARGEST_K}; got {k}")
        self.k = k
        self._bases = OneHot(ambiguous)
        self.ambiguous = self._bases.ambiguous
        self.n_symbols = 4 + 4**k

    def __call__(self, codes: Tensor) -> Tensor:
        return self.of_bases(self.bases(codes))

    def bases(self, codes: Tensor) -> Tensor:
        """(B, L) codes -> (L, B, 4) shares of the bases."""
        return self._bases(codes)

    def of_bases(self, bases: Tensor) -> Tensor:
        """(L, B, 4) shares of the bases -> (L, B, 4 + 4^k), by products of them."""
        following = F.pad(bases, (0, 0, 0, 0, 0, self.k - 1))  # (L + k - 1, B, 4)
        kmers = bases
        for j in range(1, self.k):
            kmers = (kmers.unsqueeze(-1) * following[j : j + len(bases)].unsqueeze(-2)).flatten(2)
        return torch.cat([bases, kmers], dim=2)  # (L, B, 4 + 4^k)

    def lengths(self, lengths: Tensor | None) -> Tensor | None:
        """(B,) bases -> (B,) encoded positions: the same."""
        return lengths
