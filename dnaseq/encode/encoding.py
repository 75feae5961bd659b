"""The interface of an encoding."""

from typing import Protocol, runtime_checkable

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


@runtime_checkable
class OfBases(Protocol):
    """An encoding that is a smooth function of the share of each base at each position, so that gradients pass it."""

    def bases(self, codes: Tensor) -> Tensor:
        """(B, L) codes -> (L, B, 4) float32 shares of A, C, G, T."""
        ...

    def of_bases(self, bases: Tensor) -> Tensor:
        """(L, B, 4) shares -> (L, B, n_symbols) input of a network; of bases(codes) it is the encoding of codes."""
        ...
