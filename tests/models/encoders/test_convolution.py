"""Motif scanners: a plain loop, lengths after pooling, and padding."""

import math

import pytest
import torch

from dnaseq.models.encoders.convolution import ACTIVATIONS, BELOW_ALL, NORMS, Convolution, SameConv1d

LENGTHS = torch.tensor([11, 1, 4, 7])


def loop(model, record):
    """One convolution, ReLU and max-pool over a record (n, d_in), position by position."""
    scan, (left, right) = model.scanners[0], model.scanners[0].ends
    rows = []
    for i in range(len(record)):
        total = scan.bias.clone()
        for j in range(-left, right + 1):
            if 0 <= i + j < len(record):
                total = total + scan.weight[:, :, j + left] @ record[i + j]
        rows.append(total.clamp(min=0))
    windows = [rows[i : i + model.pool] for i in range(0, len(rows), model.pool)]
    return torch.stack([torch.stack(window).amax(0) for window in windows])


@pytest.mark.parametrize("width", [1, 4, 5, 26])
@pytest.mark.parametrize("pool", [1, 2, 3, 13])
def test_each_record_is_scanned_as_by_a_plain_loop(width, pool):
    model, x = Convolution(4, 3, width, pool).double(), torch.randn(12, 4, 4, dtype=torch.float64)
    encoded = model(x, LENGTHS)
    for b, n in enumerate(LENGTHS.tolist()):
        expected = loop(model, x[:n, b])
        torch.testing.assert_close(encoded.h[: encoded.lengths[b], b], expected)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("pool", [1, 3])
def test_record_gives_the_same_alone_and_among_longer_ones(layers, pool):
    model, x = Convolution(4, 3, 6, pool, layers).double(), torch.randn(12, 4, 4, dtype=torch.float64)
    together = model(x, LENGTHS)
    for b, n in enumerate(LENGTHS.tolist()):
        alone = model(x[:n, b : b + 1], LENGTHS[b : b + 1])
        torch.testing.assert_close(together.h[: together.lengths[b], b], alone.h[:, 0])


def test_pooling_rounds_lengths_up_so_no_record_vanishes():
    assert Convolution(4, 3, 5, pool=4)(torch.randn(12, 4, 4), LENGTHS).lengths.tolist() == [3, 1, 1, 2]


def test_every_layer_pools():
    assert len(Convolution(4, 3, 5, pool=3, layers=2)(torch.randn(12, 4, 4), LENGTHS).h) == 2


def test_final_is_the_last_real_position():
    encoded = Convolution(4, 3, 5, pool=4)(torch.randn(12, 4, 4), LENGTHS)
    h = encoded.h
    assert torch.equal(encoded.final, torch.stack([h[2, 0], h[0, 1], h[0, 2], h[1, 3]]))


def test_dropout_acts_in_training():
    model, x = Convolution(4, 8, 5, dropout=0.5), torch.randn(12, 4, 4)
    assert not torch.equal(model(x, LENGTHS).h, model(x, LENGTHS).h)


def test_dropout_ends_with_training():
    model, x = Convolution(4, 8, 5, dropout=0.5).eval(), torch.randn(12, 4, 4)
    assert torch.equal(model(x, LENGTHS).h, model(x, LENGTHS).h)


def test_widths_share_the_filters_out_and_each_scans_as_if_alone():
    model, x = Convolution(4, 6, [3, 8, 5]).double(), torch.randn(12, 4, 4, dtype=torch.float64)
    encoded = model(x, LENGTHS)
    for at, (scale, width) in enumerate(zip(model.scanners[0].scales, (3, 8, 5), strict=True)):
        alone = Convolution(4, 2, width).double()
        alone.scanners[0].load_state_dict(scale.state_dict())
        torch.testing.assert_close(encoded.h[..., 2 * at : 2 * at + 2], alone(x, LENGTHS).h)


@pytest.mark.parametrize(
    ("activation", "by_hand"),
    [
        ("relu", lambda x: max(x, 0)),
        ("gelu", lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2),
        ("exp", lambda x: math.exp(min(x, 10))),
    ],
)
def test_activations_by_arithmetic(activation, by_hand):
    model = Convolution(1, 1, 1, activation=activation).double()
    model.load_state_dict({"scanners.0.weight": torch.ones(1, 1, 1), "scanners.0.bias": torch.zeros(1)})
    values = [-30.0, -0.75, 0.0, 0.5, 9.0, 11.0, 5000.0]
    h = model(torch.tensor(values).double().view(-1, 1, 1), torch.tensor([7])).h
    assert h.flatten().tolist() == pytest.approx([by_hand(x) for x in values])


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_no_activation_falls_below_what_stands_in_the_padding_before_the_maximum(activation):
    values = torch.linspace(-50, 50, 100_001)
    assert ACTIVATIONS[activation](values).min() > BELOW_ALL


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("training", [True, False])
def test_padding_does_not_matter_whatever_the_norm_and_activation(norm, activation, training):
    model = Convolution(4, 6, [3, 6], 3, 2, activation=activation, norm=norm).double().train(training)
    x = torch.randn(14, 4, 4, dtype=torch.float64)
    spoilt = x.where((torch.arange(14)[:, None] < LENGTHS)[..., None], 1e6)
    clean, other = model(x, LENGTHS), model(spoilt, LENGTHS)
    torch.testing.assert_close(clean.h[clean.real], other.h[other.real], rtol=0, atol=1e-10)
    assert other.h.isfinite().all()


def test_norm_comes_before_the_activation():
    model = Convolution(4, 6, 5, norm="batch")
    model(torch.randn(12, 4, 4), LENGTHS)
    shares = (model(torch.randn(12, 40, 4), torch.full((40,), 12)).h > 0).float().mean((0, 1))
    assert ((shares > 0.35) & (shares < 0.65)).all()  # a mean of zero leaves the ReLU about half


def test_norm_takes_the_place_of_the_bias():
    assert "scanners.0.bias" not in Convolution(4, 6, 5, norm="batch").state_dict()


@pytest.mark.parametrize(("width", "dilation", "seen"), [(3, 1, [9, 11]), (4, 1, [9, 12]), (3, 4, [6, 14])])
def test_a_scanner_is_centred_and_of_even_width_sees_one_more_ahead(width, dilation, seen):
    scan, x = SameConv1d(1, 1, width, dilation), torch.randn(1, 1, 21, requires_grad=True)
    (gradient,) = torch.autograd.grad(scan(x)[0, 0, 10], x)
    places = gradient[0, 0].nonzero()[:, 0].tolist()
    assert [places[0], places[-1]] == seen


def test_names_of_weights_are_those_of_bundles_made_before_there_were_norms():
    expected = ["scanners.0.weight", "scanners.0.bias", "scanners.1.weight", "scanners.1.bias"]
    assert list(Convolution(4, 6, 5, 2, 2).state_dict()) == expected


@pytest.mark.parametrize("n", [1, 12, 13, 60])
@pytest.mark.parametrize(("pool", "layers"), [(1, 2), (4, 1), (3, 2)])
def test_shortened_tells_the_positions_beforehand(n, pool, layers):
    model = Convolution(4, 3, 5, pool, layers)
    assert model.shortened(n) == len(model(torch.randn(n, 1, 4), torch.tensor([n])).h)
