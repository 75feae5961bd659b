"""Do the probabilities mean what they say? Records binned by confidence, and the calibration error over the bins.

Naeini et al. 2015 (AAAI) define the expected calibration error for two classes, Guo et al. 2017 (ICML) for more.
"""

from typing import NamedTuple

import numpy as np

BINS = 10  # of equal width; upper edges belong to the bin, as in Guo et al. and in scikit-learn


class Bins(NamedTuple):
    """Bins that hold at least one record, each array (number of such bins,)."""

    confidence: np.ndarray  # mean predicted probability
    share: np.ndarray  # share of records for which the prediction held
    weight: np.ndarray  # records


def confidences(truth: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n,) classes, (n, C) probabilities -> (n,) confidence, (n,) bool whether what it was spent on held.

    Two classes: the probability of class 1 and whether the record is of class 1. More: the largest probability
    and whether the record is of that class.
    """
    if probabilities.shape[1] == 2:
        return probabilities[:, 1], truth == 1
    top = probabilities.argmax(axis=1)
    return probabilities[np.arange(len(top)), top], truth == top


def bin_numbers(confidence: np.ndarray) -> np.ndarray:
    """(n,) confidences -> (n,) bin of each, 0 to BINS - 1."""
    return np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], confidence)


def reliability_bins(confidence: np.ndarray, held: np.ndarray, numbers: np.ndarray) -> Bins:
    """What a reliability diagram shows: (n,) confidences, whether they held, their bins."""
    total = np.bincount(numbers, minlength=BINS)
    filled = total > 0
    means = np.bincount(numbers, confidence, BINS)[filled] / total[filled]
    shares = np.bincount(numbers, held, BINS)[filled] / total[filled]
    return Bins(means, shares, total[filled])


def expected_calibration_error(bins: Bins) -> float:
    """Mean distance between confidence and share, each bin weighted by its records; 0 is perfect."""
    return float(np.average(np.abs(bins.confidence - bins.share), weights=bins.weight))
