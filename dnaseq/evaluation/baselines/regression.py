"""Baselines of predicted numbers: linear models, of counts on the scale of their logarithm."""

from collections.abc import Callable

import numpy as np
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator
from sklearn.linear_model import PoissonRegressor, Ridge, RidgeCV
from sklearn.metrics import mean_poisson_deviance, mean_squared_error
from sklearn.model_selection import GroupKFold, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dnaseq.evaluation.baselines import fitting
from dnaseq.evaluation.baselines.classification import MOST_TO_CHOOSE_BY, kmer_sets
from dnaseq.evaluation.baselines.features import gc_and_length
from dnaseq.evaluation.baselines.fitting import (
    MOST_RECORDS,
    Examples,
    Features,
    sample_rows,
    select_rows,
    stretches,
)
from dnaseq.evaluation.baselines.penalty import FEWEST, FOLDS, Fold, least_loss
from dnaseq.evaluation.intervals.bootstrap import unless_alone

GC_PENALTIES = np.logspace(0, 5, 11)  # of ridge regression on two numbers


def regression_baselines(
    train: Examples,
    test: Examples,
    seed: int,
    counts: bool = False,
    groups: np.ndarray | None = None,
    stranded: bool = False,
) -> dict[str, np.ndarray]:
    """Numbers (n_test, T) for the test records by each simple model.

    The labels of the examples are (n, T) numbers. "mean": of the training records. "gc_length": ridge regression on
    GC fraction and length. "kmer_ridge": the same on 1- to 6-mers, "kmer_canonical_ridge" with a k-mer and its
    reverse complement as one, left out of `stranded` data; the penalty of each target is chosen by cross-validation.
    `counts`: Poisson regression with a logarithmic link instead, whose rates are above 0. Above 20,000 training
    records a sample of as many is used, drawn with the seed. `groups`, (n,) of the training records: similar ones
    stay together in cross-validation.

    Raises ValueError if there is no training record, the labels are not (n, T), or counts are below 0.
    """
    labels = np.asarray(train.labels, dtype=np.float64)
    if labels.ndim != 2 or not all(labels.shape):
        raise ValueError(
            f"training records with numbers (n, T) are needed, got numbers of shape {labels.shape}"
        )
    if counts and (labels < 0).any():
        raise ValueError("counts must not be below 0")
    predictions = {"mean": np.tile(labels.mean(axis=0), (len(test.starts), 1))}
    rows = sample_rows(len(labels), MOST_RECORDS, seed)
    train = select_rows(train._replace(labels=labels), rows)
    groups = None if groups is None else groups[rows]
    predictions["gc_length"] = _predict(
        train, gc_and_length, test, lambda x, y: _gc_model(len(y), counts).fit(x, y)
    )
    for name, features in kmer_sets(stranded).items():
        predictions[f"{name}_ridge"] = _predict(
            train, features, test, lambda x, y: _fit_kmer_model(x, y, counts, seed, groups)
        )
    return predictions


def _predict(
    train: Examples, features: Features, test: Examples, fit: Callable[..., BaseEstimator]
) -> np.ndarray:
    """(n_test, T), by a model of each target; a target that is always the same stays that."""
    numbers = np.tile(train.labels.mean(axis=0), (len(test.starts), 1))
    x = features(train)
    models = {t: fit(x, train.labels[:, t]) for t in np.flatnonzero(np.ptp(train.labels, axis=0) > 0)}
    for rows in stretches(test.lengths, fitting.BASES_AT_ONCE):
        some = features(select_rows(test, rows))
        for t, own in models.items():
            numbers[rows, t] = own.predict(some)
    return numbers


def _gc_model(n: int, counts: bool) -> BaseEstimator:
    model = PoissonRegressor(alpha=1 / n, max_iter=1000) if counts else RidgeCV(GC_PENALTIES)
    return make_pipeline(StandardScaler(), model)


def _fit_kmer_model(
    x: csr_array, y: np.ndarray, counts: bool, seed: int, groups: np.ndarray | None
) -> BaseEstimator:
    """Fit the model with the penalty that is best in cross-validation."""
    rows = sample_rows(len(y), MOST_TO_CHOOSE_BY, seed)
    few, truth = x[rows], y[rows]
    splits = _folds(len(rows), seed, None if groups is None else groups[rows])

    def total_loss(penalty: float) -> float:
        return sum(
            _loss(truth[scored], own.predict(few[scored]), counts) * len(scored)
            for learnt, scored in splits
            for own in [_model(penalty, len(learnt), counts).fit(few[learnt], truth[learnt])]
        )

    penalty = least_loss(total_loss)[1] if splits else 1.0
    return _model(penalty, len(y), counts).fit(x, y)


def _folds(n: int, seed: int, groups: np.ndarray | None) -> list[Fold]:
    """Split n records, similar ones into one fold; empty where there are too few."""
    groups = None if groups is None else unless_alone(groups)
    if n < FEWEST or (groups is not None and len(np.unique(groups)) < FOLDS):
        return []
    kind = KFold if groups is None else GroupKFold
    return list(kind(FOLDS, shuffle=True, random_state=seed).split(np.zeros(n), groups=groups))


def _model(penalty: float, n: int, counts: bool) -> BaseEstimator:
    """Return the model; of counts its penalty is on the logarithm of the rate, as that of classifiers on the odds."""
    return PoissonRegressor(alpha=penalty / n, max_iter=1000) if counts else Ridge(alpha=4 * penalty)


def _loss(truth: np.ndarray, predicted: np.ndarray, counts: bool) -> float:
    return mean_poisson_deviance(truth, predicted) if counts else mean_squared_error(truth, predicted)
