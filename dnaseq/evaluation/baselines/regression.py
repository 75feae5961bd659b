"""What simple models reach where records carry numbers: linear ones, of rates on the scale of their logarithm."""

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
from dnaseq.evaluation.baselines.fitting import MOST_RECORDS, Examples, Features, stretches, taken
from dnaseq.evaluation.baselines.multilabel import sampled_rows
from dnaseq.evaluation.baselines.penalty import FEWEST, FOLDS, PATIENCE, PENALTIES, Fold

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
    answers = {"mean": np.tile(labels.mean(axis=0), (len(test.starts), 1))}
    rows = sampled_rows(len(labels), MOST_RECORDS, seed)
    train = taken(train._replace(labels=labels), rows)
    groups = None if groups is None else groups[rows]
    answers["gc_length"] = _answers(train, gc_and_length, test, lambda x, y: _of_gc(len(y), counts).fit(x, y))
    for name, features in kmer_sets(stranded).items():
        answers[f"{name}_ridge"] = _answers(
            train, features, test, lambda x, y: _of_kmers(x, y, counts, seed, groups)
        )
    return answers


def _answers(
    train: Examples, features: Features, test: Examples, fit: Callable[..., BaseEstimator]
) -> np.ndarray:
    """(n_test, T), by a model of each target; a target that is always the same stays that."""
    answer = np.tile(train.labels.mean(axis=0), (len(test.starts), 1))
    x = features(train)
    models = {t: fit(x, train.labels[:, t]) for t in np.flatnonzero(np.ptp(train.labels, axis=0) > 0)}
    for rows in stretches(test.lengths, fitting.BASES_AT_ONCE):
        some = features(taken(test, rows))
        for t, own in models.items():
            answer[rows, t] = own.predict(some)
    return answer


def _of_gc(n: int, counts: bool) -> BaseEstimator:
    model = PoissonRegressor(alpha=1 / n, max_iter=1000) if counts else RidgeCV(GC_PENALTIES)
    return make_pipeline(StandardScaler(), model)


def _of_kmers(
    x: csr_array, y: np.ndarray, counts: bool, seed: int, groups: np.ndarray | None
) -> BaseEstimator:
    """Fitted, with the penalty that is best in cross-validation."""
    rows = sampled_rows(len(y), MOST_TO_CHOOSE_BY, seed)
    few, truth = x[rows], y[rows]
    dealt = _folds(len(rows), seed, None if groups is None else groups[rows])
    best, least, worse = 1.0, np.inf, 0
    for penalty in PENALTIES if dealt else ():
        loss = 0.0
        for learnt, scored in dealt:
            own = _model(penalty, len(learnt), counts).fit(few[learnt], truth[learnt])
            loss += _loss(truth[scored], own.predict(few[scored]), counts) * len(scored)
        worse = 0 if loss < least else worse + 1
        best, least = min((least, best), (loss, penalty))[::-1]
        if worse == PATIENCE:
            break
    return _model(best, len(y), counts).fit(x, y)


def _folds(n: int, seed: int, groups: np.ndarray | None) -> list[Fold]:
    """Similar records in one fold; none where there are too few."""
    alone = groups is None or len(np.unique(groups)) == n
    if n < FEWEST or (not alone and len(np.unique(groups)) < FOLDS):
        return []
    kind = KFold if alone else GroupKFold
    dealt = kind(FOLDS, shuffle=True, random_state=seed).split(np.zeros(n), groups=None if alone else groups)
    return list(dealt)


def _model(penalty: float, n: int, counts: bool) -> BaseEstimator:
    """Of counts, with a penalty on the logarithm of the rate like the one that classifiers have on that of the odds."""
    return PoissonRegressor(alpha=penalty / n, max_iter=1000) if counts else Ridge(alpha=4 * penalty)


def _loss(truth: np.ndarray, predicted: np.ndarray, counts: bool) -> float:
    return mean_poisson_deviance(truth, predicted) if counts else mean_squared_error(truth, predicted)
