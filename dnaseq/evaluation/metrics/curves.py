"""Points of the curves that a report draws, thinned to what can be seen: ROC, precision and recall, reliability."""

from typing import NamedTuple

import numpy as np
from sklearn.metrics import precision_recall_curve, roc_curve

BINS = 10  # of equal width; upper edges belong to the bin, as in Guo et al. and in scikit-learn


class Bins(NamedTuple):
    """Bins that hold at least one record, each array (number of such bins,)."""

    confidence: np.ndarray  # mean predicted probability
    share: np.ndarray  # share of records whose prediction was right
    weight: np.ndarray  # records


def confidences(truth: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n,) classes, (n, C) probabilities -> (n,) confidence, (n,) bool, True where it was right.

    Two classes: the probability of class 1, right where the record is of class 1. More: the largest probability,
    right where the record is of that class.
    """
    if probabilities.shape[1] == 2:
        return probabilities[:, 1], truth == 1
    top = probabilities.argmax(axis=1)
    return probabilities[np.arange(len(top)), top], truth == top


def bin_numbers(confidence: np.ndarray) -> np.ndarray:
    """(n,) confidences -> (n,) bin of each, 0 to BINS - 1."""
    return np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], confidence)


def reliability_bins(confidence: np.ndarray, held: np.ndarray, numbers: np.ndarray) -> Bins:
    """Bins of a reliability diagram from (n,) confidences, (n,) bool where they were right, and (n,) bin numbers."""
    total = np.bincount(numbers, minlength=BINS)
    filled = total > 0
    means = np.bincount(numbers, confidence, BINS)[filled] / total[filled]
    shares = np.bincount(numbers, held, BINS)[filled] / total[filled]
    return Bins(means, shares, total[filled])


def expected_calibration_error(bins: Bins) -> float:
    """Mean distance between confidence and share, each bin weighted by its records; 0 is perfect."""
    return float(np.average(np.abs(bins.confidence - bins.share), weights=bins.weight))


MOST_POINTS = 500


def roc_points(positive: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n,) bool, (n,) scores -> false positive rates, true positive rates, both rising from 0 to 1.

    Needs records of both kinds.
    """
    false, true, _ = roc_curve(positive, score)
    return _thinned(false, true)


def precision_recall_points(positive: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n,) bool, (n,) scores -> recalls, falling from 1 to 0, and the precision at each. Needs a positive record."""
    precision, recall, _ = precision_recall_curve(positive, score)
    return _thinned(recall, precision)


def _thinned(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Some of the points, evenly along the curve, first and last among them."""
    keep = np.unique(np.linspace(0, len(x) - 1, min(len(x), MOST_POINTS)).round().astype(int))
    return x[keep], y[keep]
