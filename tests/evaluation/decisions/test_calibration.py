import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnaseq.evaluation.decisions.calibration import Curve, Curves, Scaling

CURVE = Curves([Curve([0.2, 0.6, 0.8], [0.01, 0.5, 0.99])], 50)
TEMPERATURES = st.floats(0.05, 20)


def temperature(value: float) -> Scaling:
    return Scaling(value, 50)


def pair(probability: float) -> np.ndarray:
    return np.array([[1 - probability, probability]])


def test_a_temperature_of_2_halves_the_logit():
    # 0.9 is odds of 9; half the logit is odds of 3
    np.testing.assert_allclose(temperature(2).apply(pair(0.9)), [[0.25, 0.75]])


def test_three_classes_at_a_temperature_of_one_half_are_squared():
    found = temperature(0.5).apply(np.array([[0.1, 0.3, 0.6]]))
    np.testing.assert_allclose(found, np.array([[1, 9, 36]]) / 46)


@pytest.mark.parametrize("description", [temperature(0.05), temperature(1), temperature(20), CURVE])
@pytest.mark.parametrize("probability", [0.0, 1e-300, 1e-12, 0.5, 1 - 1e-12, 1.0])
def test_a_certain_probability_stays_a_number(description, probability):
    with np.errstate(divide="raise", invalid="raise"):
        found = description.apply(pair(probability))
    assert np.isfinite(found).all()
    assert found.min() >= 0
    assert found.sum() == pytest.approx(1)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=20), TEMPERATURES)
def test_a_temperature_moves_no_record_past_another(probabilities, value):
    p = np.sort(np.array(probabilities))
    found = temperature(value).apply(np.column_stack([1 - p, p]))[:, 1]
    assert (np.diff(found) >= 0).all()


@given(st.floats(0, 1), TEMPERATURES)
def test_a_temperature_moves_no_record_past_one_half(probability, value):
    before, after = pair(probability), temperature(value).apply(pair(probability))
    assert not ((before[:, 1] > 0.5) & (after[:, 1] < 0.5)).any()
    assert not ((before[:, 1] < 0.5) & (after[:, 1] > 0.5)).any()
    assert temperature(value).apply(pair(0.5)).tolist() == [[0.5, 0.5]]


def test_a_curve_is_straight_between_its_points_and_flat_outside():
    p = np.array([0.0, 0.2, 0.4, 0.7, 1.0])
    found = CURVE.apply(np.column_stack([1 - p, p]))
    np.testing.assert_allclose(found[:, 1], [0.01, 0.01, 0.255, 0.745, 0.99])
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_curves_of_three_classes_are_made_to_sum_to_1():
    same = Curve([0.0, 1.0], [0.1, 0.9])
    halved = Curve([0.0, 1.0], [0.05, 0.45])
    found = Curves([same, same, halved], 50).apply(np.array([[0.5, 0.25, 0.25]]))
    np.testing.assert_allclose(found, np.array([[0.5, 0.3, 0.15]]) / 0.95)
