"""Novelty: the distance of a record from the training records, in 3-mer composition and length."""

import math
from typing import Annotated

import numpy as np
from msgspec import Meta, Struct
from msgspec.structs import replace

from dnaseq.encode.counting import kmer_table
from dnaseq.errors import ConfigError
from dnaseq.schemas import Count, Share

K = 3  # odd, so that no k-mer is its own reverse complement
N_PAIRS = 4**K // 2
N_FEATURES = N_PAIRS + 1
Weight = Annotated[float, Meta(ge=-1e12, le=1e12)]  # no sum of them overflows
_N_FEATURES = Meta(min_length=N_FEATURES, max_length=N_FEATURES)


class NoveltyReference(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A description of the training records: records whose distance is above the cut-off are novel, as a share `rate`
    of n validation records are."""

    rate: Share
    cut_off: Annotated[float, Meta(ge=0, le=1e12)]
    n: Count
    n_train: Count
    mean: Annotated[list[Weight], _N_FEATURES]
    whitening: Annotated[list[list[Weight]], _N_FEATURES]  # the lower triangle of the matrix

    def __post_init__(self) -> None:
        if any(len(row) != i for i, row in enumerate(self.whitening, 1)):
            raise ValueError(f"whitening must be a triangle of {N_FEATURES} rows")


def composition(
    codes: np.ndarray, starts: np.ndarray, lengths: np.ndarray, longest: int | None = None
) -> np.ndarray:
    """(n, 33) features of the stretches codes[start:start + length], which are in order and do not overlap.

    Codes are 0 to 3 for A, C, G, T; 3-mers with a higher one do not count. Shares are of those that count, all 0
    where none does. Lengths above `longest` count as that.
    """
    counts = kmer_table(codes, starts, lengths, K, canonical=True)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    capped = np.clip(lengths, 1, longest)
    return np.column_stack([shares, np.log(capped)])


class Novelty:
    """The distances of records from a description of the training records."""

    def __init__(self, reference: NoveltyReference):
        self.cut_off, self.mean = reference.cut_off, np.array(reference.mean)
        self.whitening = np.zeros((N_FEATURES, N_FEATURES))
        self.whitening[np.tril_indices(N_FEATURES)] = np.concatenate(reference.whitening)

    def distances(self, features: np.ndarray) -> np.ndarray:
        """(n, 33) features -> (n,) distances from the training records."""
        return np.linalg.norm((features - self.mean) @ self.whitening.T, axis=1)

    def is_novel(self, features: np.ndarray) -> np.ndarray:
        """(n, 33) features -> (n,) bool, True for records that lie beyond the cut-off."""
        return self.distances(features) > self.cut_off


FEWEST = 20  # training records, and validation records
MOST_RECORDS = 50_000  # of either split; a thousand and a half for each number of the covariance
# Least standard deviations: of a share of 3-mers, and of log length, so that where all records have 200 bases one
# of 199 is like them and one of 400 is 7 deviations away.
LEAST_SHARE_SD, LEAST_LENGTH_SD = 1e-3, 0.1
# In any direction, of features divided by their deviations; shares sum to 1, so one direction has no variance.
LEAST_VARIANCE = 1e-4
DIGITS = 7  # significant, of each number


def check_novelty(rate: float | None) -> None:
    """Raise ConfigError for what is neither None nor a rate."""
    if rate is not None and (type(rate) not in (int, float) or not 0 < rate < 1):
        raise ConfigError(f"novelty must be a rate above 0 and below 1, or null; got {rate!r}")


def novelty_reference(train: np.ndarray, val: np.ndarray, rate: float) -> NoveltyReference | None:
    """The description, from the (n, 33) features of training and validation records; None of too few.

    Mean and covariance are of training records, the latter shrunk (Ledoit and Wolf 2004) after each feature is
    divided by its standard deviation. The cut-off is the distance that a share `rate` of validation records lies
    beyond, for the distances of training records are too short. With fewer than 1 / rate validation records, which
    have no such quantile, it is their greatest distance, or the quantile of training records if that is greater.
    """
    if min(len(train), len(val)) < FEWEST:
        return None
    from sklearn.covariance import LedoitWolf  # here, because only fitting needs it

    least = np.append(np.full(N_FEATURES - 1, LEAST_SHARE_SD), LEAST_LENGTH_SD)
    mean, scale = train.mean(axis=0), np.maximum(train.std(axis=0), least)
    covariance = LedoitWolf(assume_centered=True).fit((train - mean) / scale).covariance_
    covariance += np.diag(1 - (train.std(axis=0) / scale) ** 2 + LEAST_VARIANCE)
    whitening = np.linalg.inv(np.linalg.cholesky(covariance)) / scale
    reference = NoveltyReference(
        rate=rate,
        cut_off=math.inf,
        n=len(val),
        n_train=len(train),
        mean=_round_to_digits(mean),
        whitening=[_round_to_digits(row[: i + 1]) for i, row in enumerate(whitening)],
    )
    novelty = Novelty(reference)
    cut_off = np.quantile(novelty.distances(val), 1 - rate, method="higher")
    if len(val) < 1 / rate:
        cut_off = max(cut_off, np.quantile(novelty.distances(train), 1 - rate, method="higher"))
    cut_off = math.ceil(cut_off * 1e4) / 1e4  # rounded up, so that the record at the cut-off is not beyond it
    return replace(reference, cut_off=cut_off)


def _round_to_digits(values: np.ndarray) -> list[float]:
    return [float(f"{value:.{DIGITS}g}") for value in values]
