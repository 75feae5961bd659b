"""Encoders on top of each other, such as motif scanners below a BiLSTM."""

from collections.abc import Callable, Mapping, Sequence

from torch import Tensor, nn

from dnaseq.models.encoded import Encoded, positions_after
from dnaseq.models.limits import listed


class Stack(nn.Module):
    """Each part takes what the part below it put out, and its lengths; `final` is that of the uppermost.

    `parts` are encoders that still want d_in, the lowest first, each by a name or, as in older bundles, in a list.
    """

    def __init__(
        self,
        d_in: int,
        parts: Mapping[str, Callable[[int], nn.Module]] | Sequence[Callable[[int], nn.Module]],
    ):
        super().__init__()
        self.parts = nn.ModuleList()
        self.d_out = d_in
        for part in listed("encoder", parts=parts):
            self.parts.append(part(self.d_out))
            self.d_out = self.parts[-1].d_out

    def shortened(self, n: int) -> int:
        """The positions that n positions become."""
        for part in self.parts:
            n = positions_after(part, n)
        return n

    def forward(self, h: Tensor, lengths: Tensor | None) -> Encoded:
        for part in self.parts:
            encoded = part(h, lengths)
            h, lengths = encoded.h, encoded.lengths
        return encoded
