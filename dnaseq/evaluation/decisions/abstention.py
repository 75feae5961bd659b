"""Abstention: no label where a mistake is likely (Chow 1970; El-Yaniv and Wiener 2010; Geifman and El-Yaniv 2017).

The confidence of a record is the probability of its label. Where a threshold t other than 0.5 decides between two
classes, the probabilities are first shifted so that t lies at 0.5, by dividing the odds by those of t (Elkan 2001):
with a threshold of 0.1 a probability of 0.12 is a hesitant yes, not a record to be left out before a hesitant no.
"""

import math

import numpy as np

from dnaseq.errors import ConfigError
from dnaseq.evaluation.decisions.thresholds import predict_classes


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


def abstention(truth: np.ndarray, probabilities: np.ndarray, threshold: float, rate: float) -> dict:
    """Find the lowest confidence from which on the error rate among the answered of n records is at most `rate`.

    {"at_most": rate, "reached", "confidence", "error_rate", "coverage", "n"}: the error rate among those answered
    and their share. The confidence lies between that of the last record answered and the first one that is not; it
    is 0 where all are answered. At least 1 / rate records must be answered, for fewer show no rate above 0.
    Where no confidence reaches the rate, "reached" is false, "confidence" is None and all are answered.
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
    return {
        "at_most": rate,
        "reached": bool(fits.size),
        "confidence": cut if fits.size else None,
        "error_rate": round(float(rates[answered - 1]), 6),
        "coverage": round(answered / n, 6),
        "n": n,
    }


def selective(
    truth: np.ndarray, probabilities: np.ndarray, threshold: float, confidence: float | None
) -> dict[str, float | int | None]:
    """{"coverage", "error_rate", "n_answered"} of n >= 1 records: share that is answered, error rate among them.

    (n,) classes, (n, C) probabilities; `confidence` as in abstention(), None answers all. The error rate of no
    answer is None.
    """
    answered = label_confidence(probabilities, threshold) >= (confidence or 0)
    wrong = (predict_classes(probabilities, threshold) != truth)[answered]
    return {
        "coverage": float(answered.mean()),
        "error_rate": float(wrong.mean()) if wrong.size else None,
        "n_answered": int(answered.sum()),
    }
