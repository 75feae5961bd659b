"""Scores of numbers against scipy and scikit-learn, and the promises of their intervals."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as sk

from dnaseq.evaluation.metrics.regression import Ranks, WeightedErrors, regression_scores
from dnaseq.prediction_task import REGRESSION
from dnaseq.schemas import Estimate

TARGETS = ["dev", "hk"]


def made_up(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.normal(3, [1, 20], (n, 2)).round(1)  # so that there are ties
    return truth, (0.8 * truth + rng.normal(0, [0.5, 15], (n, 2))).round(1)


def values(truth, predicted, targets=TARGETS) -> dict:
    return {n: s.value for n, s in regression_scores(truth, predicted, targets, resamples=5).items()}


def test_four_numbers_by_hand():
    truth, predicted = np.array([[1.0], [2], [3], [4]]), np.array([[2.0], [2], [5], [4]])
    got = values(truth, predicted, ["x"])
    assert got["mae"] == pytest.approx(3 / 4)
    assert got["rmse"] == pytest.approx(np.sqrt(5 / 4))
    assert got["r2"] == pytest.approx(1 - 5 / 5)
    assert got["spearman"] == pytest.approx(3.5 / np.sqrt(5 * 4.5))  # of ranks 1 2 3 4 and 1.5 1.5 4 3


def test_each_target_agrees_with_scipy_and_scikit_learn():
    truth, predicted = made_up(200)
    got = values(truth, predicted)
    for t, name in enumerate(TARGETS):
        y, f = truth[:, t], predicted[:, t]
        expected = {
            "pearson": stats.pearsonr(y, f).statistic,
            "spearman": stats.spearmanr(y, f).statistic,
            "r2": sk.r2_score(y, f),
            "rmse": sk.root_mean_squared_error(y, f),
            "mae": sk.mean_absolute_error(y, f),
        }
        assert {m: got[f"{m}/{name}"] for m in expected} == pytest.approx(expected, abs=1e-12)


def test_plain_names_are_means_over_the_targets():
    got = regression_scores(*made_up(50), TARGETS, resamples=5)
    for metric in ("pearson", "spearman", "r2", "rmse", "mae"):
        each = [got[f"{metric}/{name}"].value for name in TARGETS]
        assert got[metric].value == pytest.approx(np.mean(each))
        assert got[metric].over == 2


def test_one_target_has_plain_names_alone():
    truth, predicted = np.exp(made_up(50)[0][:, :1] / 4), np.exp(made_up(50)[1][:, :1] / 4)
    assert tuple(values(truth, predicted, ["dev"])) == REGRESSION.metrics


def test_deviance_of_counts_agrees_with_scikit_learn():
    rng = np.random.default_rng(0)
    rate = rng.gamma(2, 2, (100, 1)) + 0.01
    counts = rng.poisson(rate).astype(float)
    assert (counts == 0).any()
    expected = sk.mean_poisson_deviance(counts[:, 0], rate[:, 0])
    assert values(counts, rate, ["x"])["poisson_deviance"] == pytest.approx(expected)


@pytest.mark.parametrize(("truth", "rate"), [(-1.0, 1.0), (1.0, 0.0)])
def test_what_cannot_be_counts_and_rates_has_no_deviance(truth, rate):
    got = values(np.array([[1.0], [2.0], [truth]]), np.array([[1.0], [2.0], [rate]]), ["x"])
    assert "poisson_deviance" not in got


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=12))
def test_weighted_ranks_are_those_of_copies(rows):
    values, weights = np.array(rows).T
    copies = np.repeat(np.arange(len(values)), weights)
    ranks = Ranks(values)(weights.astype(float))
    assert ranks[copies].tolist() == stats.rankdata(values[copies]).tolist()


def test_weights_count_as_copies_of_a_record():
    truth, predicted = made_up(60)
    counts = np.random.default_rng(1).integers(0, 3, 60)
    copies = np.repeat(np.arange(60), counts)
    got = WeightedErrors(truth, predicted, TARGETS)(counts.astype(float))
    expected = WeightedErrors(truth[copies], predicted[copies], TARGETS)(np.ones(len(copies)))
    for name in expected:
        assert float(got[name]) == pytest.approx(float(expected[name]), abs=1e-9), name


@pytest.mark.parametrize("constant", [0.0, 0.1, 1e9 / 3])
def test_what_does_not_vary_has_no_correlation(constant):
    truth, predicted = made_up(30)
    predicted[:, 0] = constant
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = regression_scores(truth, predicted, TARGETS, resamples=20)
    none = Estimate(None, None, None)
    assert (got["pearson/dev"], got["spearman/dev"]) == (none, none)
    assert got["pearson"].over == 1
    assert got["r2/dev"].value is not None


@pytest.mark.parametrize("value", [0.1, 0.36, 1e9 / 7])  # of 0.36 the variance is 1e-17
def test_a_resample_of_one_value_has_no_correlation(value):
    truth = np.array([[value], [value], [value], [1.7], [-2.9]])
    got = WeightedErrors(truth, np.arange(5.0)[:, None], ["x"])(np.array([1.0, 3, 7, 0, 0]))
    assert np.isnan([got["pearson"], got["spearman"], got["r2"]]).all()


def test_a_truth_that_does_not_vary_has_no_explained_variance():
    assert values(np.full((9, 1), 0.1), np.arange(9.0)[:, None], ["x"])["r2"] is None


def test_one_record_has_errors_without_intervals():
    got = regression_scores(np.array([[1.0]]), np.array([[3.0]]), ["x"])
    assert got["mae"] == Estimate(2, None, None)
    assert got["pearson"].value is None


def test_perfect_prediction_is_perfect_with_intervals_inside_the_bounds():
    truth, _ = made_up(40)
    got = regression_scores(truth, truth, TARGETS, resamples=50)
    assert got["pearson"].value == got["pearson"].high == pytest.approx(1)
    assert 0.5 < got["pearson"].low < 1
    assert got["rmse"] == Estimate(0, 0, 0, 2)
    assert got["r2"] == Estimate(1, 1, 1, 2)


def test_interval_of_pearson_is_that_of_fisher():
    rng = np.random.default_rng(5)
    y = rng.normal(size=(400, 1))
    f = y + rng.normal(size=(400, 1))
    got = regression_scores(y, f, ["x"])["pearson"]
    expected = stats.pearsonr(y[:, 0], f[:, 0]).confidence_interval(0.95)
    assert (got.low, got.high) == pytest.approx(tuple(expected), abs=0.015)


def test_every_interval_holds_its_value():
    got = regression_scores(*made_up(60), TARGETS, resamples=100)
    assert all(score.low < score.value < score.high for score in got.values())


def test_groups_of_copies_widen_every_interval():
    truth, predicted = made_up(60)
    copies = np.tile(np.arange(60), 4)
    data = truth[copies], predicted[copies], TARGETS
    plain = regression_scores(*data, resamples=300)
    grouped = regression_scores(*data, resamples=300, groups=copies)
    for name in plain:
        width, wide = (s[name].high - s[name].low for s in (plain, grouped))
        assert wide > 1.6 * width, name  # 2 in theory


@pytest.mark.parametrize(
    ("truth", "predicted"), [((3, 2), (3, 1)), ((3, 1), (3, 2)), ((0, 2), (0, 2)), ((3, 2), (2, 2))]
)
def test_other_shapes_are_refused(truth, predicted):
    with pytest.raises(ValueError, match="a truth and a prediction for each; got 2 targets"):
        regression_scores(np.zeros(truth), np.zeros(predicted), TARGETS)


def test_what_is_not_finite_is_refused_with_its_row():
    truth, predicted = made_up(5)
    predicted[3, 1] = np.inf
    with pytest.raises(ValueError, match="row 3: not finite numbers"):
        regression_scores(truth, predicted, TARGETS)
