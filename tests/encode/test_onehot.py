"""Codes to one-hot."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dnaseq.encode.alphabet import EXPECTED_BASE, LETTERS, N, to_codes
from dnaseq.encode.onehot import OneHot


def codes_of(*sequences):
    return torch.tensor(np.stack([to_codes(s) for s in sequences]))


batches = st.integers(0, 12).flatmap(
    lambda n: st.lists(st.lists(st.integers(0, 15), min_size=n, max_size=n), min_size=1, max_size=4)
)


def test_worked_example():
    expected = [
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 1, 0],
        [0, 0, 0, 1],
        [0.25, 0.25, 0.25, 0.25],
        [0.5, 0, 0.5, 0],
    ]
    assert OneHot()(codes_of("ACGTNR"))[:, 0].tolist() == expected


def test_position_comes_first():
    assert OneHot()(codes_of("ACGTA", "TTTTT")).shape == (5, 2, 4)


def test_numbers_are_single_precision():
    assert OneHot()(codes_of("ACGT")).dtype == torch.float32


@given(batches)
def test_every_row_is_the_expected_base_of_its_letter(batch):
    codes = torch.tensor(batch, dtype=torch.uint8).view(len(batch), -1)
    x = OneHot()(codes)
    for b, row in enumerate(batch):
        for position, code in enumerate(row):
            assert x[position, b].tolist() == EXPECTED_BASE[code].tolist()


@pytest.mark.parametrize("ambiguous", ["expected", "zero", "error"])
def test_padding_is_zeros(ambiguous):
    assert not OneHot(ambiguous)(torch.full((2, 3), LETTERS.index("-"), dtype=torch.uint8)).any()


def test_zero_makes_every_ambiguous_letter_zeros():
    assert not OneHot("zero")(torch.arange(N, 16, dtype=torch.uint8)[None]).any()


def test_zero_leaves_bases_alone():
    assert torch.equal(OneHot("zero")(codes_of("ACGT")), OneHot()(codes_of("ACGT")))


def test_one_object_with_zeros_does_not_change_the_next():
    OneHot("zero")
    assert OneHot()(codes_of("N"))[0, 0].tolist() == [0.25] * 4


def test_lengths_stay_as_they_are():
    assert OneHot().lengths(torch.tensor([3, 1])).tolist() == [3, 1]


def test_unknown_policy_is_refused():
    with pytest.raises(ValueError, match=r"^ambiguous must be one of expected, zero, error; got 'skip'$"):
        OneHot("skip")
