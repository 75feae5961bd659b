"""Codes to k-mer ids: one integer for every window of k bases."""

import torch
from torch import Tensor

from dnaseq.encode import alphabet

AMBIGUOUS = ("unknown", "error")
LONGEST_K = 12  # 4^12 ids: 16.8 million rows of an embedding table

# The kind of a window with each code: k-mer (0), unknown (1) or padding (2).
_KIND = torch.tensor([0 if c < alphabet.N else 2 if c == alphabet.PAD else 1 for c in range(16)])


class Kmer:
    """(B, L) codes -> (L', B) int64 ids, L' = (L - k) // stride + 1, on the device of the codes.

    Ids are alphabetical (AA..A is 0); 4^k is `unknown`, a window with a letter that is not one base; 4^k + 1
    is `pad`, a window that reaches into padding. `ambiguous="error"` refuses such letters when read.
    """

    def __init__(self, k: int, stride: int = 1, ambiguous: str = "unknown"):
        if not 1 <= k <= LONGEST_K:
            raise ValueError(f"k must be from 1 to {LONGEST_K}; got {k}")
        if stride < 1:
            raise ValueError(f"stride must be at least 1; got {stride}")
        if ambiguous not in AMBIGUOUS:
            raise ValueError(f"ambiguous must be one of {', '.join(AMBIGUOUS)}; got {ambiguous!r}")
        self.k, self.stride, self.ambiguous = k, stride, ambiguous
        self.unknown, self.pad = 4**k, 4**k + 1
        self.n_symbols = 4**k + 2
        self.shortest = k

    def __call__(self, codes: Tensor) -> Tensor:
        codes = codes.t().long()  # (L, B)
        kinds = _KIND.to(codes.device)[codes]
        last = max(len(codes) - self.k + 1, 0)
        ids, worst = (
            torch.zeros_like(codes[: last : self.stride]),
            torch.zeros_like(codes[: last : self.stride]),
        )
        for j in range(self.k):
            ids = 4 * ids + codes[j : j + last : self.stride]
            worst = torch.maximum(worst, kinds[j : j + last : self.stride])
        return ids.where(worst == 0, 4**self.k - 1 + worst)  # (L', B)

    def lengths(self, lengths: Tensor | None) -> Tensor | None:
        """(B,) bases -> (B,) k-mers that lie wholly in the record. None, no padding, stays None."""
        return None if lengths is None else (lengths - self.k) // self.stride + 1
