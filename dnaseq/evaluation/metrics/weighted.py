"""The scores of one set of predictions under many different weights of its records, as the bootstrap needs them.

The same numbers as scikit-learn's (the tests hold them equal), for many resamples at once and without sorting the
records again for each: a thousand resamples of 400 records take a few hundredths of a second.
"""

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from dnaseq.evaluation.metrics.curves import BINS, bin_numbers, confidences
from dnaseq.evaluation.metrics.names import flat


class Counts(NamedTuple):
    """Numbers of records behind the scores of classes: (..., C) in both, in the class, predicted as it; (...,) all."""

    hits: np.ndarray
    true: np.ndarray
    called: np.ndarray
    total: np.ndarray


class WeightedScores:
    """Called with whole-number weights (..., n): every score of the records so weighted (...,), NaN if undefined."""

    def __init__(
        self, truth: np.ndarray, predicted: np.ndarray, probabilities: np.ndarray, classes: list[str]
    ):
        self.classes = classes
        n_classes = len(classes)
        right = (truth == predicted).astype(np.float64)
        kinds = (truth, right), (truth, None), (predicted, None)  # of Counts
        self.counted = [_membership(number, n_classes, value) for number, value in kinds]
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
        total = weights.sum(axis=-1)
        columns = np.asfortranarray(weights)  # whose transpose a sparse product reads as it lies
        hits, true, called = ((members @ columns.T).T for members in self.counted)
        counts = Counts(hits, true, called, total)
        overall = overall_scores(counts)
        for name, losses in self.losses.items():
            overall[name] = weights @ losses / total
        overall["ece"] = np.abs(self.gaps @ weights.T).sum(axis=0) / total
        one_class = [
            one_class_scores(counts, c) | ranking.areas(weights) for c, ranking in self.rankings.items()
        ]
        return flat(overall, one_class, self.classes)


class Ranking:
    """Records in falling order of their score; ties stand together, so that no order among them counts.

    Either area grows only where a positive record stands. So the order is cut into the ties that hold one and what
    lies between these, and of the records within each no more is needed than their sum.
    """

    def __init__(self, positive: np.ndarray, score: np.ndarray):
        order = np.argsort(-score, kind="stable")
        last = np.flatnonzero(np.diff(score[order], append=np.inf))  # the last record of each tie
        places = np.flatnonzero(positive[order])
        # ties with a positive record
        ties, tie = np.unique(np.searchsorted(last, places), return_inverse=True)
        cuts = np.stack([np.where(ties > 0, last[ties - 1], -1) + 1, last[ties] + 1], axis=1).ravel()
        stretch = np.empty(len(order), dtype=np.int64)
        stretch[order] = np.searchsorted(cuts, np.arange(len(order)), side="right")
        self.stretches = _membership(stretch, len(cuts) + 1)
        shape = (len(ties), len(order))
        self.positives = csr_array((np.ones(len(places)), (tie, order[places])), shape=shape)

    def areas(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        """Areas under the ROC curve (trapezoids) and the precision-recall curve (steps: average precision)."""
        called = np.cumsum((self.stretches @ weights.T).T, axis=-1)
        before, after = called[..., 0:-1:2], called[..., 1::2]  # each tie
        gained = (self.positives @ weights.T).T
        true = np.cumsum(gained, axis=-1)
        positives = gained.sum(axis=-1)
        negatives = called[..., -1] - positives
        within = after - before - gained  # negatives in each tie
        area = np.sum(gained * (negatives[..., None] - (after - true) + within / 2), axis=-1)
        steps = np.sum(gained * true / np.maximum(after, 1), axis=-1)
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


def count_outcomes(confusion: np.ndarray) -> Counts:
    """Count from confusion matrices (..., C, C): rows are the truth, columns the prediction."""
    hits, true = np.diagonal(confusion, axis1=-2, axis2=-1), confusion.sum(axis=-1)
    return Counts(hits, true, confusion.sum(axis=-2), true.sum(axis=-1))


def overall_scores(counts: Counts) -> dict[str, np.ndarray]:
    """Scores of all classes together (...,)."""
    hits, true, called, total = counts
    right = hits.sum(axis=-1)
    spread = (total**2 - (true**2).sum(axis=-1)) * (total**2 - (called**2).sum(axis=-1))
    # Gorodkin 2004; a model that predicts one class only gets 0, as in scikit-learn
    mcc = _ratio(right * total - (true * called).sum(axis=-1), np.sqrt(spread), 0.0)
    return {
        "accuracy": right / total,
        "balanced_accuracy": _ratio(hits, true).mean(axis=-1),
        "mcc": np.where(true.max(axis=-1) < total, mcc, np.nan),
    }


def one_class_scores(counts: Counts, c: int) -> dict[str, np.ndarray]:
    """Scores of class c against the rest (...,)."""
    hits, true, called = counts.hits[..., c], counts.true[..., c], counts.called[..., c]
    rest = counts.total - true
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
