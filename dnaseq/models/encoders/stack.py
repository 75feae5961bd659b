"""Encoders on top of each other, such as motif scanners below a BiLSTM."""

from collections.abc import Callable, Mapping, Sequence

from torch import Tensor, nn

from dnaseq.models.encoded import Encoded, Part, positions_after
from dnaseq.models.limits import listed


class Stack(Part):
    """A stack of encoders: each takes h and lengths of the one below; `final` is that of the uppermost.

    `parts` are encoders that still need d_in, the lowest first, each by a name or, as in older bundles, in a list.
    """

    def __init__(
        self,
        d_in: int,
        parts: Mapping[str, Callable[[int], Part]] | Sequence[Callable[[int], Part]],
    ):
        super().__init__()
        self.parts = nn.ModuleList()
        self.d_out = d_in
        for make in listed("encoder", parts=parts):
            part: Part = make(self.d_out)
            self.parts.append(part)
            self.d_out = part.d_out

    def shortened(self, n: int) -> int:
        """Return the number of positions for n before."""
        for part in self.parts:
            n = positions_after(part, n)
        return n

    def forward(self, h: Tensor, lengths: Tensor | None) -> Encoded:
        for part in self.parts:
            encoded = part(h, lengths)
            h, lengths = encoded.h, encoded.lengths
        return encoded
