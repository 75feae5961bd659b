"""Recurrence without a loop over positions: equal to the loop, for any length, in both directions."""

from functools import partial

import pytest
import torch

from dnaseq.models.encoded import reverse_each
from dnaseq.models.encoders.min_recurrent import CELLS, MinRecurrent, minlstm, positive, scan

LENGTHS = torch.tensor([9, 1, 4, 7])

cells = pytest.mark.parametrize("cell", CELLS)


def loop(a, b):
    """h_t = a_t h_(t-1) + b_t, step by step."""
    h, rows = torch.zeros_like(b[0]), []
    for keep, new in zip(a, b, strict=True):
        h = keep * h + new
        rows.append(h)
    return torch.stack(rows)


def by_steps(model, record):
    """All layers over one record (n, d), from the equations, position by position: (n, d_out)."""
    h = 0
    for number, layer in enumerate(model.gates):
        below = model.norms[number - 1](h) if number else record
        sides = []
        for backward, gates in enumerate(layer):
            states = loop(*EQUATIONS[model.cell](gates(below.flip(0) if backward else below)))
            sides.append(states.flip(0) if backward else states)
        h = h + torch.cat(sides, dim=-1)
    return h


def gru_equations(gates):
    z, n = gates.chunk(2, dim=-1)
    return 1 - z.sigmoid(), z.sigmoid() * torch.where(n >= 0, n + 0.5, n.sigmoid())


def lstm_equations(gates):
    f, i, n = gates.chunk(3, dim=-1)
    total = f.sigmoid() + i.sigmoid()
    return f.sigmoid() / total, i.sigmoid() / total * torch.where(n >= 0, n + 0.5, n.sigmoid())


EQUATIONS = {CELLS["mingru"][1]: gru_equations, CELLS["minlstm"][1]: lstm_equations}


def encoder(cell, **options):
    torch.manual_seed(0)
    return MinRecurrent(4, cell, 5, **options).double()


def batch(length=11):
    """Longer than its longest record, with numbers in the padding that must not matter."""
    return torch.randn(length, len(LENGTHS), 4, dtype=torch.float64)


@pytest.mark.parametrize("n", [1, 2, 3, 8, 9, 10, 15, 16, 100, 257])
def test_scan_is_the_loop(n):
    a, b = torch.rand(n, 2, 3, dtype=torch.float64), torch.randn(n, 2, 3, dtype=torch.float64)
    torch.testing.assert_close(scan(a, b), loop(a, b), rtol=0, atol=1e-12)


def test_gradients_of_the_scan_are_those_of_the_loop():
    leaves = [torch.rand(23, 2, 3, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    ours, theirs = (torch.autograd.grad(f(*leaves).square().sum(), leaves) for f in (scan, loop))
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-10)


@cells
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_each_record_is_read_as_by_the_equations_alone(cell, layers, bidirectional):
    model, x = encoder(cell, layers=layers, bidirectional=bidirectional), batch()
    h = model(x, LENGTHS).h
    for b, n in enumerate(LENGTHS.tolist()):
        torch.testing.assert_close(h[:n, b], by_steps(model, x[:n, b]), rtol=0, atol=1e-10)


@cells
def test_final_is_the_state_after_a_whole_record_in_each_direction(cell):
    encoded = encoder(cell, layers=2, bidirectional=True)(batch(), LENGTHS)
    ends = encoded.h[LENGTHS - 1, torch.arange(4), :5]
    assert torch.equal(encoded.final, torch.cat([ends, encoded.h[0, :, 5:]], dim=-1))


@cells
def test_final_in_one_direction_is_the_last_real_state(cell):
    encoded = encoder(cell)(batch(), LENGTHS)
    assert torch.equal(encoded.final, encoded.h[LENGTHS - 1, torch.arange(4)])


@cells
def test_two_directions_of_a_reversed_record_change_places(cell):
    model, x = encoder(cell, bidirectional=True), batch()
    model.gates[0][1].load_state_dict(model.gates[0][0].state_dict())
    forward, backward = model(x, LENGTHS).h.chunk(2, dim=-1)
    turned = model(reverse_each(x, LENGTHS), LENGTHS).h.chunk(2, dim=-1)[1]
    real = torch.arange(len(x))[:, None] < LENGTHS
    torch.testing.assert_close(forward[real], reverse_each(turned, LENGTHS)[real])
    assert not torch.allclose(forward[real], backward[real])


@cells
def test_ten_thousand_positions_are_as_exact_as_the_loop_in_single_precision(cell):
    gates = 3 * torch.randn(10_000, 1, 8 * CELLS[cell][0])
    gates[:2000] = 40.0  # gates that are shut or wide open for long
    leaves = gates.requires_grad_()
    h = scan(*CELLS[cell][1](leaves))
    exact = loop(*EQUATIONS[CELLS[cell][1]](gates.detach().double()))
    torch.testing.assert_close(h.double(), exact, rtol=3e-6, atol=0)
    assert torch.autograd.grad(h.sum(), leaves)[0].isfinite().all()


def test_shut_gates_of_an_lstm_divide_nothing_by_zero():
    a, b = minlstm(torch.tensor([-200.0, -200.0, 1.0]))
    assert (a.item(), b.item()) == (0.5, 0.75)


def test_what_is_new_is_positive_and_has_no_step_at_zero():
    values = positive(torch.tensor([-60.0, -1e-6, 0.0, 1e-6, 3.0], dtype=torch.float64))
    assert (values > 0).all()
    assert values[1:4].tolist() == pytest.approx([0.5, 0.5, 0.5], abs=2e-6)
    assert values[4] == 3.5


@cells
def test_the_lowest_of_eight_layers_is_told_what_to_learn_as_loudly_as_the_highest(cell):
    model = encoder(cell, layers=8, bidirectional=True)
    side = torch.linspace(-1, 1, 10, dtype=torch.float64)
    (model(batch(), LENGTHS).final @ side).square().sum().backward()
    lowest, highest = (layer[0].weight.grad.norm() for layer in (model.gates[0], model.gates[-1]))
    assert lowest > highest / 10


@cells
def test_dropout_acts_between_layers_in_training_alone(cell):
    model, x = encoder(cell, layers=2, dropout=0.5), batch()
    assert not torch.equal(model(x, LENGTHS).h, model(x, LENGTHS).h)
    model.eval()
    assert torch.equal(model(x, LENGTHS).h, model(x, LENGTHS).h)


def test_width_is_doubled_by_the_second_direction():
    make = partial(MinRecurrent, 4, "mingru", 8)
    assert [make(bidirectional=both).d_out for both in (False, True)] == [8, 16]
