"""Paired tests: worked examples, exact references, and the cases in which nothing varies."""

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_rel

from dnaseq.evaluation.intervals.bootstrap import Evidence, resampled_counts
from dnaseq.evaluation.intervals.paired import bootstrap_difference, delong_difference, holm, mcnemar_mid_p

BASIS = Evidence(units=100, minority=50, fewest=50)
NO_DIFFERENCE = np.zeros(20)


def right(both: int, first_only: int, second_only: int, none: int) -> tuple[np.ndarray, np.ndarray]:
    first = [True] * both + [True] * first_only + [False] * second_only + [False] * none
    second = [True] * both + [False] * first_only + [True] * second_only + [False] * none
    return np.array(first), np.array(second)


def mid_p_by_sums(first_only: int, second_only: int) -> float:
    """Probability of splits less even than the one seen, and half of that of splits as even."""
    n = first_only + second_only
    chance = [comb(n, k) / 2**n for k in range(n + 1)]
    seen = abs(first_only - second_only)
    beyond = sum(c for k, c in enumerate(chance) if abs(2 * k - n) > seen)
    return beyond + sum(c for k, c in enumerate(chance) if abs(2 * k - n) == seen) / 2


def test_mid_p_of_one_against_five_by_hand():
    # of six records that only one model got right: P(0 or 6) + P(1 or 5) / 2 = 2 / 64 + 6 / 64
    assert mcnemar_mid_p(*right(50, 1, 5, 10)) == pytest.approx(8 / 64)


def test_mid_p_of_one_against_twelve_by_hand():
    # P(0) = 1 / 8192 and P(1) = 13 / 8192, each on two sides: 2 (1 + 13 / 2) / 8192, where the exact test has 0.0034
    assert mcnemar_mid_p(*right(59, 1, 12, 0)) == pytest.approx(2 * (1 + 13 / 2) / 8192)


@given(st.integers(0, 40), st.integers(0, 40))
def test_mid_p_is_the_sum_of_less_even_splits(first_only, second_only):
    p = mcnemar_mid_p(*right(3, first_only, second_only, 2))
    expected = mid_p_by_sums(first_only, second_only) if first_only + second_only else 1
    assert p == pytest.approx(expected, abs=1e-12)


def test_models_that_are_right_on_the_same_records_do_not_differ():
    assert mcnemar_mid_p(*right(7, 0, 0, 3)) == 1


def test_bootstrap_of_a_mean_agrees_with_the_paired_t_test():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=100), rng.normal(0.3, 1, size=100)
    counts = np.concatenate(list(resampled_counts(100, 20_000, rng)))
    replicates = (counts @ (first - second)) / 100
    got = bootstrap_difference("log_loss", float(np.mean(first - second)), replicates, BASIS)
    reference = ttest_rel(first, second)
    assert got.p == pytest.approx(reference.pvalue, rel=0.1)
    assert (got.low, got.high) == pytest.approx(tuple(reference.confidence_interval()), abs=0.01)


def test_interval_excludes_no_difference_exactly_when_p_is_below_five_in_a_hundred():
    replicates = np.random.default_rng(0).normal(size=500)
    for value in np.linspace(-4, 4, 41):
        got = bootstrap_difference("mcc", value, replicates, BASIS)
        assert (got.p < 0.05) == (got.low > 0 or got.high < 0)


def test_identical_models_do_not_differ():
    assert bootstrap_difference("mcc", 0.0, NO_DIFFERENCE, BASIS) == (0, 0, 0, 1)


def test_rounding_alone_is_no_difference():
    got = bootstrap_difference("mcc", 1e-17, np.resize([1e-17, -1e-17], 20), BASIS)
    assert got.p == 1


def test_p_is_never_below_that_of_every_record_speaking_for_the_same_model():
    four = Evidence(units=4, minority=2, fewest=2)
    assert bootstrap_difference("accuracy", 1.0, np.ones(20), four).p == 1 / 8
    assert delong_difference(np.array([1, -1]), np.array([1.0, 0.0]), np.zeros((2, 2)), four).p == 1 / 8


@pytest.mark.parametrize(("value", "replicates"), [(np.nan, [0.1, 0.2]), (0.1, [np.nan, 0.2])])
def test_undefined_difference_is_none(value, replicates):
    assert bootstrap_difference("auroc", value, np.array(replicates), BASIS) == (None,) * 4


def test_holm_by_hand():
    # sorted 0.01, 0.03, 0.04: times 3, 2 and 1 is 0.03, 0.06, 0.04; none may be smaller than one before it
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])


def test_holm_never_exceeds_one_and_leaves_out_what_is_unknown():
    assert holm([0.9, None, 0.6]) == [1, None, 1]
    assert holm([None]) == [None]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_lies_between_the_p_values_and_bonferroni(p):
    for adjusted, one in zip(holm(p), p, strict=True):
        assert one <= adjusted <= min(1, one * len(p)) + 1e-15


def test_records_of_one_group_tell_a_difference_but_not_how_sure_it_is():
    one = Evidence(units=1, minority=1, fewest=1)
    assert bootstrap_difference("mcc", 0.25, np.full(20, 0.25), one) == (0.25, None, None, None)
    assert mcnemar_mid_p(*right(0, 1, 0, 0)) is None
