"""Folds of a cross-validation: the corrected interval and test, by hand and against the plain ones; tables of folds."""

import numpy as np
import pytest
from msgspec.structs import replace
from scipy import stats

from dnaseq.evaluation.comparison.folds import (
    compare_folds,
    corrected_interval,
    corrected_test,
    fold_summary,
    folds_against_baseline,
)
from dnaseq.evaluation.comparison.results import Fold
from dnaseq.schemas import Estimate

VALUES = np.array([0.80, 0.84, 0.78, 0.82, 0.86])


def folds(values: np.ndarray, metric: str = "auroc") -> list[Fold]:
    return [
        Fold(fold=i + 1, repeat=1, n_train=320, n_test=80, metrics={metric: value})
        for i, value in enumerate(values)
    ]


def test_interval_of_five_folds_by_hand():
    # s^2 = (0.02^2 + 0.02^2 + 0.04^2 + 0 + 0.04^2) / 4 = 0.001; times 1/5 + 1/4; t of 4 degrees of freedom is 2.776
    half = 2.776445 * np.sqrt(0.001 * (1 / 5 + 1 / 4))
    assert corrected_interval(VALUES, 320, 80) == pytest.approx((0.82 - half, 0.82 + half), abs=1e-6)


def test_without_test_records_nothing_overlaps_and_the_plain_t_test_is_left():
    reference = stats.ttest_1samp(VALUES - 0.8, 0)
    assert corrected_test(VALUES - 0.8, 320, 0) == pytest.approx(reference.pvalue)
    expected = tuple(reference.confidence_interval())
    assert corrected_interval(VALUES - 0.8, 320, 0) == pytest.approx(expected)


def test_interval_excludes_no_difference_exactly_when_p_is_below_five_in_a_hundred():
    for shift in np.linspace(0.7, 0.9, 21):
        low, high = corrected_interval(VALUES - shift, 320, 80)
        assert (corrected_test(VALUES - shift, 320, 80) < 0.05) == (low > 0 or high < 0)


def test_differences_that_are_all_the_same_are_none_at_nought_and_certain_elsewhere():
    assert corrected_test(np.zeros(5), 320, 80) == 1
    assert corrected_test(np.full(5, 0.25), 320, 80) == 0


@pytest.mark.parametrize("metric", ["auroc", "accuracy"])
def test_a_model_is_compared_with_a_baseline_fold_by_fold(metric):
    """Differences 0.04, 0.05, 0.01, 0.04, 0.06; an AUROC that a fold does not define leaves it to the accuracy."""
    differences = np.array([0.04, 0.05, 0.01, 0.04, 0.06])
    undefined = {"auroc": None} if metric == "accuracy" else {}
    model = [replace(fold, metrics=fold.metrics | undefined) for fold in folds(VALUES, metric)]
    baseline = [{metric: value} | undefined for value in VALUES - differences]
    found = folds_against_baseline(model, "gc_length", baseline, 400, ["a", "b"])
    assert (found.baseline, found.metric, found.test) == ("gc_length", metric, "corrected resampled t")
    assert found.difference == pytest.approx(0.04)
    assert (found.low, found.high) == pytest.approx(corrected_interval(differences, 320, 80))
    assert found.p == pytest.approx(corrected_test(differences, 320, 80))
    assert "the model is better than GC content and length" in found.words


def test_folds_in_which_a_score_is_undefined_are_left_out():
    got = fold_summary([{"auroc": v} for v in (0.74, None, 0.76)], 320, 80)["auroc"]
    low, high = corrected_interval(np.array([0.74, 0.76]), 320, 80)
    assert got == Estimate(pytest.approx(0.75), low, high)


@pytest.mark.parametrize(
    ("metric", "ends"),
    [("auroc", (0, 1)), ("mcc", (-1, 1)), ("log_loss", (0, None)), ("auroc/strong", (0, 1))],
)
def test_intervals_end_at_the_bounds_of_the_score(metric, ends):
    values = np.array([0.1, 0.9])
    low, high = corrected_interval(values, 320, 80)
    assert low < -1
    assert high > 1
    got = fold_summary([{metric: v} for v in values], 320, 80)[metric]
    assert (got.low, got.high) == (ends[0], high if ends[1] is None else ends[1])
    seeds = (
        compare_folds({"A": [folds(values, metric)]}, (metric,), 400, ["no", "yes"]).models[0].metrics[metric]
    )
    assert (seeds.low, seeds.high) == (got.low, got.high)


def test_folds_that_agree_exactly_have_no_interval():
    got = fold_summary([{"mcc": 0.1 + 0.2}, {"mcc": 0.3}, {"mcc": 0.3}], 320, 80)["mcc"]
    assert got == Estimate(pytest.approx(0.3), None, None)


def test_one_known_fold_has_no_interval():
    got = fold_summary([{"auroc": 0.7}, {"auroc": None}], 320, 80)["auroc"]
    assert got == Estimate(0.7, None, None)


def test_models_on_the_same_folds_are_compared_fold_by_fold():
    worse = VALUES - np.array([0.05, 0.06, 0.05, 0.04, 0.05])
    got = compare_folds({"A": [folds(VALUES)], "B": [folds(worse)]}, ("auroc",), 400, ["no", "yes"])
    (row,) = got.pairs
    assert row.difference == pytest.approx(0.05)
    assert row.p == row.p_holm == corrected_test(VALUES - worse, 320, 80)
    assert got.words == [row.words]
    assert row.words.startswith("A is better than B in AUROC by 0.050 [")


def test_seeds_are_averaged_within_each_fold_before_the_test():
    seeds = [folds(VALUES + 0.02), folds(VALUES - 0.02)]
    got = compare_folds({"A": seeds, "B": [folds(VALUES)]}, ("auroc",), 400, ["no", "yes"])
    assert got.models[0].metrics["auroc"].seeds == pytest.approx([0.84, 0.80])
    assert got.models[0].metrics["auroc"].sd_seeds == pytest.approx(np.std([0.84, 0.80], ddof=1))
    assert got.pairs[0].difference == pytest.approx(0, abs=1e-12)
