"""The scores of one set of predictions under many different weights of its records, as the bootstrap needs them.

The same numbers as scikit-learn's (the tests hold them equal), for many resamples at once and without sorting the
records again for each: a thousand resamples of 400 records take a few hundredths of a second.
"""

import numpy as np
from scipy.sparse import csr_array

from dnaseq.evaluation.metric_names import flat
from dnaseq.evaluation.reliability import BINS, bin_numbers, confidences


class WeightedScores:
    """Called with whole-number weights (..., n): every score of the records so weighted (...,), NaN if undefined."""

    def __init__(
        self, truth: np.ndarray, predicted: np.ndarray, probabilities: np.ndarray, classes: list[str]
    ):
        self.classes = classes
        n_classes = len(classes)
        self.cell = _membership(truth * n_classes + predicted, n_classes**2)  # of the confusion matrix
        self.losses = {
            "log_loss": log_losses(truth, probabilities),
            "brier": brier_losses(truth, probabilities),
        }
        confidence, held = confidences(truth, probabilities)
        self.gaps = _membership(bin_numbers(confidence), BINS, confidence - held)
        self.rankings = {
            c: Ranking(truth == c, probabilities[:, c]) for c in range(1 if n_classes == 2 else 0, n_classes)
        }

    def __call__(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        n_classes, total = len(self.classes), weights.sum(axis=-1)
        cells = (self.cell @ weights.T).T  # (..., C^2)
        confusion = cells.reshape(*weights.shape[:-1], n_classes, n_classes)
        overall = confusion_scores(confusion)
        for name, losses in self.losses.items():
            overall[name] = weights @ losses / total
        overall["ece"] = np.abs(self.gaps @ weights.T).sum(axis=0) / total
        one_class = [
            one_class_scores(confusion, c) | ranking.areas(weights) for c, ranking in self.rankings.items()
        ]
        return flat(overall, one_class, self.classes)


class Ranking:
    """Records in falling order of their score; ties stand together, so that no order among them counts."""

    def __init__(self, positive: np.ndarray, score: np.ndarray):
        self.order = np.argsort(-score, kind="stable")
        self.positive = positive[self.order]
        self.last = np.flatnonzero(np.diff(score[self.order], append=np.inf))  # the last record of each tie

    def areas(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        """Areas under the ROC curve (trapezoids) and the precision-recall curve (steps: average precision)."""
        weights = weights[..., self.order]
        called = np.cumsum(weights, axis=-1)[..., self.last]
        true = np.cumsum(weights * self.positive, axis=-1)[..., self.last]
        false = called - true
        gained = np.diff(true, prepend=0)
        area = np.sum(np.diff(false, prepend=0) * (true - gained / 2), axis=-1)
        steps = np.sum(gained * true / np.maximum(called, 1), axis=-1)
        positives, negatives = true[..., -1], false[..., -1]
        both = (positives > 0) & (negatives > 0)
        return {
            "auroc": np.where(both, _ratio(area, positives * negatives), np.nan),
            "auprc": np.where(both, _ratio(steps, positives), np.nan),
        }


def log_losses(truth: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """(n,) negative logarithm of the probability of the true class, which is kept off 0 as scikit-learn does."""
    of_truth = probabilities[np.arange(len(truth)), truth] / probabilities.sum(axis=1)
    eps = np.finfo(np.float64).eps
    return -np.log(np.clip(of_truth, eps, 1 - eps))


def brier_losses(truth: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """(n,) squared error: of the probability of class 1 where there are two, summed over all classes otherwise."""
    error = probabilities - np.eye(probabilities.shape[1])[truth]  # (n, C)
    return error[:, 1] ** 2 if error.shape[1] == 2 else (error**2).sum(axis=1)


def confusion_scores(confusion: np.ndarray) -> dict[str, np.ndarray]:
    """Overall scores of confusion matrices (..., C, C): rows are the truth, columns the prediction."""
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    true, called = confusion.sum(axis=-1), confusion.sum(axis=-2)
    right, total = hits.sum(axis=-1), true.sum(axis=-1)
    spread = (total**2 - (true**2).sum(axis=-1)) * (total**2 - (called**2).sum(axis=-1))
    # Gorodkin 2004; a predictor that calls one class only gets 0, as in scikit-learn
    mcc = _ratio(right * total - (true * called).sum(axis=-1), np.sqrt(spread), 0.0)
    return {
        "accuracy": right / total,
        "balanced_accuracy": _ratio(hits, true).mean(axis=-1),
        "mcc": np.where(true.max(axis=-1) < total, mcc, np.nan),
    }


def one_class_scores(confusion: np.ndarray, c: int) -> dict[str, np.ndarray]:
    """Scores of class c against the rest, from confusion matrices (..., C, C)."""
    hits, true, called = (
        confusion[..., c, c],
        confusion[..., c, :].sum(axis=-1),
        confusion[..., c].sum(axis=-1),
    )
    rest = confusion.sum(axis=(-2, -1)) - true
    return {
        "sensitivity": _ratio(hits, true),
        "specificity": _ratio(rest - called + hits, rest),
        "precision": np.where(true > 0, _ratio(hits, called, 0.0), np.nan),
        "f1": np.where(true > 0, _ratio(2 * hits, true + called), np.nan),
    }


def _ratio(part: np.ndarray, whole: np.ndarray, otherwise: float = np.nan) -> np.ndarray:
    """part / whole, and another value where the whole is 0."""
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1), otherwise)


def _membership(number: np.ndarray, size: int, value: np.ndarray | None = None) -> csr_array:
    """(n,) numbers below `size` -> (size, n): the value of each record (default 1) in the row of its number."""
    value = np.ones(len(number)) if value is None else value
    return csr_array((value, (number, np.arange(len(number)))), shape=(size, len(number)))
