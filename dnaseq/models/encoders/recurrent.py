"""The recurrent encoders: simple RNN, LSTM and GRU in one class, for they differ by one word."""

import warnings
from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor, nn

from dnaseq.models.encoded import Encoded, Part, last_real
from dnaseq.models.encoders.by_hand import Direction, State, over_layers, run_by_hand, zero_state
from dnaseq.models.encoders.cells import run_cells
from dnaseq.models.limits import at_least_one, one_of, share

CELLS: dict[str, Callable[..., nn.RNNBase]] = {
    "rnn_tanh": partial(nn.RNN, nonlinearity="tanh"),
    "rnn_relu": partial(nn.RNN, nonlinearity="relu"),
    "lstm": nn.LSTM,
    "gru": nn.GRU,
}
_KERNELS: dict[str, Callable[..., tuple[Tensor, ...]]] = {  # the fused loops behind those modules
    "RNN_TANH": torch.rnn_tanh,
    "RNN_RELU": torch.rnn_relu,
    "LSTM": torch.lstm,
    "GRU": torch.gru,
}
# cuDNN copies the weights of one direction together at every call, some kilobytes, and warns of it each run
warnings.filterwarnings("ignore", message="RNN module weights are not part of single contiguous chunk")


class Recurrent(Part):
    """(L, B, d_in) -> (L, B, d_out), d_out = hidden, or 2 hidden in two directions (Schuster & Paliwal 1997).

    `final` is the state after the last real position and, in two directions, beside it the backward state at
    position 0: each direction's state after a whole record. A record's result does not depend on its padding.
    `dropout` acts between layers, as in torch, which warns where there is but one. `keep` is the first bias of the gate
    that keeps the state; with 1, early positions reach the last state.
    `backend` is "torch", the fused kernels; or, with the same parameters and the same result, "by_hand", the
    equations of by_hand.py, or "cells", the loop over nn.RNNCell and its kin.
    """

    def __init__(
        self,
        d_in: int,
        cell: str,
        hidden: int,
        layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        bias: bool = True,
        backend: str = "torch",
        keep: float = 0.0,
    ):
        super().__init__()
        one_of("cell", cell, CELLS)
        one_of("backend", backend, BACKENDS)
        at_least_one(hidden=hidden, layers=layers)
        share(dropout=dropout)
        self.d_out = hidden * (2 if bidirectional else 1)
        self.backend = backend
        self.rnn = CELLS[cell](d_in, hidden, layers, bias=bias, dropout=dropout, bidirectional=bidirectional)
        initialise(self.rnn, keep)

    def forward(self, h: Tensor, lengths: Tensor | None) -> Encoded:
        out = BACKENDS[self.backend](self.rnn, h, lengths=lengths)[0]  # (L, B, d_out)
        final = last_real(out, lengths)  # (B, d_out)
        if self.rnn.bidirectional:
            n = self.rnn.hidden_size
            final = torch.cat([final[:, :n], out[0, :, n:]], dim=-1)
        return Encoded(out, final, lengths)


def initialise(module: nn.RNNBase, keep: float) -> None:
    """Start with weights that let a network distinguish bases from the first step.

    Input weights are normal with variance 1 / width (LeCun et al. 1998): torch draws them by the number of cells, so
    small that one-hot input hardly moves a state and dozens of epochs may pass in which nothing is learnt. The
    recurrent weights of each gate are orthogonal (Saxe et al. 2014). Biases are zeros, but `keep` for the gate that
    keeps the state: the forget gate of an LSTM (Gers et al. 2000; Jozefowicz et al. 2015), the update gate of a GRU.
    """
    hidden = module.hidden_size
    if module.weight_ih_l0.is_meta:
        return  # it has no memory
    for name, weights in module.named_parameters():
        if name.startswith("weight_ih"):
            nn.init.normal_(weights, std=weights.shape[1] ** -0.5)
        elif name.startswith("weight_hh"):
            for gate in weights.data.split(hidden):
                nn.init.orthogonal_(gate)
        else:
            nn.init.zeros_(weights)
        if name.startswith("bias_ih"):
            # the second of an LSTM's i, f, g, o and of a GRU's r, z, n; a simple RNN has but one
            weights.data[hidden : 2 * hidden] = keep


def run_fused(module: nn.RNNBase, x: Tensor, lengths: Tensor | None) -> tuple[Tensor, object]:
    """Compute module(x), but the backward direction starts at each record's own end: (L, B, D) -> (L, B, H or 2 H).

    A forward direction meets padding only after the record, and without lengths there is none: the module is
    called as it is. Otherwise each direction of each layer is one kernel call, the backward one on reversed
    records. That costs a gather, where pack_padded_sequence makes a training step on a CPU many times slower.
    The last states are as the kernels give them, after the padding.
    """
    if not module.bidirectional or lengths is None:
        return module(x)
    directions: list[Direction] = [
        partial(_one_direction, module.mode, weights) for weights in module.all_weights
    ]
    return over_layers(module, directions, x, zero_state(module, x), lengths)


def _one_direction(
    mode: str, weights: Sequence[Tensor], x: Tensor, state: State, lengths: Tensor | None
) -> tuple[Tensor, State]:
    """Run one layer in one direction by its fused kernel."""
    start = [part[None] for part in state]  # each (1, B, H)
    # has_biases, num_layers, dropout, train, bidirectional, batch_first: dropout is in over_layers, and
    # train must be true for gradients, as cuDNN keeps the values for them only then
    options = (len(weights) == 4, 1, 0.0, torch.is_grad_enabled(), False, False)
    out, *final = _KERNELS[mode](x, start if mode == "LSTM" else start[0], weights, *options)
    return out, tuple(final)


BACKENDS: dict[str, Callable[..., tuple[Tensor, object]]] = {
    "torch": run_fused,
    "by_hand": run_by_hand,
    "cells": run_cells,
}
