import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnaseq.data.sampling import balanced_order


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60), st.integers(0, 150), st.integers(0, 9))
def test_every_class_is_drawn_alike_and_no_member_twice_before_all_are_drawn(y, n, seed):
    y = np.array(y)
    order = balanced_order(y, n, np.random.default_rng(seed))
    assert len(order) == n
    drawn = np.bincount(order, minlength=len(y))
    of_class = np.array([drawn[y == c].sum() for c in np.unique(y)])
    assert of_class.max() - of_class.min() <= 1
    for c in np.unique(y):
        assert np.ptp(drawn[y == c]) <= 1


def test_the_order_is_that_of_the_random_numbers():
    y = np.array([0] * 90 + [1] * 10)
    orders = [balanced_order(y, 100, np.random.default_rng(seed)).tolist() for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]
    assert len(set(y[orders[0]][:20].tolist())) == 2  # shuffled, not class by class


def test_of_nothing_nothing_can_be_drawn():
    with pytest.raises(ValueError, match="nothing to draw from"):
        balanced_order(np.array([]), 3, np.random.default_rng(0))
