"""The scores of one set of predictions under many different weights of its records, as the bootstrap needs them.

The same numbers as scikit-learn's (the tests hold them equal), without sorting the records again each time: a
thousand resamples of 400 records take well under a second. What does not depend on the weights is computed once.
"""

import numpy as np

from dnaseq.evaluation.metric_names import flat
from dnaseq.evaluation.reliability import (
    bin_numbers,
    confidences,
    expected_calibration_error,
    reliability_bins,
)


class WeightedScores:
    """Called with (n,) whole-number weights: every score of the records so weighted, NaN where undefined."""

    def __init__(
        self, truth: np.ndarray, predicted: np.ndarray, probabilities: np.ndarray, classes: list[str]
    ):
        self.classes = classes
        n_classes = len(classes)
        self.cell = truth * n_classes + predicted  # (n,) cell of the confusion matrix
        self.losses = {
            "log_loss": log_losses(truth, probabilities),
            "brier": brier_losses(truth, probabilities),
        }
        self.confidence, self.held = confidences(truth, probabilities)
        self.bins = bin_numbers(self.confidence)
        self.rankings = {
            c: Ranking(truth == c, probabilities[:, c]) for c in range(1 if n_classes == 2 else 0, n_classes)
        }

    def __call__(self, weights: np.ndarray) -> dict[str, float]:
        n_classes = len(self.classes)
        confusion = np.bincount(self.cell, weights, n_classes**2).reshape(n_classes, n_classes)
        overall = confusion_scores(confusion)
        for name, losses in self.losses.items():
            overall[name] = losses @ weights / weights.sum()
        bins = reliability_bins(self.confidence, self.held, self.bins, weights)
        overall["ece"] = expected_calibration_error(bins)
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

    def areas(self, weights: np.ndarray) -> dict[str, float]:
        """Areas under the ROC curve (trapezoids) and the precision-recall curve (steps: average precision)."""
        weights = weights[self.order]
        true = np.cumsum(weights * self.positive)[self.last]
        false = np.cumsum(weights * ~self.positive)[self.last]
        if not (true[-1] and false[-1]):
            return {"auroc": np.nan, "auprc": np.nan}
        gained = np.diff(true, prepend=0)
        area = np.sum(np.diff(false, prepend=0) * (true - gained / 2))
        precision = true / np.maximum(true + false, 1)
        return {"auroc": area / (true[-1] * false[-1]), "auprc": np.sum(gained * precision) / true[-1]}


def log_losses(truth: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """(n,) negative logarithm of the probability of the true class, which is kept off 0 as scikit-learn does."""
    of_truth = probabilities[np.arange(len(truth)), truth] / probabilities.sum(axis=1)
    eps = np.finfo(np.float64).eps
    return -np.log(np.clip(of_truth, eps, 1 - eps))


def brier_losses(truth: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """(n,) squared error: of the probability of class 1 where there are two, summed over all classes otherwise."""
    error = probabilities - np.eye(probabilities.shape[1])[truth]  # (n, C)
    return error[:, 1] ** 2 if error.shape[1] == 2 else (error**2).sum(axis=1)


def confusion_scores(confusion: np.ndarray) -> dict[str, float]:
    """Overall scores of a (C, C) confusion matrix: rows are the truth, columns the prediction."""
    right, true, called = np.trace(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    total = confusion.sum()
    spread = (total**2 - true @ true) * (total**2 - called @ called)
    # Gorodkin 2004; a predictor that calls one class only gets 0, as in scikit-learn
    mcc = (right * total - true @ called) / np.sqrt(spread) if spread else 0.0
    return {
        "accuracy": right / total,
        "balanced_accuracy": np.mean(np.diag(confusion) / true) if true.all() else np.nan,
        "mcc": mcc if true.max() < total else np.nan,
    }


def one_class_scores(confusion: np.ndarray, c: int) -> dict[str, float]:
    """Scores of class c against the rest, from a (C, C) confusion matrix."""
    hits, true, called = confusion[c, c], confusion[c].sum(), confusion[:, c].sum()
    rest = confusion.sum() - true
    return {
        "sensitivity": hits / true if true else np.nan,
        "specificity": (rest - called + hits) / rest if rest else np.nan,
        "precision": np.nan if not true else hits / called if called else 0.0,
        "f1": 2 * hits / (true + called) if true else np.nan,
    }
