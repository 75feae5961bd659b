"""Codes to one-hot: four numbers a position, the share of A, C, G and T."""

import torch
import torch.nn.functional as F
from torch import Tensor

from dnaseq.encode import alphabet

AMBIGUOUS = ("expected", "zero", "error")


class OneHot:
    """(B, L) codes -> (L, B, 4) float32, on whatever device the codes are on.

    `ambiguous` says what a letter that is not one base becomes: "expected", its expected base (N is 0.25 four
    times, R is 0.5 A and 0.5 G); "zero", four zeros; "error", nothing: such records are refused when they are
    read. Padding is four zeros.
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

    def lengths(self, lengths: Tensor | None) -> Tensor | None:
        """(B,) bases -> (B,) encoded positions: the same."""
        return lengths
