"""Calibration error and the bins behind it."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from dnaseq.evaluation.metrics.curves import (
    bin_numbers,
    confidences,
    expected_calibration_error,
    reliability_bins,
)


def test_calibration_error_by_hand():
    confidence, held = np.array([0.1, 0.05, 0.85, 0.85]), np.array([False, True, True, True])
    bins = reliability_bins(confidence, held, bin_numbers(confidence))
    # bin 0: confidence 0.075, share 0.5; bin 8: confidence 0.85, share 1; each holds half of the records
    assert expected_calibration_error(bins) == pytest.approx(0.5 * 0.425 + 0.5 * 0.15)


def test_bins_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    confidence = rng.random(500).round(1)  # many on the edges
    held = rng.random(500) < confidence
    bins = reliability_bins(confidence, held, bin_numbers(confidence))
    share, mean = calibration_curve(held, confidence, n_bins=10)
    assert bins.share == pytest.approx(share)
    assert bins.confidence == pytest.approx(mean)


def test_weights_of_bins_are_their_records():
    confidence = np.array([0.0, 0.1, 0.95, 1.0, 0.5])
    assert reliability_bins(confidence, confidence > 0, bin_numbers(confidence)).weight.tolist() == [2, 1, 2]


def test_confidence_of_two_classes_is_the_probability_of_the_last():
    confidence, held = confidences(np.array([0, 1]), np.array([[0.9, 0.1], [0.7, 0.3]]))
    assert confidence.tolist() == [0.1, 0.3]
    assert held.tolist() == [False, True]


def test_confidence_of_three_classes_is_the_largest_probability():
    confidence, held = confidences(np.array([0, 1]), np.array([[0.2, 0.5, 0.3], [0.1, 0.6, 0.3]]))
    assert confidence.tolist() == [0.5, 0.6]
    assert held.tolist() == [False, True]
