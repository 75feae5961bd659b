"""Means with bootstrap intervals."""

import numpy as np
import pytest
from scipy import stats

from dnaseq.evaluation.intervals.means import mean_intervals


def test_of_single_records_the_interval_is_that_of_student():
    values = np.random.default_rng(1).normal(size=(40, 2))
    means = mean_intervals(values, np.arange(40), np.random.default_rng(2))
    np.testing.assert_allclose(means.value, values.mean(axis=0))
    low, high = stats.t.interval(0.95, 39, values.mean(axis=0), stats.sem(values))
    assert means.low == pytest.approx(low, abs=0.05)
    assert means.high == pytest.approx(high, abs=0.05)


def test_copies_in_a_group_add_no_certainty():
    few = np.random.default_rng(1).normal(size=(10, 1))
    alone = mean_intervals(few, np.arange(10), np.random.default_rng(2))
    copied = mean_intervals(
        np.repeat(few, 50, axis=0), np.repeat(np.arange(10), 50), np.random.default_rng(2)
    )
    assert copied.high - copied.low == pytest.approx(alone.high - alone.low, rel=0.1)


def test_missing_values_are_left_out_and_one_record_has_no_interval():
    values = np.array([[1.0, 5.0, np.nan], [3.0, np.nan, np.nan]])
    means = mean_intervals(values, np.arange(2), np.random.default_rng(1))
    np.testing.assert_equal(means.value, [2.0, 5.0, np.nan])
    assert means.low[0] < 2 < means.high[0]
    assert np.isnan([*means.low[1:], *means.high[1:]]).all()
    assert mean_intervals(np.empty((0, 3)), np.arange(0), np.random.default_rng(1)).value.shape == (3,)
