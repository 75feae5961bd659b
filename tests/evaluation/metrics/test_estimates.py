"""What the scores of several labels rest on, and the scales of scores that classification does not have."""

import numpy as np
import pytest

from dnaseq.evaluation.intervals.bootstrap import Evidence, evidence, interval
from dnaseq.evaluation.metrics.estimates import (
    LEAST,
    affordable,
    defined_mean,
    estimates,
    label_evidence,
    mean_evidence,
    score_interval,
    units_with,
)

BASIS = Evidence(400, 400, 400)
DRAWS = 0.5 + 0.02 * np.resize([-1.0, 1.0], 100)


def test_mean_leaves_undefined_scores_out():
    got = defined_mean(np.array([[1.0, np.nan, 2.0], [np.nan, np.nan, np.nan]]))
    assert got[0] == 1.5
    assert np.isnan(got[1])


def test_correlation_is_on_fishers_scale_whatever_the_target():
    low, high = score_interval("pearson/activity", 0.5, DRAWS, BASIS)
    assert np.arctanh(0.5) - np.arctanh(low) == pytest.approx(np.arctanh(high) - np.arctanh(0.5))


def test_error_is_on_the_scale_of_its_logarithm():
    low, high = score_interval("rmse/activity", 0.5, DRAWS, BASIS)
    assert 0.5 / low == pytest.approx(high / 0.5)


def test_mcc_of_one_label_is_on_fishers_scale():
    assert score_interval("mcc/weak", 0.5, DRAWS, BASIS) == interval("mcc", 0.5, DRAWS, BASIS)


def test_explained_variance_never_passes_one_and_is_not_bounded_below():
    low, high = score_interval("r2", 0.99, DRAWS + 0.49, BASIS)
    assert low < 0.99 < high < 1
    low, high = score_interval("r2", -3.0, DRAWS - 3.5, BASIS)
    assert low < -3 < high


def test_explained_variance_without_a_value_has_no_interval():
    assert score_interval("r2", np.nan, DRAWS, BASIS) == (None, None)


@pytest.mark.parametrize("groups", [None, np.arange(60) // 4, np.array([f"g{i % 7}" for i in range(60)])])
def test_a_label_rests_on_what_a_class_would(groups):
    rng = np.random.default_rng(0)
    truth, called = (rng.random((60, 3)) < shares for shares in ([0.2, 0.9, 0.1], [0.3, 0.8, 0.0]))
    got = label_evidence(truth, ~truth, called, ~called, groups)
    assert got == [evidence(truth[:, c].astype(int), called[:, c].astype(int), groups) for c in range(3)]


def test_groups_count_once():
    mask = np.array([[True, False], [True, False], [False, True]])
    assert units_with(mask, np.array(["a", "a", "b"])).tolist() == [1, 1]
    assert units_with(mask, None).tolist() == [2, 1]


def test_a_mean_rests_mostly_on_the_rare_labels():
    got = mean_evidence([Evidence(500, 10, 9), Evidence(500, 200, 150)])
    assert got == Evidence(500, round(2 / (1 / 10 + 1 / 200)), 9)


def test_every_score_comes_from_the_same_resamples():
    values = np.random.default_rng(0).normal(10, 1, 50)

    def scorer(weights):
        mean = weights @ values / weights.sum(axis=-1)
        return {"mae": mean, "rmse": mean}

    got = estimates(scorer, 50, lambda name: Evidence(50, 50, 50), 1, 200)
    assert got["mae"] == got["rmse"]
    standard_error = values.std(ddof=1) / np.sqrt(50)
    assert got["mae"].high - got["mae"].low == pytest.approx(2 * 2.01 * standard_error, rel=0.15)


@pytest.mark.parametrize(
    ("n", "rankings", "expected"), [(5_000, 10, 1000), (5_000, 40, 500), (10**6, 50, LEAST)]
)
def test_many_rankings_cost_resamples(n, rankings, expected):
    assert affordable(1000, n, rankings) == expected
    assert affordable(50, n, rankings) == 50
