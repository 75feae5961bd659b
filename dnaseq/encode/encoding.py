"""The interface of an encoding."""

from typing import Protocol

from torch import Tensor


class Encoding(Protocol):
    """A function from codes to the input of a network, on the device of the codes."""

    n_symbols: int  # width of the one-hot rows, or number of different ids
    shortest: int  # length of the shortest record that it can hold
    ambiguous: (
        str  # rule for letters that are not one base; "error": such records are refused when they are read
    )

    def __call__(self, codes: Tensor) -> Tensor:
        """(B, L) codes -> (L', B, n_symbols) float32 or (L', B) int64."""
        ...

    def lengths(self, lengths: Tensor | None) -> Tensor | None:
        """(B,) bases -> (B,) encoded positions. None, no padding, stays None."""
        ...
