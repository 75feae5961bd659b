"""The scores: against scikit-learn called plainly, against worked examples, and the intervals' promises."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from dnaseq.evaluation.intervals.delong import delong
from dnaseq.evaluation.metrics.classification import (
    METRICS,
    enough_resamples,
    point_scores,
    predict_classes,
    scores,
)
from dnaseq.schemas import Estimate

NAMES = {2: ["no", "yes"], 3: ["none", "strong", "weak"]}


def made_up(n: int, n_classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Classes and probabilities that know something of them; two decimals, so that there are ties."""
    rng = np.random.default_rng(seed)
    truth = np.arange(n) % n_classes
    logits = rng.normal(size=(n, n_classes)) + 1.2 * np.eye(n_classes)[truth]
    probabilities = (np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)).round(2)
    probabilities[:, 0] = 1 - probabilities[:, 1:].sum(axis=1)
    return truth, np.abs(probabilities)


def binary(p: list[float]) -> np.ndarray:
    return np.column_stack([1 - np.array(p), p])


def test_two_by_two_example_by_hand():
    # truth yes: called yes, yes, no; truth no: called yes, no, no, no, no
    truth, p = [1, 1, 1, 0, 0, 0, 0, 0], binary([0.9, 0.8, 0.3, 0.7, 0.4, 0.2, 0.1, 0.1])
    got = point_scores(truth, p, NAMES[2])
    expected = {
        "accuracy": 6 / 8,
        "balanced_accuracy": (2 / 3 + 4 / 5) / 2,
        "sensitivity": 2 / 3,
        "specificity": 4 / 5,
        "precision": 2 / 3,
        "f1": 2 / 3,
        "mcc": (2 * 4 - 1 * 1) / np.sqrt(3 * 3 * 5 * 5),
        "auroc": 13 / 15,  # of 15 pairs, (0.3, 0.7) and (0.3, 0.4) stand the wrong way round
    }
    assert {name: got[name] for name in expected} == pytest.approx(expected)


def test_names_of_two_classes_are_the_contract_in_its_order():
    assert tuple(point_scores(*made_up(20, 2), NAMES[2])) == METRICS


def test_two_classes_agree_with_scikit_learn():
    truth, p = made_up(300, 2)
    called = p[:, 1] >= 0.4
    expected = {
        "accuracy": sk.accuracy_score(truth, called),
        "balanced_accuracy": sk.balanced_accuracy_score(truth, called),
        "sensitivity": sk.recall_score(truth, called),
        "specificity": sk.recall_score(truth, called, pos_label=0),
        "precision": sk.precision_score(truth, called),
        "f1": sk.f1_score(truth, called),
        "mcc": sk.matthews_corrcoef(truth, called),
        "auroc": sk.roc_auc_score(truth, p[:, 1]),
        "auprc": sk.average_precision_score(truth, p[:, 1]),
        "log_loss": sk.log_loss(truth, p),
        "brier": sk.brier_score_loss(truth, p[:, 1]),
    }
    got = point_scores(truth, p, NAMES[2], threshold=0.4)
    assert {name: got[name] for name in expected} == pytest.approx(expected, abs=1e-12)


def test_three_classes_agree_with_scikit_learns_macro_averages():
    truth, p = made_up(300, 3)
    called = p.argmax(axis=1)
    expected = {
        "accuracy": sk.accuracy_score(truth, called),
        "balanced_accuracy": sk.balanced_accuracy_score(truth, called),
        "sensitivity": sk.recall_score(truth, called, average="macro"),
        "precision": sk.precision_score(truth, called, average="macro"),
        "f1": sk.f1_score(truth, called, average="macro"),
        "mcc": sk.matthews_corrcoef(truth, called),
        "auroc": sk.roc_auc_score(truth, p, multi_class="ovr"),
        "auprc": sk.average_precision_score(np.eye(3)[truth], p, average="macro"),
        "log_loss": sk.log_loss(truth, p),
        "brier": np.mean(((p - np.eye(3)[truth]) ** 2).sum(axis=1)),
        "auroc/strong": sk.roc_auc_score(truth == 1, p[:, 1]),
        "specificity/weak": sk.recall_score(truth != 2, called != 2),
    }
    got = point_scores(truth, p, NAMES[3])
    assert {name: got[name] for name in expected} == pytest.approx(expected, abs=1e-12)


def test_threshold_itself_counts_as_the_last_class():
    assert predict_classes(binary([0.3, 0.29]), threshold=0.3).tolist() == [1, 0]


def test_more_than_two_classes_are_called_by_the_largest_probability():
    assert predict_classes(np.array([[0.2, 0.3, 0.5], [0.4, 0.35, 0.25]]), threshold=0.9).tolist() == [2, 0]


@pytest.mark.parametrize("n_classes", [2, 3])
def test_perfect_prediction_has_perfect_scores(n_classes):
    truth = np.arange(30) % n_classes
    got = point_scores(truth, np.eye(n_classes)[truth], NAMES[n_classes])
    errors = {name: got.pop(name) for name in ("log_loss", "brier", "ece")}
    assert set(got.values()) == {1.0}
    assert list(errors.values()) == pytest.approx([0, 0, 0])


def test_constant_prediction_knows_nothing():
    got = point_scores([0, 0, 0, 1], binary([0.25] * 4), NAMES[2])
    expected = {
        "sensitivity": 0,
        "specificity": 1,
        "precision": 0,
        "mcc": 0,
        "auroc": 0.5,
        "auprc": 0.25,
        "ece": 0,
    }
    assert {name: got[name] for name in expected} == expected


@pytest.mark.parametrize("n_classes", [2, 3])
def test_order_of_the_records_does_not_matter(n_classes):
    truth, p = made_up(101, n_classes)
    order = np.random.default_rng(1).permutation(101)
    shuffled = point_scores(truth[order], p[order], NAMES[n_classes])
    assert shuffled == pytest.approx(point_scores(truth, p, NAMES[n_classes]), abs=1e-12)


@pytest.mark.parametrize("present", [0, 1])
def test_scores_that_need_an_absent_class_are_none_without_a_warning(present):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = scores([present] * 4, binary([0.1, 0.3, 0.6, 0.9]), NAMES[2], resamples=10)
    lost = {name for name, score in got.items() if score == Estimate(None, None, None)}
    other = ["specificity"] if present else ["sensitivity", "precision", "f1"]
    assert lost == {"balanced_accuracy", "mcc", "auroc", "auprc", *other}


def test_macro_of_three_classes_is_none_where_one_class_has_no_score():
    truth, p = made_up(90, 3)
    two = truth < 2
    got = point_scores(truth[two], p[two], NAMES[3])
    assert (got["auroc"], got["auroc/weak"]) == (None, None)
    assert got["auroc/none"] is not None
    assert got["specificity/weak"] is not None


@pytest.mark.parametrize("row", [[np.nan, 1.0], [np.inf, 0.0], [0.5, 0.50001], [-0.1, 1.1]])
def test_probabilities_that_are_none_are_refused_with_their_row(row):
    p = binary([0.2, 0.4, 0.6])
    p[1] = row
    with pytest.raises(ValueError, match="row 1: probabilities must be finite, not negative and sum to 1"):
        point_scores([0, 1, 1], p, NAMES[2])


def test_class_outside_the_list_is_refused_with_its_row():
    with pytest.raises(ValueError, match="row 2: class -1 is not among 0 to 1"):
        point_scores([0, 1, -1], binary([0.2, 0.4, 0.6]), NAMES[2])


def test_probabilities_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"2 records, 3 classes and probabilities of shape \(2, 2\)"):
        point_scores([0, 1], binary([0.2, 0.4]), NAMES[3])


def test_probabilities_rounded_to_six_digits_are_accepted_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = point_scores([0, 1, 2], np.full((3, 3), 0.333333), NAMES[3])
    assert got["log_loss"] == pytest.approx(np.log(3))


@pytest.mark.parametrize("n_classes", [2, 3])
def test_every_interval_holds_its_value(n_classes):
    got = scores(*made_up(60, n_classes), NAMES[n_classes], resamples=200)
    assert all(score.low <= score.value <= score.high for score in got.values())


def test_values_are_the_point_scores():
    truth, p = made_up(60, 3)
    values = {name: score.value for name, score in scores(truth, p, NAMES[3], resamples=5).items()}
    assert values == point_scores(truth, p, NAMES[3])


def test_intervals_shrink_as_records_are_added():
    few, many = scores(*made_up(100, 2), NAMES[2]), scores(*made_up(1600, 2), NAMES[2])
    ratio = {n: (many[n].high - many[n].low) / (few[n].high - few[n].low) for n in METRICS if n != "ece"}
    assert all(0.15 < r < 0.4 for r in ratio.values()), ratio  # 16 times the records, a quarter of the width


def test_same_seed_gives_the_same_interval():
    data = made_up(60, 2)
    assert scores(*data, NAMES[2], seed=3, resamples=50) == scores(*data, NAMES[2], seed=3, resamples=50)


def test_other_seed_gives_another_interval():
    data = made_up(60, 2)
    one, other = (scores(*data, NAMES[2], seed=s, resamples=50)["auroc"] for s in (3, 4))
    assert one.low != other.low


def test_interval_of_the_accuracy_matches_that_of_a_share_of_records():
    truth, p = made_up(400, 2)
    got = scores(truth, p, NAMES[2])["accuracy"]
    standard_error = np.sqrt(got.value * (1 - got.value) / 400)
    assert got.high - got.low == pytest.approx(2 * 1.96 * standard_error, rel=0.08)


def test_interval_of_the_area_matches_delongs():
    truth, p = made_up(400, 2)
    (area,), variance = delong(truth, p[:, 1])
    half = 1.96 * np.sqrt(variance[0, 0]) / (area * (1 - area))  # on the scale of the log odds
    low, high = (1 / (1 + (1 - area) / area * np.exp(-step)) for step in (-half, half))
    got = scores(truth, p, NAMES[2])["auroc"]
    assert (got.low, got.high) == pytest.approx((low, high), abs=0.006)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_intervals_of_a_faultless_prediction_stay_inside_and_have_a_width(n_classes):
    truth = np.arange(30) % n_classes
    got = scores(truth, np.eye(n_classes)[truth], NAMES[n_classes], resamples=50)
    for name in ("accuracy", "auroc", "auprc", "mcc", "f1", "sensitivity", "balanced_accuracy"):
        assert got[name].value == got[name].high == pytest.approx(1)
        assert 0 < got[name].low < 1
    assert got["accuracy"].low == pytest.approx(0.025 ** (1 / 30))  # Clopper and Pearson, 30 of 30


def test_mcc_of_one_class_predicted_is_zero_with_an_interval_that_holds_it():
    got = scores(np.arange(30) % 2, binary([0.3] * 30), NAMES[2], resamples=50)["mcc"]
    assert got == Estimate(0, 0, 0)


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 10)), min_size=1, max_size=15))
def test_intervals_stay_inside_the_bounds_of_their_score_and_hold_the_value(rows):
    truth, tenths = np.array(rows).T
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = scores(truth, binary(list(tenths / 10)), NAMES[2], resamples=20)
    for name, score in got.items():
        if score.low is not None:
            assert score.low <= score.value <= score.high
            assert score.low >= (-1 if name == "mcc" else 0) - 1e-9
            assert score.high <= 1 + 1e-9 or name in ("log_loss", "brier")


def test_groups_of_copies_widen_the_interval():
    truth, p = made_up(60, 2)
    copies = np.tile(np.arange(60), 4)
    plain = scores(truth[copies], p[copies], NAMES[2])["accuracy"]
    grouped = scores(truth[copies], p[copies], NAMES[2], groups=copies)["accuracy"]
    assert grouped.high - grouped.low > 1.6 * (plain.high - plain.low)  # 2 in theory


def test_interval_holds_a_value_that_every_resample_shifts():
    # perfectly calibrated: 10 of 40 at 0.25 and 30 of 40 at 0.75, so that chance can only raise the error
    truth = np.array([1] * 10 + [0] * 30 + [1] * 30 + [0] * 10)
    got = scores(truth, binary([0.25] * 40 + [0.75] * 40), NAMES[2], resamples=100)["ece"]
    assert got.low == got.value == 0 < got.high


@pytest.mark.parametrize(
    ("n", "n_classes", "resamples"),
    [(400, 2, 1000), (5000, 200, 1000), (5000, 400, 500), (5000, 1000, 200), (20_001, 2, 200)],
)
def test_more_records_and_classes_get_fewer_resamples(n, n_classes, resamples):
    assert enough_resamples(1000, n, n_classes) == resamples
    assert enough_resamples(50, n, n_classes) == 50
