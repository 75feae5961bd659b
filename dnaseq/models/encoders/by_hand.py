"""RNN, LSTM and GRU from their equations, to read and to step through.

Top to bottom: the weights of a layer; one step of each cell; the loop over positions; directions and layers.
It uses the parameters of an nn.RNN, nn.LSTM or nn.GRU and returns the same as that module; it is slower, for it
loops over positions in Python. Shapes: L positions, B records, D features in, H hidden units,
G gates (RNN 1, GRU 3, LSTM 4). sigma is the logistic function and * multiplies element by element.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dnaseq.models.encoded import real_positions, reverse_each

State = tuple[Tensor, ...]  # (h,) of an RNN and a GRU, (h, c) of an LSTM; each (B, H)
Direction = Callable[[Tensor, State, Tensor | None], tuple[Tensor, State]]


class Weights(NamedTuple):
    """One layer in one direction, as torch stores it: the gates below each other, and two biases."""

    w_ih: Tensor  # (G H, D) input to hidden
    w_hh: Tensor  # (G H, H) hidden to hidden
    b_ih: Tensor  # (G H,)
    b_hh: Tensor  # (G H,) a second bias changes nothing but the GRU; cuDNN has both, so torch has


def weights_of(module: nn.RNNBase) -> list[Weights]:
    """List the weights of each layer and, within a layer, of each direction; zeros where the module has no bias."""
    if module.bias:
        return [Weights(*four) for four in module.all_weights]
    return [Weights(ih, hh, ih.new_zeros(len(ih)), ih.new_zeros(len(ih))) for ih, hh in module.all_weights]


def rnn_step(x: Tensor, state: State, w: Weights, activation: Callable = torch.tanh) -> State:
    """Take one step of a simple recurrent network (Elman 1990): (B, D) input, h (B, H) -> h (B, H).

    h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu in place of tanh
    """
    (h,) = state
    return (activation(x @ w.w_ih.t() + w.b_ih + h @ w.w_hh.t() + w.b_hh),)


def lstm_step(x: Tensor, state: State, w: Weights) -> State:
    """Take one step of an LSTM (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000).

    i  = sigma(W_ii x + b_ii + W_hi h + b_hi)    input gate: how much of the new enters
    f  = sigma(W_if x + b_if + W_hf h + b_hf)    forget gate: how much of the old stays
    g  = tanh (W_ig x + b_ig + W_hg h + b_hg)    what is new
    o  = sigma(W_io x + b_io + W_ho h + b_ho)    output gate: how much is shown
    c' = f * c + i * g                           the memory: added to, so that gradients last
    h' = o * tanh(c')
    """
    h, c = state
    gates = x @ w.w_ih.t() + w.b_ih + h @ w.w_hh.t() + w.b_hh  # (B, 4 H)
    i, f, g, o = gates.chunk(4, dim=-1)  # each (B, H), in the order in which torch stores them
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    h = torch.sigmoid(o) * torch.tanh(c)
    return h, c


def gru_step(x: Tensor, state: State, w: Weights) -> State:
    """Take one step of a GRU (Cho et al. 2014).

    r  = sigma(W_ir x + b_ir + W_hr h + b_hr)      reset gate: how much of the old the new may see
    z  = sigma(W_iz x + b_iz + W_hz h + b_hz)      update gate: how much of the old stays
    n  = tanh (W_in x + b_in + r * (W_hn h + b_hn))  what is new
    h' = (1 - z) * n + z * h

    Cho et al. reset the state before the product, W_hn (r * h). torch and cuDNN reset after it, as above, so
    that W_hh h is one product for all three gates; this is why b_hn is a bias of its own.
    """
    (h,) = state
    x_r, x_z, x_n = (x @ w.w_ih.t() + w.b_ih).chunk(3, dim=-1)  # each (B, H)
    h_r, h_z, h_n = (h @ w.w_hh.t() + w.b_hh).chunk(3, dim=-1)
    r = torch.sigmoid(x_r + h_r)
    z = torch.sigmoid(x_z + h_z)
    n = torch.tanh(x_n + r * h_n)
    return ((1 - z) * n + z * h,)


STEPS: dict[str, Callable[..., State]] = {  # by the name that torch gives to the mode of a module
    "RNN_TANH": rnn_step,
    "RNN_RELU": partial(rnn_step, activation=torch.relu),
    "LSTM": lstm_step,
    "GRU": gru_step,
}


def over_time(
    x: Tensor, state: State, lengths: Tensor | None, step: Callable[[Tensor, State], State]
) -> tuple[Tensor, State]:
    """Take the steps from the first position to the last: (L, B, D) -> h of every step (L, B, H), last state.

    After a record's last real position its state stands still, so the last state is that of the record alone.
    """
    real = None if lengths is None else real_positions(lengths, len(x))[..., None]  # (L, B, 1)
    outputs = []
    for t in range(len(x)):
        new = step(x[t], state)
        if real is not None:
            new = tuple(torch.where(real[t], after, before) for after, before in zip(new, state, strict=True))
        state = new
        outputs.append(state[0])
    return torch.stack(outputs), state


def over_layers(
    module: nn.RNNBase, directions: list[Direction], x: Tensor, initial: State, lengths: Tensor | None
) -> tuple[Tensor, list[State]]:
    """Stack layers: each takes the output of the one below, both directions side by side.

    `directions` holds for each layer, and within it for each direction, a function that runs over a whole
    sequence; the second direction is given each record from its end to its start. Returns (L, B, H) or
    (L, B, 2 H), and the last state of every direction.
    """
    each = 2 if module.bidirectional else 1
    finals = []
    for layer in range(module.num_layers):
        if layer > 0:
            x = F.dropout(x, module.dropout, module.training)
        outputs = []
        for at in range(layer * each, layer * each + each):
            backward = at % each == 1
            run, start = directions[at], tuple(part[at] for part in initial)
            out, final = run(reverse_each(x, lengths) if backward else x, start, lengths)
            outputs.append(reverse_each(out, lengths) if backward else out)
            finals.append(final)
        x = torch.cat(outputs, dim=-1)  # (L, B, each * H)
    return x, finals


def run_by_hand(
    module: nn.RNNBase, x: Tensor, initial: State | None = None, lengths: Tensor | None = None
) -> tuple[Tensor, State]:
    """Compute module(x, initial) by the equations: (L, B, D) -> (L, B, H or 2 H) and the last states.

    States are tuples, (h,) or (h, c), each (layers * directions, B, H); no `initial` means zeros. With
    `lengths` (B,) each record ends at its own last position, as it does in a packed sequence.
    """
    steps = [partial(STEPS[module.mode], w=weights) for weights in weights_of(module)]
    directions: list[Direction] = [partial(over_time, step=step) for step in steps]
    out, finals = over_layers(module, directions, x, initial or zero_state(module, x), lengths)
    return out, stack_states(finals)


def zero_state(module: nn.RNNBase, x: Tensor) -> State:
    """Return the state before the first position: (h,) or (h, c), each (layers * directions, B, H)."""
    each = 2 if module.bidirectional else 1
    zeros = x.new_zeros(module.num_layers * each, x.shape[1], module.hidden_size)
    return (zeros, zeros) if module.mode == "LSTM" else (zeros,)


def stack_states(states: list[State]) -> State:
    """Stack one state for each layer and direction -> one, (layers * directions, B, H)."""
    return tuple(torch.stack(parts) for parts in zip(*states, strict=True))
