"""Recurrent networks whose gates depend on the input alone (Feng et al. 2024, "Were RNNs all we needed?").

So the state is a weighted sum, h_t = a_t * h_(t-1) + b_t with all a and b known beforehand, and needs no step
for each position.
"""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dnaseq.models.encoded import Encoded, Part, last_real, reverse_each
from dnaseq.models.limits import at_least_one, one_of, share


def mingru(gates: Tensor) -> tuple[Tensor, Tensor]:
    """h_t = (1 - z) * h_(t-1) + z * g(n), with z = sigma(W_z x + b_z) and n = W_n x + b_n: (..., 2 H) -> a, b."""
    z, n = gates.chunk(2, dim=-1)
    return torch.sigmoid(-z), torch.sigmoid(z) * positive(n)


def minlstm(gates: Tensor) -> tuple[Tensor, Tensor]:
    """h_t = f / (f + i) * h_(t-1) + i / (f + i) * g(n), f, i as z of mingru: (..., 3 H) -> a, b."""
    f, i, n = gates.chunk(3, dim=-1)
    # f / (f + i) = sigma(log f - log i), which cannot divide by zero
    odds = F.logsigmoid(f) - F.logsigmoid(i)
    return torch.sigmoid(odds), torch.sigmoid(-odds) * positive(n)


def positive(n: Tensor) -> Tensor:
    """Compute g of the paper's appendix B, in place of tanh: n + 0.5 from 0 up, sigma(n) below."""
    return torch.where(n >= 0, n + 0.5, torch.sigmoid(n))


CELLS: dict[str, tuple[int, Callable]] = {"mingru": (2, mingru), "minlstm": (3, minlstm)}  # gates, function


class MinRecurrent(Part):
    """(L, B, d_in) -> (L, B, d_out), d_out = hidden, or 2 hidden in two directions.

    One layer reads each position alone, without its neighbours; so take two or more. Each after the
    first reads the LayerNorm of the layer below and adds to it, without which they hardly learn. `final` is that of
    Recurrent: the output after the last real position and, in two directions, beside it the backward one at
    position 0. `dropout` acts on the input of each layer after the first.
    """

    def __init__(
        self,
        d_in: int,
        cell: str,
        hidden: int,
        layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
    ):
        super().__init__()
        one_of("cell", cell, CELLS)
        at_least_one(hidden=hidden, layers=layers)
        share(dropout=dropout)
        directions = 2 if bidirectional else 1
        self.d_out = directions * hidden
        gates, self.cell = CELLS[cell]
        self.gates = nn.ModuleList(
            nn.ModuleList(nn.Linear(d, gates * hidden) for _ in range(directions))
            for d in [d_in] + [self.d_out] * (layers - 1)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(self.d_out) for _ in range(layers - 1))
        self.hidden, self.dropout = hidden, dropout

    def forward(self, h: Tensor, lengths: Tensor | None) -> Encoded:
        h = self._read(self.gates[0], h, lengths)  # (L, B, d_out)
        for gates, norm in zip(self.gates[1:], self.norms, strict=True):
            h = h + self._read(gates, F.dropout(norm(h), self.dropout, self.training), lengths)
        n = self.hidden
        return Encoded(h, torch.cat([last_real(h[..., :n], lengths), h[0, :, n:]], dim=-1), lengths)

    def _read(self, gates: nn.Module, x: Tensor, lengths: Tensor | None) -> Tensor:
        """Apply one layer: (L, B, d) -> (L, B, d_out), the backward direction from each record's own end."""
        forward, *backward = gates.children()
        states = [scan(*self.cell(forward(x)))]
        for gate in backward:
            state = scan(*self.cell(gate(reverse_each(x, lengths))))
            states.append(reverse_each(state, lengths))
        return torch.cat(states, dim=-1)


def scan(a: Tensor, b: Tensor) -> Tensor:
    """Compute h_t = a_t * h_(t-1) + b_t from h = 0: (L, ...), (L, ...) -> (L, ...), in 2 sqrt(L) steps.

    Records are cut into about sqrt(L) blocks. First all blocks are walked at once, each as if it began with zeros,
    with the products of its a; then the state is carried from block to block. Beside the scan in log space of the
    paper (Heinsen 2023: cumsum and logcumsumexp) it is several times as fast on a CPU, and as exact as the plain
    loop, where sums of logarithms lose a digit for every factor of ten in length.
    """
    n, size = len(a), math.isqrt(len(a))
    padding = (0, 0) * (a.ndim - 1) + (0, -n % size)
    # unbind, for the gradient of a column taken by its index is as large as the whole
    a, b = (F.pad(x, padding).unflatten(0, (-1, size)).unbind(1) for x in (a, b))  # size times (blocks, ...)
    inside, shares = [b[0]], [a[0]]
    for keep, new in zip(a[1:], b[1:], strict=True):
        inside.append(torch.addcmul(new, keep, inside[-1]))
        shares.append(keep * shares[-1])
    before = [torch.zeros_like(inside[-1][0])]  # the state before each block
    for state, kept in zip(inside[-1][:-1], shares[-1][:-1], strict=True):
        before.append(torch.addcmul(state, kept, before[-1]))
    h = torch.addcmul(torch.stack(inside, 1), torch.stack(shares, 1), torch.stack(before)[:, None])
    return h.flatten(0, 1)[:n]
