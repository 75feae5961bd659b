import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import matthews_corrcoef

from dnaseq.errors import ConfigError
from dnaseq.evaluation.decisions.thresholds import Cost, Decision, Fixed, MaxMcc, Sensitivity

TRUTH = np.array([0, 0, 1, 0, 1, 1])
P = np.array([0.1, 0.2, 0.3, 0.6, 0.7, 0.9])
# at least one record of each class, with ties
RECORDS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 10)), min_size=2, max_size=25).filter(
    lambda made: len({truth for truth, _ in made}) == 2
)
RULES = [MaxMcc(), Sensitivity(0.5), Cost(1, 3)]


def unpacked(made) -> tuple[np.ndarray, np.ndarray]:
    truth, tenths = np.array(made).T
    return truth, tenths / 10


def every_threshold(probability: np.ndarray) -> np.ndarray:
    """One threshold for every way to cut the records in two."""
    between = np.unique(probability)
    return np.concatenate([[0.0], (between[1:] + between[:-1]) / 2, [1.0] if between[-1] < 1 else []])


def test_a_fixed_threshold_is_the_one_given():
    assert Fixed(0.3).choose(TRUTH, P) == (0.3, Decision(rule="fixed"))


def test_the_greatest_mcc_has_a_threshold_in_the_middle_of_its_interval():
    # above 0.6: two of three positives and no negative (MCC 0.707); above 0.2: three and one (also 0.707); the
    # second interval, 0.2 to 0.3, is as wide as the first, 0.6 to 0.7, and lower
    threshold, told = MaxMcc().choose(TRUTH, P)
    assert threshold == pytest.approx(0.25)
    assert told == Decision(rule="max_mcc", n=6, reached=0.707107)


def test_of_equally_good_intervals_the_widest_is_taken():
    p = np.array([0.1, 0.2, 0.3, 0.6, 0.8, 0.9])
    assert MaxMcc().choose(TRUTH, p)[0] == pytest.approx(0.7)


def test_classes_that_are_apart_are_parted_in_the_middle():
    truth, p = np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.8, 0.9])
    assert MaxMcc().choose(truth, p)[0] == pytest.approx(0.5)
    assert Cost().choose(truth, p)[0] == pytest.approx(0.5)


@given(RECORDS)
def test_no_threshold_has_a_greater_mcc(made):
    truth, p = unpacked(made)
    threshold, told = MaxMcc().choose(truth, p)
    reached = matthews_corrcoef(truth, p >= threshold)
    assert reached == pytest.approx(told.reached, abs=1e-6)
    assert reached >= max(matthews_corrcoef(truth, p >= other) for other in every_threshold(p)) - 1e-9


@given(RECORDS, st.sampled_from([0.1, 0.5, 0.9, 1.0]))
def test_sensitivity_is_reached_and_by_no_higher_threshold(made, wanted):
    truth, p = unpacked(made)
    threshold, told = Sensitivity(wanted).choose(truth, p)
    assert (p[truth == 1] >= threshold).mean() == pytest.approx(told.reached, abs=1e-6)
    assert (p[truth == 1] >= threshold).mean() >= wanted
    higher = [t for t in every_threshold(p) if (p >= t).sum() < (p >= threshold).sum()]
    assert all((p[truth == 1] >= t).mean() < wanted for t in higher)


@given(RECORDS, st.sampled_from([(1, 1), (1, 10), (5, 1)]))
def test_no_threshold_costs_less(made, prices):
    truth, p = unpacked(made)

    def cost(threshold: float) -> float:
        return np.where(truth == 1, prices[1] * (p < threshold), prices[0] * (p >= threshold)).mean()

    threshold, told = Cost(*prices).choose(truth, p)
    assert cost(threshold) == pytest.approx(told.reached, abs=1e-6)
    assert cost(threshold) <= min(cost(other) for other in every_threshold(p)) + 1e-9


@given(RECORDS, st.sampled_from(RULES))
def test_a_threshold_is_between_0_and_1_and_does_not_depend_on_the_order(made, rule):
    truth, p = unpacked(made)
    threshold, told = rule.choose(truth, p)
    assert 0 <= threshold <= 1
    assert rule.choose(truth[::-1], p[::-1]) == (threshold, told)


def test_dear_misses_lower_the_threshold():
    assert Cost(1, 10).choose(TRUTH, P)[0] < Cost(10, 1).choose(TRUTH, P)[0]


@pytest.mark.parametrize("rule", RULES)
def test_one_class_alone_gives_no_threshold(rule):
    with pytest.raises(ValueError, match="records of both classes"):
        rule.choose(np.ones(6, dtype=int), P)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Fixed(1.5), "threshold.value must be from 0 to 1; got 1.5"),
        (lambda: Sensitivity(0), "threshold.at_least must be above 0 and at most 1; got 0"),
        (lambda: Cost(0, 1), "threshold.false_positive must be a number above 0; got 0"),
        (lambda: Cost(1, float("inf")), "threshold.false_negative must be a number above 0; got inf"),
    ],
)
def test_a_setting_out_of_range_is_named(make, said):
    with pytest.raises(ConfigError, match=said):
        make()
