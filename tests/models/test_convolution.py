"""Motif scanners: a plain loop, lengths after pooling, and padding."""

import pytest
import torch

from dnaseq.models.convolution import Convolution

LENGTHS = torch.tensor([11, 1, 4, 7])


def loop(model, record):
    """One convolution, ReLU and max-pool over a record (n, d_in), position by position."""
    scan, (left, right) = model.scanners[0], model.ends
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
