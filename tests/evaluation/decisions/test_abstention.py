import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnaseq.errors import ConfigError
from dnaseq.evaluation.decisions.abstention import (
    Selective,
    abstention,
    check_rate,
    label_confidence,
    selective,
)
from dnaseq.evaluation.decisions.thresholds import predict_classes


def two(p) -> np.ndarray:
    p = np.asarray(p, dtype=float)
    return np.column_stack([1 - p, p])


# ten records of falling confidence; those at 0.8 and 0.6 are wrong
FALLING = two([0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.52])
TRUTH = np.array([1, 1, 1, 0, 1, 1, 1, 0, 1, 1])


def test_confidence_is_the_probability_of_the_label():
    np.testing.assert_allclose(label_confidence(two([0.2, 0.5, 0.9])), [0.8, 0.5, 0.9])
    assert label_confidence(np.array([[0.2, 0.5, 0.3]])).tolist() == [0.5]


def test_at_another_threshold_confidence_is_lowest_there():
    # odds of 0.12 against those of 0.1: (0.12 / 0.88) / (0.1 / 0.9) = 1.227, of which the share is 0.551
    found = label_confidence(two([0.1, 0.12, 0.0, 1.0]), threshold=0.1)
    np.testing.assert_allclose(found, [0.5, 1.2272727 / 2.2272727, 1, 1])


@given(st.floats(0.01, 0.99), st.lists(st.floats(0, 1), min_size=2, max_size=10))
def test_on_each_side_of_the_threshold_confidence_grows_with_the_distance(threshold, made):
    p = np.sort(np.array(made))
    confidence = label_confidence(two(p), threshold)
    assert (np.diff(confidence[p >= threshold]) >= -1e-12).all()
    assert (np.diff(confidence[p < threshold]) <= 1e-12).all()
    assert confidence.min() >= 0.5 - 1e-12


@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_a_label_that_no_record_changes_is_certain(threshold):
    assert label_confidence(two([0.0, 0.4, 1.0]), threshold).tolist() == [1, 1, 1]


def test_the_most_records_are_answered_that_the_rate_allows():
    # the first seven hold one mistake (14.3 %), the first six 16.7 %, the first eight 25 %, all ten 20 %
    rule = abstention(TRUTH, FALLING, 0.5, rate=0.15)
    assert rule.confidence == pytest.approx(0.625)
    assert (rule.at_most, rule.reached, rule.error_rate, rule.coverage, rule.n) == (
        0.15,
        True,
        0.142857,
        0.7,
        10,
    )


def test_where_all_may_be_answered_no_confidence_is_asked():
    rule = abstention(TRUTH, FALLING, 0.5, rate=0.2)
    assert (rule.confidence, rule.coverage, rule.error_rate) == (0, 1, 0.2)


def test_a_rate_that_so_few_records_cannot_show_is_not_reached():
    # the first three are right, but of three records no rate of 10 % can be seen
    rule = abstention(TRUTH, FALLING, 0.5, rate=0.1)
    assert (rule.reached, rule.confidence, rule.coverage, rule.error_rate) == (
        False,
        None,
        1,
        0.2,
    )


def test_records_of_one_confidence_are_answered_together():
    p = np.array([0.9, 0.9, 0.9, 0.9, 0.7, 0.7, 0.7, 0.7])
    truth = np.array([1, 1, 1, 1, 1, 1, 0, 0])
    rule = abstention(truth, two(p), 0.5, rate=0.25)
    assert (rule.coverage, rule.confidence) == (1, 0)
    assert abstention(truth, two(p), 0.5, rate=0.24).reached is False


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=40),
    st.sampled_from([0.1, 0.25, 0.5]),
)
def test_the_rule_keeps_its_promise_on_its_own_records_and_no_lower_confidence_does(made, rate):
    truth, a, b = np.array(made).T
    p = np.column_stack([a + 1, b + 2, np.full(len(a), 4)]) / (a + b + 7)[:, None]
    rule = abstention(truth, p, 0.5, rate)
    kept = selective(truth, p, 0.5, rule.confidence)
    assert kept.error_rate == pytest.approx(rule.error_rate, abs=1e-6)
    assert kept.coverage == pytest.approx(rule.coverage, abs=1e-6)
    assert kept.error_rate <= rate or not rule.reached
    confidence, wrong = p.max(axis=1), predict_classes(p) != truth
    for lower in np.unique(confidence):
        if lower < (rule.confidence or 2) and (confidence >= lower).sum() >= 1 / rate:
            assert wrong[confidence >= lower].mean() > rate or rule.confidence == 0


def test_selective_counts_the_answered_and_their_mistakes():
    assert selective(TRUTH, FALLING, 0.5, 0.8) == Selective(0.4, 0.25, 4)


def test_without_a_confidence_all_are_answered():
    assert selective(TRUTH, FALLING, 0.5, None) == Selective(1, 0.2, 10)


def test_no_answer_has_no_error_rate():
    assert selective(TRUTH, FALLING, 0.5, 0.99) == Selective(0, None, 0)


@pytest.mark.parametrize("rate", [0, 1, -0.1, "x", True, float("nan")])
def test_what_is_no_error_rate_is_refused(rate):
    with pytest.raises(ConfigError, match="abstain must be an error rate above 0 and below 1, or null; got"):
        check_rate(rate)


@pytest.mark.parametrize("rate", [None, 0.05])
def test_an_error_rate_or_none_is_accepted(rate):
    check_rate(rate)
