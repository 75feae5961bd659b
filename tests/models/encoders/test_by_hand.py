"""The equations give what torch gives: outputs, last states and gradients."""

import pytest
import torch
from torch import nn

from dnaseq.models.encoders.by_hand import Weights, gru_step, lstm_step, rnn_step, run_by_hand
from dnaseq.models.encoders.cells import run_cells

MODULES = {
    "rnn_tanh": lambda *a, **k: nn.RNN(*a, **k),
    "rnn_relu": lambda *a, **k: nn.RNN(*a, nonlinearity="relu", **k),
    "lstm": nn.LSTM,
    "gru": nn.GRU,
}
CASES = {  # name: L, B, D, H and further options
    "length_10_batch_3_features_100_hidden_20": (10, 3, 100, 20, {}),
    "length_200_batch_64_one_hot_hidden_2": (200, 64, 4, 2, {}),
    "two_layers": (7, 3, 4, 5, {"num_layers": 2}),
    "two_directions": (7, 3, 4, 5, {"bidirectional": True}),
    "two_layers_two_directions": (7, 3, 4, 5, {"num_layers": 2, "bidirectional": True}),
    "batch_of_one": (7, 1, 4, 5, {}),
    "one_position": (1, 3, 4, 5, {"bidirectional": True}),
    "no_bias": (7, 3, 4, 5, {"bias": False, "num_layers": 2}),
}
RUNS = {"by_hand": run_by_hand, "cells": run_cells}

cells = pytest.mark.parametrize("cell", MODULES)
cases = pytest.mark.parametrize("case", CASES)
runs = pytest.mark.parametrize("run", RUNS)


def setting(cell, case):
    """A module in float64, an input that wants gradients and initial states that do, too."""
    length, batch, d_in, hidden, options = CASES[case]
    torch.manual_seed(0)
    module = MODULES[cell](d_in, hidden, **options).double()
    x = torch.randn(length, batch, d_in, dtype=torch.float64, requires_grad=True)
    states = module.num_layers * (2 if module.bidirectional else 1)
    parts = 2 if cell == "lstm" else 1
    initial = tuple(
        torch.randn(states, batch, hidden, dtype=torch.float64, requires_grad=True) for _ in range(parts)
    )
    return module, x, initial


def torch_run(module, x, initial=None):
    """torch's own answer, its last states as a tuple."""
    start = initial if initial is None or module.mode == "LSTM" else initial[0]
    out, final = module(x, start)
    return out, final if module.mode == "LSTM" else (final,)


def gradients(out, final, leaves):
    """Gradients of a sum in which every output and state has its own weight."""
    total = sum(
        (part * torch.linspace(-1, 1, part.numel()).double().view_as(part)).sum() for part in (out, *final)
    )
    return torch.autograd.grad(total, leaves)


def assert_equal(ours, theirs):
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-10)


@cells
@cases
@runs
def test_outputs_and_last_states_are_those_of_torch(cell, case, run):
    module, x, _ = setting(cell, case)
    assert_equal(RUNS[run](module, x), torch_run(module, x))


@cells
@cases
@runs
def test_initial_states_are_used_as_torch_uses_them(cell, case, run):
    module, x, initial = setting(cell, case)
    assert_equal(RUNS[run](module, x, initial), torch_run(module, x, initial))


@cells
@cases
@runs
def test_gradients_are_those_of_torch(cell, case, run):
    module, x, initial = setting(cell, case)
    leaves = [x, *initial, *module.parameters()]
    ours = gradients(*RUNS[run](module, x, initial), leaves)
    assert_equal(ours, gradients(*torch_run(module, x, initial), leaves))


@pytest.mark.parametrize("hidden", [20])
def test_shapes_are_time_major(hidden):
    out, (h,) = run_by_hand(nn.RNN(100, hidden), torch.randn(10, 3, 100), (torch.randn(1, 3, hidden),))
    assert (out.shape, h.shape) == ((10, 3, hidden), (1, 3, hidden))


@cells
@runs
def test_each_record_ends_at_its_own_length_as_in_a_packed_sequence(cell, run):
    module, x, _ = setting(cell, "two_layers_two_directions")
    lengths = torch.tensor([7, 1, 4])
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
    _, expected = module(packed)
    assert_equal(RUNS[run](module, x, lengths=lengths)[1], expected if cell == "lstm" else (expected,))


@runs
def test_dropout_acts_between_layers_in_training(run):
    module, x, _ = setting("gru", "two_layers")
    module.dropout = 0.5
    first, second = RUNS[run](module, x)[0], RUNS[run](module, x)[0]
    assert not torch.equal(first, second)


@runs
def test_dropout_does_nothing_in_evaluation(run):
    module, x, _ = setting("gru", "two_layers")
    module.dropout = 0.5
    assert_equal(RUNS[run](module.eval(), x), torch_run(module, x))


def one(*values):
    """Weights with one feature and one hidden unit: (w_ih, w_hh, b_ih, b_hh) of each gate."""
    return Weights(
        *(torch.tensor(v).double() for v in zip(*(([w], [u], b, c) for w, u, b, c in values), strict=True))
    )


def test_rnn_step_by_arithmetic():
    # tanh(2 * 0.5 + 0.1 + 3 * 0.25 - 0.2) = tanh(1.65)
    (h,) = rnn_step(
        torch.tensor([[0.5]]).double(), (torch.tensor([[0.25]]).double(),), one((2, 3, 0.1, -0.2))
    )
    assert h.item() == pytest.approx(0.9288576, abs=1e-7)


def test_lstm_step_forgets_nothing_and_takes_all_with_open_gates():
    gates = one((0, 0, 99, 0), (0, 0, 99, 0), (1, 0, 0, 0), (0, 0, 99, 0))  # i, f, g, o
    h, c = torch.tensor([[0.0]]).double(), torch.tensor([[0.7]]).double()
    _, c = lstm_step(torch.tensor([[0.5]]).double(), (h, c), gates)
    assert c.item() == pytest.approx(0.7 + 0.4621172, abs=1e-7)  # tanh(0.5) = 0.4621172


def test_gru_step_keeps_the_state_with_a_closed_update_gate():
    gates = one((0, 0, 0, 0), (0, 0, 99, 0), (1, 1, 0, 0))  # r, z, n
    (h,) = gru_step(torch.tensor([[0.5]]).double(), (torch.tensor([[0.25]]).double(),), gates)
    assert h.item() == pytest.approx(0.25, abs=1e-9)


def test_gru_resets_after_the_product_so_the_hidden_bias_is_reset_too():
    gates = one((0, 0, -99, 0), (0, 0, -99, 0), (0, 1, 0, 5))  # r = 0, z = 0
    (h,) = gru_step(torch.tensor([[0.5]]).double(), (torch.tensor([[0.25]]).double(),), gates)
    assert h.item() == pytest.approx(0.0, abs=1e-9)
