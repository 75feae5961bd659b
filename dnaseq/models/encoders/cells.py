"""The recurrent networks as a loop over nn.RNNCell, nn.LSTMCell or nn.GRUCell.

Half-way between by_hand.py, which shows the equations, and nn.LSTM, which hides the loop as well.
"""

from collections.abc import Callable
from functools import partial

from torch import Tensor, nn

from dnaseq.models.encoders.by_hand import Direction, State, over_layers, over_time, stack_states, zero_state

CELLS: dict[str, Callable[..., nn.Module]] = {  # by the name that torch gives to the mode of a module
    "RNN_TANH": partial(nn.RNNCell, nonlinearity="tanh"),
    "RNN_RELU": partial(nn.RNNCell, nonlinearity="relu"),
    "LSTM": nn.LSTMCell,
    "GRU": nn.GRUCell,
}


def cells_of(module: nn.RNNBase) -> list[nn.Module]:
    """Make a cell for each layer and direction that shares, not copies, the parameters of the module."""
    cells = []
    for weights in module.all_weights:
        # on "meta", because its own parameters are replaced before they hold a value
        cell = CELLS[module.mode](weights[0].shape[1], module.hidden_size, module.bias, device="meta")
        for name, weight in zip(("weight_ih", "weight_hh", "bias_ih", "bias_hh"), weights, strict=False):
            setattr(cell, name, weight)
        cells.append(cell)
    return cells


def run_cells(
    module: nn.RNNBase, x: Tensor, initial: State | None = None, lengths: Tensor | None = None
) -> tuple[Tensor, State]:
    """Compute module(x, initial) by cells: (L, B, D) -> (L, B, H or 2 H) and the last states, as run_by_hand."""
    step = _lstm_step if module.mode == "LSTM" else _step
    directions: list[Direction] = [partial(over_time, step=partial(step, cell)) for cell in cells_of(module)]
    out, finals = over_layers(module, directions, x, initial or zero_state(module, x), lengths)
    return out, stack_states(finals)


def _step(cell: nn.Module, x: Tensor, state: State) -> State:
    return (cell(x, state[0]),)


def _lstm_step(cell: nn.Module, x: Tensor, state: State) -> State:
    return cell(x, state)
