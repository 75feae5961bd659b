import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnaseq.bundle.postprocess import round_to_digits


@given(st.floats(0, 1) | st.floats(1e-22, 1e-6))
def test_printing_and_reading_gives_the_number_back(p):
    rounded = float(round_to_digits(np.array([p]))[0])
    assert float(f"{rounded:.7g}") == rounded


@given(st.floats(1e-15, 1))
def test_it_is_the_number_with_seven_digits(p):
    assert float(round_to_digits(np.array([p]))[0]) == pytest.approx(p, rel=5.001e-7)


@given(st.floats(0, 1))
def test_two_still_sum_to_one(p):
    assert round_to_digits(np.array([p, 1 - p])).sum() == pytest.approx(1, abs=1.001e-7, rel=0)


def test_rounding_again_changes_nothing():
    once = round_to_digits(np.random.default_rng(0).random((1000, 3)))
    assert (round_to_digits(once) == once).all()


def test_zero_and_one_stay():
    assert round_to_digits(np.array([0.0, 1.0, 1e-300])).tolist() == [0, 1, 0]


def test_small_probabilities_keep_their_digits():
    assert round_to_digits(np.array([1.23456789e-9])).tolist() == [1.234568e-9]
