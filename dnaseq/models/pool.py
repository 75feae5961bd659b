"""Pools: features at every position to one row of features a record, Encoded -> (B, d_out)."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dnaseq.models.encoded import Encoded, Part
from dnaseq.models.limits import at_least_one, listed


class Last(Part):
    """The last state of the encoder."""

    def __init__(self, d_in: int):
        super().__init__()
        self.d_out = d_in

    def forward(self, encoded: Encoded) -> Tensor:
        return encoded.final


class Mean(Part):
    """The mean over the real positions."""

    def __init__(self, d_in: int):
        super().__init__()
        self.d_out = d_in

    def forward(self, encoded: Encoded) -> Tensor:
        if encoded.lengths is None:
            return encoded.h.mean(0)
        return _without_padding(encoded, 0).sum(0) / encoded.lengths[:, None]


class Max(Part):
    """The largest value of each feature over the real positions."""

    def __init__(self, d_in: int):
        super().__init__()
        self.d_out = d_in

    def forward(self, encoded: Encoded) -> Tensor:
        h = _without_padding(encoded, -math.inf)
        # amax takes two to three times as long in a training step on a CPU
        if h.stride(0) == 1:  # of a convolution: the positions of a feature lie side by side
            return F.max_pool1d(h.permute(1, 2, 0), len(h)).squeeze(-1)
        return h.max(0).values


class Attention(Part):
    """A weighted mean over the real positions; `scores` of a class below says what a position scores.

    With `by_position` a learned number for every position is added to its score, so that a site of known place is
    found by its place; this is for records of one length. Raises ValueError then without the number of positions,
    and when called for more.
    """

    takes_positions = True

    def __init__(self, by_position: bool, positions: int | None):
        super().__init__()
        self.place = nn.Parameter(torch.zeros(_known(positions))) if by_position else None

    def scores(self, encoded: Encoded) -> Tensor:
        """(L, B), any numbers."""
        raise NotImplementedError

    def weights(self, encoded: Encoded) -> Tensor:
        """(L, B), each column sums to 1 over the real positions and is 0 at padding."""
        scores = self.scores(encoded)
        if self.place is not None:
            _check_positions(encoded, len(self.place))
            longer = max(len(scores) - len(self.place), 0)  # padding
            scores = scores + F.pad(self.place, (0, longer))[: len(scores), None]
        real = encoded.real
        return (scores if real is None else scores.masked_fill(~real, -math.inf)).softmax(0)

    def mean(self, encoded: Encoded) -> Tensor:
        """(B, H) weighted mean."""
        return torch.einsum("lb,lbh->bh", self.weights(encoded), _without_padding(encoded, 0))


class AdditiveAttention(Attention):
    """A weighted mean over the real positions, by additive attention (Bahdanau et al. 2015).

    The score of a position is v . tanh(W h + b); v, of size `hidden`, is the one learned query.
    """

    def __init__(self, d_in: int, hidden: int = 64, by_position: bool = False, positions: int | None = None):
        super().__init__(by_position, positions)
        at_least_one(hidden=hidden)
        self.d_out = d_in
        self.score = nn.Sequential(nn.Linear(d_in, hidden), nn.Tanh(), nn.Linear(hidden, 1, bias=False))

    def scores(self, encoded: Encoded) -> Tensor:
        return self.score(encoded.h).squeeze(-1)

    def forward(self, encoded: Encoded) -> Tensor:
        return self.mean(encoded)


class DotAttention(Attention):
    """A weighted mean over the real positions beside `final`, which is the query (Luong et al. 2015, "dot").

    The score of a position is h . final, divided by sqrt(d_in) so that a wide encoder does not start with all
    weight on one position (Vaswani et al. 2017). d_out is 2 d_in: [weighted mean; final].
    """

    def __init__(self, d_in: int, by_position: bool = False, positions: int | None = None):
        super().__init__(by_position, positions)
        self.d_out = 2 * d_in

    def scores(self, encoded: Encoded) -> Tensor:
        return torch.einsum("lbh,bh->lb", encoded.h, encoded.final) / math.sqrt(encoded.h.shape[-1])

    def forward(self, encoded: Encoded) -> Tensor:
        return torch.cat([self.mean(encoded), encoded.final], dim=-1)  # (B, 2 d_in)


class Flatten(Part):
    """Features of all positions in one row, so that the head has weights of its own for every position.

    For records of one length: (L', B, d_in) -> (B, positions * d_in), shorter ones with zeros after their end.
    With `width`, one linear map first makes that many features of each position. Raises ValueError without the
    number of positions and, when called, for more of them.
    """

    takes_positions = True

    def __init__(self, d_in: int, positions: int | None = None, width: int | None = None):
        super().__init__()
        positions = _known(positions)
        if width is not None:
            at_least_one(width=width)
        self.positions = positions
        self.narrow = nn.Linear(d_in, width, bias=False) if width else nn.Identity()  # zeros stay zeros
        self.d_out = positions * (width or d_in)

    def forward(self, encoded: Encoded) -> Tensor:
        _check_positions(encoded, self.positions)
        h = self.narrow(_without_padding(encoded, 0)[: self.positions])  # (at most positions, B, width)
        return F.pad(h, (0, 0, 0, 0, 0, self.positions - len(h))).transpose(0, 1).flatten(1)


class Several(Part):
    """Several pools of the same features, side by side, such as mean and maximum.

    `pools` still need d_in, each by a name or in a list; `positions` is for those that take it.
    """

    takes_positions = True

    def __init__(
        self,
        d_in: int,
        pools: Mapping[str, Callable[..., Part]] | Sequence[Callable[..., Part]],
        positions: int | None = None,
    ):
        super().__init__()
        made = [build_pool(pool, d_in, positions) for pool in listed("pool", pools=pools)]
        self.pools = nn.ModuleList(made)
        self.d_out = sum(pool.d_out for pool in made)

    def forward(self, encoded: Encoded) -> Tensor:
        return torch.cat([pool(encoded) for pool in self.pools], dim=-1)


def build_pool(make: Callable[..., Part], d_in: int, positions: int | None) -> Part:
    """Build a pool by `make`, a class or a partial of one, with `positions` if it takes them."""
    kind = make.func if isinstance(make, partial) else make
    return make(d_in, positions=positions) if getattr(kind, "takes_positions", False) else make(d_in)


def _known(positions: int | None) -> int:
    if positions is None:
        raise ValueError("the model needs records of one length: give data.length=..., a number of bases")
    at_least_one(positions=positions)
    return positions


def _check_positions(encoded: Encoded, most: int) -> None:
    longest = len(encoded.h) if encoded.lengths is None else int(encoded.lengths.max())
    if longest > most:
        raise ValueError(
            f"a record has {longest} positions after the encoder, the model {most}: "
            "give data.length of the longest record, or data.length_policy=trim"
        )


def _without_padding(encoded: Encoded, value: float) -> Tensor:
    """(L, B, H) with `value` at padding. A weight of zero would not do: the values there may be infinite."""
    real = encoded.real
    return encoded.h if real is None else encoded.h.masked_fill(~real[..., None], value)
