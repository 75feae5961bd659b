"""Scores of records that carry any number of labels: of each label, their means, and of whole label sets."""

import numpy as np
from scipy.sparse import csr_array

from dnaseq.evaluation.intervals.bootstrap import Evidence
from dnaseq.evaluation.metrics.estimates import (
    affordable,
    count_defined,
    estimates,
    label_evidence,
    mean_evidence,
    unit_count,
    units_with,
    with_means,
)
from dnaseq.evaluation.metrics.weighted import Ranking, count_outcomes, one_class_scores, overall_scores
from dnaseq.prediction_task import MULTILABEL
from dnaseq.schemas import Estimate

OF_ONE_LABEL = ("auroc", "auprc", "sensitivity", "precision", "f1", "mcc")


def multilabel_scores(
    truth: np.ndarray,
    probabilities: np.ndarray,
    labels: list[str],
    thresholds: np.ndarray | float = 0.5,
    seed: int = 0,
    resamples: int = 1000,
    groups: np.ndarray | None = None,
) -> dict[str, Estimate]:
    """Every score as {"value", "low", "high"}, intervals as in scores: (n, C) bool, (n, C) probabilities, C names.

    A label is predicted where its probability reaches its threshold, one for all or (C,). "auroc/promoter" is the
    score of a label, None if the test records do not define it (no record has the label, or every one has); the
    plain name is the mean over the labels that have the score (macro), with "over", their number. subset_accuracy
    is the share of records whose whole set is right, hamming_loss the share of labels that are wrong, f1_micro
    that of all labels of all records together; log_loss and brier are means over the labels.

    Raises ValueError for shapes that do not fit together and for probabilities outside 0 to 1, naming the row.
    """
    truth, probabilities = _validate(truth, probabilities, labels)
    predicted = probabilities >= np.asarray(thresholds, dtype=np.float64)
    scorer = WeightedLabelScores(truth, predicted, probabilities, labels)
    bases = _bases(truth, predicted, labels, groups)
    resamples = affordable(resamples, len(truth), len(labels))
    table = estimates(scorer, len(truth), bases.__getitem__, seed, resamples, groups)
    return count_defined(table, OF_ONE_LABEL, labels)


class WeightedLabelScores:
    """Called with weights (..., n): every score of the records so weighted (...,), NaN if undefined."""

    def __init__(
        self, truth: np.ndarray, predicted: np.ndarray, probabilities: np.ndarray, labels: list[str]
    ):
        self.labels = labels
        self.rankings = [Ranking(truth[:, c], probabilities[:, c]) for c in range(len(labels))]
        self.counted = [
            csr_array(mask.T.astype(np.float64)) for mask in (truth & predicted, truth, predicted)
        ]
        wrong = truth != predicted
        self.means = {
            "subset_accuracy": ~wrong.any(axis=1),
            "hamming_loss": wrong.mean(axis=1),
            "log_loss": _log_losses(truth, probabilities),
            "brier": ((probabilities - truth) ** 2).mean(axis=1),
        }

    def __call__(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        total = weights.sum(axis=-1)
        hits, true, called = ((mask @ weights.T).T for mask in self.counted)  # (..., C) each
        areas = [ranking.areas(weights) for ranking in self.rankings]
        single = _label_scores(hits, true, called, total[..., None])
        single |= {name: np.stack([a[name] for a in areas], axis=-1) for name in ("auroc", "auprc")}
        sets = {name: weights @ losses / total for name, losses in self.means.items()}
        micro = {"f1_micro": _micro(hits.sum(axis=-1), true.sum(axis=-1), called.sum(axis=-1))}
        table = with_means({name: single[name] for name in OF_ONE_LABEL}, self.labels) | sets | micro
        return {name: table[name] for name in (*MULTILABEL.metrics, *table)}


def _label_scores(
    hits: np.ndarray, true: np.ndarray, called: np.ndarray, total: np.ndarray
) -> dict[str, np.ndarray]:
    """Scores (..., C) from numbers of records: with the label and its prediction, label, prediction, and all."""
    rows = [[total - true - called + hits, called - hits], [true - hits, hits]]
    counts = count_outcomes(np.stack([np.stack(np.broadcast_arrays(*row), axis=-1) for row in rows], axis=-2))
    return one_class_scores(counts, 1) | {"mcc": overall_scores(counts)["mcc"]}


def _micro(hits: np.ndarray, true: np.ndarray, called: np.ndarray) -> np.ndarray:
    return np.where(true > 0, 2 * hits / np.maximum(true + called, 1), np.nan)


def _log_losses(truth: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """(n,) mean over the labels of the negative log-probability of the truth, kept off 0."""
    eps = np.finfo(np.float64).eps
    of_truth = np.where(truth, probabilities, 1 - probabilities)
    return -np.log(np.clip(of_truth, eps, 1 - eps)).mean(axis=1)


def _bases(
    truth: np.ndarray, predicted: np.ndarray, labels: list[str], groups: np.ndarray | None
) -> dict[str, Evidence]:
    """Evidence behind every score."""
    of_labels = label_evidence(truth, ~truth, predicted, ~predicted, groups)
    units = unit_count(len(truth), groups)
    bearing = max(1, int(units_with((truth | predicted).any(axis=1, keepdims=True), groups)[0]))
    bases = dict.fromkeys(MULTILABEL.metrics, Evidence(units, units, units))
    bases |= dict.fromkeys(OF_ONE_LABEL, mean_evidence(of_labels))
    bases["f1_micro"] = Evidence(units, bearing, bearing)
    for metric in OF_ONE_LABEL:
        bases |= {f"{metric}/{name}": basis for name, basis in zip(labels, of_labels, strict=True)}
    return bases


def _validate(
    truth: np.ndarray, probabilities: np.ndarray, labels: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    truth, probabilities = np.asarray(truth), np.asarray(probabilities, dtype=np.float64)
    shape = (len(truth), len(labels))
    if not all(shape) or truth.shape != shape or probabilities.shape != shape:
        raise ValueError(
            f"scores need at least 1 record and 1 label, and a truth and a probability for each; got {len(labels)} "
            f"labels, truth of shape {truth.shape} and probabilities of shape {probabilities.shape}"
        )
    wrong = np.flatnonzero(~((probabilities >= 0) & (probabilities <= 1)).all(axis=1))
    if wrong.size:
        row = wrong[0]
        raise ValueError(f"row {row}: probabilities must be from 0 to 1; got {probabilities[row]}")
    return truth.astype(bool), probabilities
