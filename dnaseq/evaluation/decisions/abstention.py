"""Abstention: no label where a mistake is likely (Chow 1970; El-Yaniv and Wiener 2010; Geifman and El-Yaniv 2017).

The confidence of a record is the probability of its label. Where a threshold t other than 0.5 decides between two
classes, the probabilities are first shifted so that t lies at 0.5, by dividing the odds by those of t (Elkan 2001):
with a threshold of 0.1 a probability of 0.12 is a hesitant yes, not a record to be left out before a hesitant no.
"""

import math

import numpy as np
from msgspec import Struct

from dnaseq.errors import ConfigError
from dnaseq.evaluation.decisions.thresholds import predict_classes
from dnaseq.schemas import Count, Share


class Abstention(Struct, frozen=True, forbid_unknown_fields=True):
    """A rule: no label below a confidence, for an error rate of at most `at_most` among the n records it was chosen
    on. `error_rate` and `coverage` are those of the answered ones. A rate that no confidence reaches has none."""

    at_most: Share
    reached: bool
    confidence: Share | None
    error_rate: Share
    coverage: Share
    n: Count

    def __post_init__(self) -> None:
        if self.reached != (self.confidence is not None):
            raise ValueError("confidence must be null where the rate is not reached, and only there")


class Selective(Struct, frozen=True):
    """Abstention on a test set: the share that is answered, and the error rate among them, None without answers."""

    coverage: Share
    error_rate: Share | None
    n_answered: int


def check_rate(rate: float | None) -> None:
    """Raise ConfigError for what is neither None nor an error rate."""
    if rate is not None and (type(rate) not in (int, float) or not 0 < rate < 1):
        raise ConfigError(f"abstain must be an error rate above 0 and below 1, or null; got {rate!r}")


def label_confidence(probabilities: np.ndarray, threshold: float = 0.5) -> np.ndarray:
    """(n, C) probabilities, not NaN -> (n,) confidence in the label, 0.5 (of more classes 1 / C) to 1."""
    if probabilities.shape[1] > 2 or threshold == 0.5:
        return probabilities.max(axis=1)
    if not 0 < threshold < 1:
        return np.ones(len(probabilities))  # the label does not depend on the record
    yes, no = probabilities[:, 1] * (1 - threshold), probabilities[:, 0] * threshold
    return np.maximum(yes, no) / (yes + no)


def abstention(truth: np.ndarray, probabilities: np.ndarray, threshold: float, rate: float) -> Abstention:
    """Find the lowest confidence from which on the error rate among the answered of n records is at most `rate`.

    The confidence lies between that of the last record answered and the first one that is not; it
    is 0 where all are answered. At least 1 / rate records must be answered, for fewer show no rate above 0.
    Where no confidence reaches the rate, all are answered.
    """
    confidence = label_confidence(probabilities, threshold)
    order = np.argsort(-confidence, kind="stable")
    falling, wrong = confidence[order], (predict_classes(probabilities, threshold) != truth)[order]
    n = len(truth)
    last_of_tie = np.append(falling[1:] < falling[:-1], True)
    rates = np.cumsum(wrong) / np.arange(1, n + 1)
    enough = np.arange(1, n + 1) >= math.ceil(1 / rate)
    fits = np.flatnonzero(last_of_tie & enough & (rates <= rate))
    answered = int(fits[-1]) + 1 if fits.size else n
    cut = float(falling[answered - 1 : answered + 1].mean()) if answered < n else 0.0
    reached, error_rate = bool(fits.size), round(float(rates[answered - 1]), 6)
    return Abstention(rate, reached, cut if reached else None, error_rate, round(answered / n, 6), n)


def selective(
    truth: np.ndarray, probabilities: np.ndarray, threshold: float, confidence: float | None
) -> Selective:
    """Score abstention on n >= 1 records: (n,) classes, (n, C) probabilities; without `confidence` all are answered."""
    answered = label_confidence(probabilities, threshold) >= (confidence or 0)
    wrong = (predict_classes(probabilities, threshold) != truth)[answered]
    error_rate = float(wrong.mean()) if wrong.size else None
    return Selective(float(answered.mean()), error_rate, int(answered.sum()))
