"""What simple models reach where records carry numbers: linear ones, of rates on the scale of their logarithm."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.linear_model import PoissonRegressor, RidgeCV
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dnaseq.evaluation.baselines import KMER_C, short_kmers
from dnaseq.evaluation.features import gc_and_length
from dnaseq.evaluation.fitting import MOST_RECORDS, RECORDS_AT_ONCE, Examples, Features, taken
from dnaseq.evaluation.multilabel_baselines import sampled

PENALTIES = np.logspace(0, 5, 11)  # of ridge regression; which one, the training records say


def regression_baselines(
    train: Examples, test: Examples, seed: int, counts: bool = False
) -> dict[str, np.ndarray]:
    """Numbers (n_test, T) for the test records by each simple model.

    The labels of the examples are (n, T) numbers. "mean": of the training records. "gc_length": ridge regression on
    GC fraction and length. "kmer_ridge": the same on the frequencies of all 1- to 5-mers; the penalty is the
    one with the least squared error of training records each left out (RidgeCV). `counts`: Poisson regression
    with a logarithmic link instead, whose rates are above 0. Above 20,000 training records a sample of as many is
    used, drawn with the seed.

    Raises ValueError if there is no training record, the labels are not (n, T), or counts are below 0.
    """
    labels = np.asarray(train.labels, dtype=np.float64)
    if labels.ndim != 2 or not all(labels.shape):
        raise ValueError(
            f"training records with numbers (n, T) are needed, got numbers of shape {labels.shape}"
        )
    if counts and (labels < 0).any():
        raise ValueError("counts must not be below 0")
    mean = np.tile(labels.mean(axis=0), (len(test.sequences), 1))
    train = sampled(train._replace(labels=labels), MOST_RECORDS, seed)
    of_gc, of_kmers = (_regression(len(train.labels), counts, strength) for strength in (1.0, 1 / KMER_C))
    return {
        "mean": mean,
        "gc_length": _answers(of_gc, lambda e: gc_and_length(e.sequences), train, test),
        "kmer_ridge": _answers(of_kmers, short_kmers, train, test),
    }


def _answers(model: BaseEstimator, features: Features, train: Examples, test: Examples) -> np.ndarray:
    """(n_test, T), of the model fitted on features(train); a target that is always the same stays that."""
    answer = np.tile(train.labels.mean(axis=0), (len(test.sequences), 1))
    varied = np.flatnonzero(np.ptp(train.labels, axis=0) > 0)
    if not varied.size:
        return answer
    model = make_pipeline(StandardScaler(), model).fit(features(train), train.labels[:, varied])
    for start in range(0, len(answer), RECORDS_AT_ONCE):
        rows = np.arange(start, min(start + RECORDS_AT_ONCE, len(answer)))
        some = model.predict(features(taken(test, rows)))
        answer[np.ix_(rows, varied)] = some.reshape(len(rows), -1)
    return answer


def _regression(n: int, counts: bool, strength: float) -> BaseEstimator:
    """Of counts, with a penalty on the logarithm of the rate like the one that classifiers have on that of the odds."""
    if not counts:
        return RidgeCV(PENALTIES, alpha_per_target=True, gcv_mode="svd")  # twice as quick as "eigen"
    return MultiOutputRegressor(PoissonRegressor(alpha=strength / n, max_iter=1000))  # of the mean deviance
