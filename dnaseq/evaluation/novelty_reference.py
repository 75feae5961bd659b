"""The description of training records that novelty is judged against."""

import math

import numpy as np
from sklearn.covariance import LedoitWolf

from dnaseq.errors import ConfigError
from dnaseq.evaluation.novelty import N_FEATURES, Novelty

FEWEST = 20  # training records, and validation records
MOST_RECORDS = 50_000  # of either part; a thousand and a half for each number of the covariance
# Least standard deviations: of a share of 3-mers, and of log length, so that where all records have 200 bases one
# of 199 is like them and one of 400 is 7 deviations away.
LEAST_SHARE_SD, LEAST_LENGTH_SD = 1e-3, 0.1
LEAST_VARIANCE = (
    1e-4  # in any direction, of features divided by their deviations; shares sum to 1, so one has none
)
DIGITS = 7  # significant, of each number


def check_novelty(rate: float | None) -> None:
    """Raise ConfigError for what is neither None nor a rate."""
    if rate is not None and (type(rate) not in (int, float) or not 0 < rate < 1):
        raise ConfigError(f"novelty must be a rate above 0 and below 1, or null; got {rate!r}")


def novelty_reference(train: np.ndarray, val: np.ndarray, rate: float) -> dict | None:
    """The description, from the (n, 33) features of training and validation records; None of too few.

    Mean and covariance are of training records, the latter shrunk (Ledoit and Wolf 2004) after each feature is
    divided by its standard deviation. The cut-off is the distance that a share `rate` of validation records lies
    beyond, for the distances of training records are too short. With fewer than 1 / rate validation records, which
    have no such quantile, it is their greatest distance, or the quantile of training records if that is greater.
    """
    if min(len(train), len(val)) < FEWEST:
        return None
    least = np.append(np.full(N_FEATURES - 1, LEAST_SHARE_SD), LEAST_LENGTH_SD)
    mean, scale = train.mean(axis=0), np.maximum(train.std(axis=0), least)
    covariance = LedoitWolf(assume_centered=True).fit((train - mean) / scale).covariance_
    covariance += np.diag(1 - (train.std(axis=0) / scale) ** 2 + LEAST_VARIANCE)
    whitening = np.linalg.inv(np.linalg.cholesky(covariance)) / scale
    described = {
        "rate": rate,
        "cut_off": np.inf,
        "n": len(val),
        "n_train": len(train),
        "mean": _written(mean),
        "whitening": [_written(row[: i + 1]) for i, row in enumerate(whitening)],
    }
    judge = Novelty(described)
    cut_off = np.quantile(judge.distances(val), 1 - rate, method="higher")
    if len(val) < 1 / rate:
        cut_off = max(cut_off, np.quantile(judge.distances(train), 1 - rate, method="higher"))
    return described | {
        "cut_off": math.ceil(cut_off * 1e4) / 1e4
    }  # rounded up: the record it is of is not beyond


def _written(values: np.ndarray) -> list[float]:
    return [float(f"{value:.{DIGITS}g}") for value in values]
