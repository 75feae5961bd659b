"""Masks and reversals from lengths."""

import pytest
import torch

from dnaseq.models.encoded import last_real, real_positions, reverse_each

LENGTHS = torch.tensor([5, 1, 3])


def test_real_positions_are_those_below_the_length():
    expected = torch.tensor([[1, 1, 1], [1, 0, 1], [1, 0, 1], [1, 0, 0], [1, 0, 0]]).bool()
    assert torch.equal(real_positions(LENGTHS, 5), expected)


def test_each_record_is_reversed_over_its_own_length_and_padding_stays_behind():
    ids = torch.tensor([[1, 6, 7], [2, 0, 8], [3, 0, 9], [4, 0, 0], [5, 0, 0]])
    expected = torch.tensor([[5, 6, 9], [4, 0, 8], [3, 0, 7], [2, 0, 0], [1, 0, 0]])
    assert torch.equal(reverse_each(ids, LENGTHS), expected)


@pytest.mark.parametrize("shape", [(5, 3), (5, 3, 4), (5, 3, 2, 2)])
def test_reversing_matches_a_plain_loop(shape):
    h = torch.randn(shape)
    expected = h.clone()
    for b, n in enumerate(LENGTHS.tolist()):
        for position in range(n):
            expected[position, b] = h[n - 1 - position, b]
    assert torch.equal(reverse_each(h, LENGTHS), expected)


def test_reversing_twice_gives_the_input():
    h = torch.randn(9, 3, 2)
    assert torch.equal(reverse_each(reverse_each(h, LENGTHS), LENGTHS), h)


@pytest.mark.parametrize("shape", [(5, 3), (5, 3, 4)])
def test_last_real_takes_the_position_before_the_padding(shape):
    h = torch.randn(shape)
    assert torch.equal(last_real(h, LENGTHS), torch.stack([h[4, 0], h[0, 1], h[2, 2]]))
