"""Encoders on top of each other."""

from functools import partial

import torch

from dnaseq.models.encoders.convolution import Convolution
from dnaseq.models.encoders.recurrent import Recurrent
from dnaseq.models.encoders.stack import Stack

SCANNERS = partial(Convolution, filters=6, width=5, pool=3)
LSTM = partial(Recurrent, cell="lstm", hidden=5, bidirectional=True)
LENGTHS = torch.tensor([12, 1, 7])


def test_upper_part_is_given_what_the_lower_put_out_with_its_lengths():
    stack, x = Stack(4, [SCANNERS, LSTM]), torch.randn(12, 3, 4)
    lower = stack.parts[0](x, LENGTHS)
    upper = stack.parts[1](lower.h, lower.lengths)
    assert all(torch.equal(a, b) for a, b in zip(stack(x, LENGTHS), upper, strict=True))


def test_lengths_are_those_after_the_last_part():
    assert Stack(4, [SCANNERS, LSTM])(torch.randn(12, 3, 4), LENGTHS).lengths.tolist() == [4, 1, 3]


def test_width_is_that_of_the_last_part():
    assert Stack(4, [SCANNERS, LSTM]).d_out == 10


def test_shortened_is_what_the_parts_do_one_after_the_other():
    twice = Stack(4, [SCANNERS, LSTM, SCANNERS])
    assert [twice.shortened(n) for n in (1, 9, 10, 60)] == [1, 1, 2, 7]
