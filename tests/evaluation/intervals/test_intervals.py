"""Intervals from resamples: their scale, their degrees of freedom, and what happens at the bounds of a score."""

import numpy as np
import pytest
from scipy.stats import t

from dnaseq.evaluation.intervals.bootstrap import Evidence, bounds, evidence, interval

BASIS = Evidence(units=400, minority=80, fewest=70)


def resamples_with(sd: float, n: int = 1000) -> np.ndarray:
    """Values of exactly this standard deviation around 0.7."""
    return 0.7 + sd * np.resize([-1.0, 1.0], n) * np.sqrt((n - 1) / n)


def test_interval_of_a_share_is_symmetric_in_the_log_odds():
    low, high = interval("auroc", 0.9, resamples_with(0.01), BASIS)
    down, up = (np.log(v / (1 - v)) - np.log(9) for v in (low, high))
    assert -down == pytest.approx(up)
    assert up == pytest.approx(t.ppf(0.975, 79) * 0.01 * np.sqrt(400 / 399) / (0.9 * 0.1))


def test_interval_of_a_correlation_is_symmetric_in_fishers_z():
    low, high = interval("mcc", 0.5, resamples_with(0.01), BASIS)
    assert np.arctanh(0.5) - np.arctanh(low) == pytest.approx(np.arctanh(high) - np.arctanh(0.5))


def test_interval_of_a_loss_is_symmetric_in_its_logarithm():
    low, high = interval("log_loss", 0.5, resamples_with(0.01), BASIS)
    assert 0.5 / low == pytest.approx(high / 0.5)


def test_score_of_one_class_has_the_scale_of_the_score():
    replicates = resamples_with(0.05)
    assert interval("auroc/strong", 0.9, replicates, BASIS) == interval("auroc", 0.9, replicates, BASIS)


def test_mean_over_records_rests_on_all_of_them_and_other_scores_on_the_rarer_class():
    few = Evidence(units=400, minority=3, fewest=3)
    accuracy, auroc = (interval(name, 0.9, resamples_with(0.01), few) for name in ("accuracy", "auroc"))
    assert auroc[0] < accuracy[0]
    assert auroc[1] > accuracy[1]


def test_resamples_in_which_a_score_is_undefined_are_left_out():
    replicates = resamples_with(0.01)
    with_gaps = np.insert(replicates, [0, 5, 9], np.nan)
    assert interval("auroc", 0.7, with_gaps, BASIS) == interval("auroc", 0.7, replicates, BASIS)


@pytest.mark.parametrize("replicates", [[np.nan, np.nan], [np.nan, 0.6], []])
def test_fewer_than_two_known_resamples_give_no_interval(replicates):
    assert interval("auroc", 0.6, np.array(replicates, dtype=float), BASIS) == (None, None)


def test_undefined_score_has_no_interval():
    assert interval("auroc", np.nan, np.array([0.5, 0.6]), BASIS) == (None, None)


def test_faultless_accuracy_has_the_exact_limit_of_all_records():
    low, high = interval("accuracy", 1.0, np.ones(50), BASIS)
    assert (low, high) == (pytest.approx(0.025 ** (1 / 400)), 1)
    assert low**400 == pytest.approx(0.025)  # at this accuracy, 400 of 400 happens once in 40


def test_faultless_area_has_the_exact_limit_of_the_rarest_class():
    assert interval("auroc", 1.0, np.ones(50), BASIS) == (pytest.approx(0.025 ** (1 / 70)), 1)


def test_sensitivity_of_nothing_found_has_the_exact_limit_from_above():
    assert interval("sensitivity", 0.0, np.zeros(50), BASIS) == (0, pytest.approx(1 - 0.025 ** (1 / 70)))


def test_loss_of_nothing_has_no_width():
    assert interval("brier", 0.0, np.zeros(50), BASIS) == (0, 0)


def test_calibration_error_keeps_percentiles_widened_to_its_value():
    replicates = np.linspace(0.05, 0.15, 1001)
    assert interval("ece", 0.04, replicates, BASIS) == pytest.approx((0.04, 0.1475))
    assert interval("ece", 0.0, replicates / 100, BASIS) == pytest.approx((0, 0.001475))


def test_evidence_counts_records_outside_the_commonest_class_and_of_the_rarest():
    truth, predicted = np.array([0] * 6 + [1] * 3 + [2] * 2), np.array([0] * 10 + [2])
    assert evidence(truth, predicted) == Evidence(units=11, minority=5, fewest=1)


def test_evidence_of_groups_counts_groups():
    truth = np.array([0, 0, 0, 1, 1, 1])
    assert evidence(truth, truth, np.array(list("aabbbc"))) == Evidence(units=3, minority=2, fewest=2)


def test_one_class_alone_rests_on_all_records():
    assert evidence(np.ones(5, int), np.ones(5, int)) == Evidence(units=5, minority=5, fewest=5)


@pytest.mark.parametrize(
    ("name", "value"), [("accuracy", 0.7), ("accuracy", 1.0), ("mcc", 0.4), ("ece", 0.1)]
)
def test_records_of_one_group_give_no_interval(name, value):
    one = Evidence(units=1, minority=1, fewest=1)
    assert interval(name, value, np.full(50, value), one) == (None, None)


@pytest.mark.parametrize(
    ("name", "ends"), [("auroc", (0, 1)), ("mcc", (-1, 1)), ("brier", (0, np.inf)), ("f1/strong", (0, 1))]
)
def test_bounds_are_those_of_the_score(name, ends):
    assert bounds(name) == ends
