"""Penalties of linear models, chosen by cross-validation inside the training records.

One way for all of them: three folds, stratified by class, similar records in one fold; for each strength of the L2
penalty, weak ones last, a logistic regression that starts from the one before; the least log loss wins.
"""

import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.pipeline import make_pipeline

from dnaseq.evaluation.intervals.bootstrap import unless_alone

FOLDS, FEWEST = 3, 100  # with fewer records DEFAULT is used
PENALTIES = tuple(10 ** (1 - step / 2) for step in range(8))  # 10 to 0.003, of features whose norm is about 1
MOST_ROTATED, NO_AXIS = 800, 1e-6  # records; share of the longest axis below which there is none
PATIENCE = 2  # strengths in a row that are worse than the best before weaker ones are not tried
LEAST_PROBABILITY = 1e-12  # of a class that a fold does not hold

Fold = tuple[np.ndarray, np.ndarray]  # rows to learn from, rows to be scored on


class Found(NamedTuple):
    """A penalty and its log loss."""

    log_loss: float  # over the folds; NaN where there were too few records to choose by
    penalty: float  # strength of the L2 penalty: 1 / C
    scaled: bool  # whether features are divided by their standard deviations


DEFAULT = Found(float("nan"), 1.0, False)


class Scaled(TransformerMixin, BaseEstimator):
    """Sparse features divided by their standard deviation and by the square root of their number, but not centred.

    A feature that is always the same becomes 0.
    """

    def fit(self, x: csr_array, y: object = None) -> "Scaled":
        """Learn the standard deviations."""
        mean = np.asarray(x.mean(axis=0)).ravel()
        deviation = np.sqrt(np.maximum(np.asarray(x.multiply(x).mean(axis=0)).ravel() - mean**2, 0))
        varies = deviation > 1e-6
        self.by_ = np.zeros(len(mean), dtype=np.float32)
        self.by_[varies] = 1 / (deviation[varies] * np.sqrt(len(mean)))
        return self

    def transform(self, x: csr_array) -> csr_array:
        """Divide."""
        return csr_array((x.data * self.by_[x.indices], x.indices, x.indptr), shape=x.shape)


def build_model(found: Found) -> BaseEstimator:
    """Return the model with that penalty, to be fitted."""
    logistic = LogisticRegression(C=1 / found.penalty, max_iter=1000)
    return make_pipeline(Scaled(), logistic) if found.scaled else logistic


def folds(labels: np.ndarray, seed: int, groups: np.ndarray | None = None) -> list[Fold]:
    """Split (n,) classes into folds; where (n,) groups are given, each stays in one. Empty for too few records.

    A class of fewer than three records, or groups, is missing from some folds.
    """
    groups = None if groups is None else unless_alone(groups)
    least = np.sort(np.unique(labels, return_counts=True)[1])[-2:]
    few = groups is not None and len(np.unique(groups)) < FOLDS
    if len(labels) < FEWEST or len(least) < 2 or least[0] < FOLDS or few:
        return []
    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        splits = kind(FOLDS, shuffle=True, random_state=seed).split(labels, labels, groups)
        found = [(learnt, scored) for learnt, scored in splits if len(scored)]
    return found if all(len(np.unique(labels[learnt])) > 1 for learnt, _ in found) else []


def best_penalty(x: csr_array, targets: list[np.ndarray], splits: list[Fold], scalable: bool) -> Found:
    """Return the best penalty for all targets, each (n,) classes, together; DEFAULT without folds."""
    if not splits:
        return DEFAULT
    ways = [_path(x, targets, splits, scaled) for scaled in ((False, True) if scalable else (False,))]
    return min(ways, key=lambda found: found.log_loss)


def _path(x: csr_array, targets: list[np.ndarray], splits: list[Fold], scaled: bool) -> Found:
    tables = [(x[learnt], x[scored]) for learnt, scored in splits]
    if scaled:
        scalers = [Scaled().fit(learnt) for learnt, _ in tables]
        tables = [tuple(map(own.transform, both)) for own, both in zip(scalers, tables, strict=True)]
    tables = [_rotate(*both) for both in tables]
    models = [[LogisticRegression(warm_start=True, max_iter=1000) for _ in targets] for _ in splits]
    n = len(targets) * sum(len(scored) for _, scored in splits)

    def mean_loss(penalty: float) -> float:
        each = (
            _loss(model.set_params(C=1 / penalty), *both, y[learnt], y[scored])
            for (learnt, scored), both, own in zip(splits, tables, models, strict=True)
            for y, model in zip(targets, own, strict=True)
        )
        return sum(each) / n

    return Found(*least_loss(mean_loss), scaled)


def least_loss(loss_of: Callable[[float], float]) -> tuple[float, float]:
    """Find the least loss and the strength of its penalty; weak ones are not tried where they are worse and worse."""
    best, worse = (np.inf, PENALTIES[0]), 0
    for penalty in PENALTIES:
        loss = loss_of(penalty)
        worse = 0 if loss < best[0] else worse + 1
        best = min(best, (loss, penalty))
        if worse == PATIENCE:
            break
    return best


def _rotate(learnt: csr_array, scored: csr_array) -> tuple[np.ndarray | csr_array, np.ndarray | csr_array]:
    """Return the same records in the few dimensions that they span, where the same model is fitted in less time."""
    if len(learnt.indptr) > MOST_ROTATED:
        return learnt, scored
    basis = learnt.toarray()
    values, axes = np.linalg.eigh((basis @ basis.T).astype(np.float64))
    if values[-1] <= 0:  # no record has any of the features
        return np.zeros((len(basis), 1)), np.zeros((scored.shape[0], 1))
    kept = values > NO_AXIS * values[-1]
    root, axes = np.sqrt(values[kept]), axes[:, kept]
    return axes * root, (scored.toarray() @ basis.T) @ (axes / root)


def _loss(
    model: LogisticRegression, learnt: csr_array, scored: csr_array, y: np.ndarray, truth: np.ndarray
) -> float:
    """Sum of the log loss of some records by the model fitted on others."""
    model.fit(learnt, y)
    probabilities = model.predict_proba(scored)
    place = np.minimum(np.searchsorted(model.classes_, truth), len(model.classes_) - 1)
    right = np.where(model.classes_[place] == truth, probabilities[np.arange(len(truth)), place], 0)
    return -float(np.log(np.maximum(right, LEAST_PROBABILITY)).sum())
