"""The recurrent encoder gives what packed sequences give, without packing."""

import pytest
import torch
from torch import nn

from dnaseq.models.encoded import real_positions
from dnaseq.models.encoders.recurrent import BACKENDS, CELLS, Recurrent

LENGTHS = torch.tensor([9, 1, 4, 7])

cells = pytest.mark.parametrize("cell", CELLS)
layers = pytest.mark.parametrize("layers", [1, 2])
directions = pytest.mark.parametrize("bidirectional", [False, True])
backends = pytest.mark.parametrize("backend", BACKENDS)


def packed(module, x, lengths):
    """torch's own answer: (L, B, H) with zeros at padding, and the last layer's final states (B, H)."""
    sequence = nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
    out, final = module(sequence)
    h = final[0] if isinstance(final, tuple) else final
    last = h[-2:] if module.bidirectional else h[-1:]
    return nn.utils.rnn.pad_packed_sequence(out, total_length=len(x))[0], torch.cat(list(last), dim=-1)


def encoder(cell, **options):
    torch.manual_seed(0)
    return Recurrent(4, cell, 8, **options).double()


def batch(length=11):
    """Longer than its longest record, with numbers in the padding that must not matter."""
    return torch.randn(length, len(LENGTHS), 4, dtype=torch.float64)


@cells
@layers
@directions
@backends
def test_states_at_real_positions_are_those_of_a_packed_sequence(cell, layers, bidirectional, backend):
    model, x = encoder(cell, layers=layers, bidirectional=bidirectional, backend=backend), batch()
    h = model(x, LENGTHS).h.masked_fill(~real_positions(LENGTHS, len(x))[..., None], 0)
    torch.testing.assert_close(h, packed(model.rnn, x, LENGTHS)[0], rtol=0, atol=1e-10)


@cells
@layers
@directions
@backends
def test_final_is_the_state_after_a_whole_record_in_each_direction(cell, layers, bidirectional, backend):
    model, x = encoder(cell, layers=layers, bidirectional=bidirectional, backend=backend), batch()
    expected = packed(model.rnn, x, LENGTHS)[1]
    torch.testing.assert_close(model(x, LENGTHS).final, expected, rtol=0, atol=1e-10)


@cells
@layers
def test_gradients_are_those_of_a_packed_sequence(cell, layers):
    model, x = encoder(cell, layers=layers, bidirectional=True), batch()
    ours = torch.autograd.grad(model(x, LENGTHS).final.square().sum(), model.parameters())
    theirs = torch.autograd.grad(packed(model.rnn, x, LENGTHS)[1].square().sum(), model.parameters())
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-10)


@cells
def test_single_precision_equals_a_packed_sequence_to_one_in_a_million(cell):
    model, x = encoder(cell, layers=2, bidirectional=True).float(), batch().float()
    torch.testing.assert_close(model(x, LENGTHS).final, packed(model.rnn, x, LENGTHS)[1], rtol=0, atol=1e-6)


@cells
@directions
def test_without_padding_the_module_is_called_as_it_is(cell, bidirectional):
    model, x = encoder(cell, bidirectional=bidirectional), batch()
    full = torch.full((len(LENGTHS),), len(x))
    assert torch.equal(model(x, full).h, model.rnn(x)[0])


@directions
@backends
def test_no_bias_means_no_bias(bidirectional, backend):
    model, x = encoder("lstm", bias=False, bidirectional=bidirectional, backend=backend), batch()
    expected = packed(model.rnn, x, LENGTHS)[1]
    torch.testing.assert_close(model(x, LENGTHS).final, expected, rtol=0, atol=1e-10)


def test_dropout_acts_between_layers_with_unequal_lengths_too():
    model, x = encoder("lstm", layers=2, bidirectional=True, dropout=0.5), batch()
    assert not torch.equal(model(x, LENGTHS).h, model(x, LENGTHS).h)


def test_dropout_ends_with_training():
    model, x = encoder("lstm", layers=2, bidirectional=True, dropout=0.5).eval(), batch()
    assert torch.equal(model(x, LENGTHS).final, model(x, LENGTHS).final)


@directions
@backends
def test_state_dict_has_the_names_of_torch(bidirectional, backend):
    model = encoder("gru", layers=2, bidirectional=bidirectional, backend=backend)
    expected = nn.GRU(4, 8, 2, bidirectional=bidirectional).state_dict()
    assert [name.removeprefix("rnn.") for name in model.state_dict()] == list(expected)


def test_width_is_doubled_by_the_second_direction():
    assert [Recurrent(4, "gru", 8, bidirectional=b).d_out for b in (False, True)] == [8, 16]


def test_lengths_are_handed_on():
    assert torch.equal(encoder("gru")(batch(), LENGTHS).lengths, LENGTHS)


@pytest.mark.parametrize("cell", ["rnn_tanh", "lstm", "gru"])
@pytest.mark.parametrize("keep", [0.0, 1.0])
def test_weights_start_so_that_bases_are_told_apart(cell, keep):
    torch.manual_seed(0)
    rnn = Recurrent(4, cell, hidden=64, layers=2, bidirectional=True, keep=keep).rnn
    for name, weights in rnn.named_parameters():
        if name.startswith("weight_ih"):
            assert weights.std().item() == pytest.approx(weights.shape[1] ** -0.5, rel=0.15)
        elif name.startswith("weight_hh"):
            for gate in weights.split(64):
                torch.testing.assert_close(gate @ gate.t(), torch.eye(64), atol=1e-5, rtol=0)
        else:
            due = torch.zeros_like(weights)
            if cell != "rnn_tanh" and name.startswith("bias_ih"):
                due[64:128] = keep
            torch.testing.assert_close(weights.data, due)
