"""The transformer encoder: its positions, and what depends on them."""

import math

import pytest
import torch

from dnaseq.models.encoders.transformer import Transformer, sinusoids

LIKE = torch.zeros(1, dtype=torch.float64)


def test_sinusoids_are_those_of_the_paper():
    code = sinusoids(50, 8, LIKE)
    for position in (0, 1, 49):
        for i in range(4):
            angle = position / 10000 ** (2 * i / 8)
            expected = [math.sin(angle), math.cos(angle)]
            assert code[position, 2 * i : 2 * i + 2].tolist() == pytest.approx(expected, abs=1e-5)


def test_longer_records_keep_the_code_of_their_first_positions():
    assert torch.equal(sinusoids(5000, 8, LIKE)[:10], sinusoids(10, 8, LIKE))


def test_order_of_positions_matters():
    model, x = Transformer(4, 8, 2, 1, 16), torch.randn(6, 1, 4)
    lengths = torch.tensor([6])
    assert not torch.allclose(model(x, lengths).h.mean(0), model(x.flip(0), lengths).h.mean(0), atol=1e-4)


def test_layers_start_with_different_weights():
    first, second = Transformer(4, 8, 2, 2, 16).layers
    assert not torch.equal(first.linear1.weight, second.linear1.weight)


def test_width_is_free_of_the_input():
    assert Transformer(4, 8, 2, 1, 16)(torch.randn(6, 2, 4), torch.tensor([6, 3])).h.shape == (6, 2, 8)
