"""Scores of a label for every base. The bases of a record are not independent, so whole records are drawn.

Each record is reduced to counts that add up over records: a confusion matrix, losses, and the components of the
area under the ROC curve. Millions of bases take seconds, however many resamples.
"""

from typing import NamedTuple

import numpy as np

from dnaseq.evaluation.decisions.thresholds import predict_classes
from dnaseq.evaluation.intervals.bootstrap import Evidence
from dnaseq.evaluation.metrics.classification import enough_resamples
from dnaseq.evaluation.metrics.estimates import (
    count_defined,
    estimates,
    label_evidence,
    mean_evidence,
    unit_count,
    with_means,
)
from dnaseq.evaluation.metrics.weighted import count_outcomes, log_losses, one_class_scores, overall_scores
from dnaseq.prediction_task import PER_BASE
from dnaseq.schemas import Estimate

OF_ONE_CLASS = ("sensitivity", "precision", "f1", "auroc")
ROUNDING = 1e-5  # of a sum of probabilities, which may be means of 32-bit numbers


class Components(NamedTuple):
    """Sums over the bases of each record, (n, C): of one class against the rest (Obuchowski 1997)."""

    below: np.ndarray  # over bases of the class: the share of the other bases that have a smaller probability
    bases: np.ndarray  # of the class
    above: np.ndarray  # over the other bases: the share of the bases of the class that have a larger one
    others: np.ndarray


def labelling_scores(
    truth: list[np.ndarray],
    probabilities: list[np.ndarray],
    classes: list[str],
    seed: int = 0,
    resamples: int = 1000,
    groups: np.ndarray | None = None,
) -> dict[str, Estimate]:
    """Every score as {"value", "low", "high"}: n arrays (L_i,) of classes, n (L_i, C) of probabilities, C names.

    Scores are over all bases of all records. sensitivity, precision, f1 and auroc are of one class against the
    rest, as "f1/C"; the plain name is the mean over the classes that have the score, with "over", their number.
    balanced_accuracy, which is such a mean too, is None if a class is absent. Intervals are those of scores, from
    a bootstrap of whole records or groups; the area in a resample is that of Obuchowski's components.

    Raises ValueError for arrays that do not fit together, a class outside 0 to C - 1 and probabilities that are not
    finite, negative or do not sum to 1, naming the record by its place in the list.
    """
    lengths = _record_lengths(truth, probabilities, classes)
    bases, given = np.concatenate(truth).astype(np.int64), np.concatenate(probabilities)
    record = np.repeat(np.arange(len(lengths)), lengths)
    _check_values(bases, given, record)
    scorer = WeightedBaseScores(bases, given, record, classes)
    resamples = enough_resamples(resamples, len(lengths))
    of_name = _bases(scorer.confusion, classes, groups)
    table = estimates(scorer, len(lengths), of_name.__getitem__, seed, resamples, groups)
    return count_defined(table, OF_ONE_CLASS, classes)


class WeightedBaseScores:
    """Called with weights (..., n) of the records: every score of their bases (...,), NaN if undefined."""

    def __init__(self, truth: np.ndarray, probabilities: np.ndarray, record: np.ndarray, classes: list[str]):
        self.classes, n_classes, n = classes, len(classes), int(record[-1]) + 1
        cell = (record * n_classes + truth) * n_classes + predict_classes(probabilities)
        counts = np.bincount(cell, minlength=n * n_classes**2)
        self.confusion = counts.reshape(n, n_classes, n_classes).astype(np.float64)  # of each record
        self.losses = np.bincount(record, log_losses(truth, probabilities), n)
        self.areas = area_components(truth, probabilities, record)

    def __call__(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        confusion = np.tensordot(weights, self.confusion, axes=1)  # (..., C, C)
        of_bases = count_outcomes(confusion)
        single = [one_class_scores(of_bases, c) for c in range(len(self.classes))]
        of_classes = {name: np.stack([s[name] for s in single], axis=-1) for name in OF_ONE_CLASS[:-1]}
        of_classes["auroc"] = self._areas(weights)
        table = with_means(of_classes, self.classes) | overall_scores(of_bases)
        table["log_loss"] = weights @ self.losses / of_bases.total
        return {name: table[name] for name in (*PER_BASE.metrics, *table)}

    def _areas(self, weights: np.ndarray) -> np.ndarray:
        """(..., C): exact where every weight is 1, to first order around there."""
        below, bases, above, others = (weights @ sums for sums in self.areas)
        area = self.areas.below.sum(axis=0) / np.maximum(self.areas.bases.sum(axis=0), 1)
        both = (bases > 0) & (others > 0)
        first, second = below / np.where(both, bases, 1), above / np.where(both, others, 1)
        return np.where(both, np.clip(first + second - area, 0, 1), np.nan)


def area_components(truth: np.ndarray, probabilities: np.ndarray, record: np.ndarray) -> Components:
    """Components of (N,) classes, (N, C) probabilities and (N,) records in order, 0 to n - 1; ties count half."""
    n_classes = probabilities.shape[1]
    of_classes = [
        _class_components(truth == c, probabilities[:, c], record)
        for c in range(1 if n_classes == 2 else 0, n_classes)
    ]
    if n_classes == 2:  # the probabilities of the other class are in reverse order
        below, bases, above, others = of_classes[0]
        of_classes.insert(0, (above, others, below, bases))
    return Components(*(np.stack(sums, axis=1) for sums in zip(*of_classes, strict=True)))


def _class_components(positive: np.ndarray, score: np.ndarray, record: np.ndarray) -> tuple[np.ndarray, ...]:
    order = np.argsort(score)
    rising, positive, record = score[order], positive[order], record[order]
    starts = np.flatnonzero(np.diff(rising, prepend=-1))  # of each run of ties
    size = np.diff(starts, append=len(rising))
    positives = np.add.reduceat(positive, starts, dtype=np.int64)
    of_class, of_others = (
        np.repeat(np.cumsum(count) - count / 2, size) / max(count.sum(), 1)
        for count in (positives, size - positives)
    )
    n = int(record.max()) + 1
    below, above = positive * of_others, ~positive * (1 - of_class)
    return tuple(np.bincount(record, weights, n) for weights in (below, positive, above, ~positive))


def _bases(confusion: np.ndarray, classes: list[str], groups: np.ndarray | None) -> dict[str, Evidence]:
    """Evidence behind every score: records, or groups, that hold a base of the kind."""
    true, called = confusion.sum(axis=2), confusion.sum(axis=1)  # (n, C) bases
    total = true.sum(axis=1, keepdims=True)
    of_classes = label_evidence(true > 0, true < total, called > 0, called < total, groups)
    units = unit_count(len(confusion), groups)
    bases = dict.fromkeys(PER_BASE.metrics, mean_evidence(of_classes))
    bases |= dict.fromkeys(("accuracy", "log_loss"), Evidence(units, units, units))
    for metric in OF_ONE_CLASS:
        bases |= {f"{metric}/{name}": basis for name, basis in zip(classes, of_classes, strict=True)}
    return bases


def _record_lengths(
    truth: list[np.ndarray], probabilities: list[np.ndarray], classes: list[str]
) -> np.ndarray:
    """(n,) bases of each record. Raises ValueError for arrays that do not fit together."""
    if len(classes) < 2 or not len(truth) or len(truth) != len(probabilities):
        raise ValueError(
            f"scores need at least 1 record and 2 classes, and probabilities for each record; got {len(classes)} "
            f"classes, {len(truth)} records and the probabilities of {len(probabilities)}"
        )
    for i, (one, given) in enumerate(zip(truth, probabilities, strict=True)):
        if not len(one) or np.shape(given) != (len(one), len(classes)):
            raise ValueError(
                f"record {i}: {len(one)} bases and probabilities of shape {np.shape(given)}; a record needs a base, "
                f"and each base {len(classes)} probabilities"
            )
    return np.array([len(one) for one in truth])


def _check_values(truth: np.ndarray, probabilities: np.ndarray, record: np.ndarray) -> None:
    outside = np.flatnonzero((truth < 0) | (truth >= probabilities.shape[1]))
    if outside.size:
        at = outside[0]
        raise ValueError(
            f"record {record[at]}: class {truth[at]} is not among 0 to {probabilities.shape[1] - 1}"
        )
    sound = np.abs(probabilities.sum(axis=1) - 1) <= ROUNDING  # not so where NaN
    sound &= (probabilities >= 0).all(axis=1)
    wrong = np.flatnonzero(~sound)
    if wrong.size:
        at = wrong[0]
        raise ValueError(
            f"record {record[at]}: probabilities must be finite, not negative and sum to 1; got {probabilities[at]}"
        )
