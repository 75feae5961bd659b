"""Points of the curves that a report draws, by scikit-learn, thinned to what can be seen."""

import numpy as np
from sklearn.metrics import precision_recall_curve, roc_curve

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
