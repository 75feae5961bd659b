"""Thresholds on the probability of the last of two classes: rules, and their fit on validation records.

Each rule has choose((n,) classes 0 or 1, (n,) probabilities of class 1) -> the threshold and a description of it.
All thresholds between two neighbouring probabilities decide alike on the records, so a rule
chooses among these intervals and takes the middle of one: of the best ones that touch each other, joined; of
several such, the widest, and of equally wide ones the lowest.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from msgspec import UNSET, Struct, UnsetType

from dnaseq.errors import ConfigError


class Decision(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rule that chose a threshold, its settings, the number of records and the value that it reached on them."""

    rule: Literal["fixed", "max_mcc", "sensitivity", "cost"]
    at_least: float | UnsetType = UNSET
    false_positive: float | UnsetType = UNSET
    false_negative: float | UnsetType = UNSET
    n: int | UnsetType = UNSET
    reached: float | UnsetType = UNSET


def predict_classes(probabilities: np.ndarray, threshold: float = 0.5) -> np.ndarray:
    """(n, C) probabilities -> (n,) class.

    Of two classes, class 1 where its probability reaches the threshold; of more, the likeliest. A row of NaN is
    class 0.
    """
    if probabilities.shape[1] == 2:
        return (probabilities[:, 1] >= threshold).astype(np.int64)
    return probabilities.argmax(axis=1)


TIE = 1e-12  # values this close are equal


class Intervals(NamedTuple):
    """Every way to cut m records in two, in ascending order of the threshold."""

    low: np.ndarray  # (m + 1,) the threshold is above this, or equal to it in the first
    high: np.ndarray  # (m + 1,) and at most this
    true: np.ndarray  # (m + 1,) records of class 1 from the threshold on
    false: np.ndarray  # (m + 1,) records of class 0 from the threshold on

    @property
    def positives(self) -> int:
        return int(self.true[0])

    @property
    def negatives(self) -> int:
        return int(self.false[0])


@dataclass(frozen=True)
class Fixed:
    """A threshold that is given."""

    value: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.value <= 1:
            raise ConfigError(f"threshold.value must be from 0 to 1; got {self.value}")

    def choose(self, truth: np.ndarray, probability: np.ndarray) -> tuple[float, Decision]:
        return float(self.value), Decision(rule="fixed")


@dataclass(frozen=True)
class MaxMcc:
    """The greatest Matthews correlation coefficient."""

    def choose(self, truth: np.ndarray, probability: np.ndarray) -> tuple[float, Decision]:
        """Choose the threshold. Raises ValueError unless both classes are there."""
        cuts = intervals(truth, probability)
        mcc = _mcc(cuts)
        decision = Decision(rule="max_mcc", n=len(truth), reached=_rounded(mcc.max()))
        return middle_of_best(cuts, mcc), decision


@dataclass(frozen=True)
class Sensitivity:
    """The highest threshold from which on at least this share of class 1 is found."""

    at_least: float = 0.9

    def __post_init__(self) -> None:
        if not 0 < self.at_least <= 1:
            raise ConfigError(f"threshold.at_least must be above 0 and at most 1; got {self.at_least}")

    def choose(self, truth: np.ndarray, probability: np.ndarray) -> tuple[float, Decision]:
        """Choose the threshold. Raises ValueError unless both classes are there."""
        cuts = intervals(truth, probability)
        found = cuts.true / cuts.positives
        last = np.flatnonzero(found >= self.at_least - TIE)[-1]
        reached = _rounded(found[last])
        decision = Decision(rule="sensitivity", at_least=self.at_least, n=len(truth), reached=reached)
        return _middle(cuts, last, last), decision


@dataclass(frozen=True)
class Cost:
    """The least mean cost, given what each kind of mistake costs (Elkan 2001, IJCAI)."""

    false_positive: float = 1.0
    false_negative: float = 1.0

    def __post_init__(self) -> None:
        for name in ("false_positive", "false_negative"):
            if not 0 < getattr(self, name) < float("inf"):
                raise ConfigError(f"threshold.{name} must be a number above 0; got {getattr(self, name)}")

    def choose(self, truth: np.ndarray, probability: np.ndarray) -> tuple[float, Decision]:
        """Choose the threshold. Raises ValueError unless both classes are there."""
        cuts = intervals(truth, probability)
        missed = cuts.positives - cuts.true
        costs = (self.false_positive * cuts.false + self.false_negative * missed) / len(truth)
        decision = Decision(
            rule="cost",
            false_positive=self.false_positive,
            false_negative=self.false_negative,
            n=len(truth),
            reached=_rounded(costs.min()),
        )
        return middle_of_best(cuts, -costs), decision


ThresholdRule = Fixed | MaxMcc | Sensitivity | Cost


def intervals(truth: np.ndarray, probability: np.ndarray) -> Intervals:
    """The intervals of thresholds between the probabilities of n records, from "all are class 1" to "none is".

    Raises ValueError unless both classes are there.
    """
    if len(np.unique(truth)) != 2:
        raise ValueError("a threshold is chosen on records of both classes")
    scores, where = np.unique(probability, return_inverse=True)
    positive = np.bincount(where, truth == 1, len(scores))
    negative = np.bincount(where, truth == 0, len(scores))
    true, false = (np.append(np.cumsum(counts[::-1])[::-1], 0) for counts in (positive, negative))
    low, high = np.insert(scores, 0, 0), np.append(scores, 1)
    there = np.append(np.ones(len(scores), dtype=bool), scores[-1] < 1)  # nothing is above a probability of 1
    return Intervals(low[there], high[there], true[there], false[there])


def middle_of_best(cuts: Intervals, value: np.ndarray) -> float:
    """The middle of the intervals of greatest value, as the module says."""
    best = value >= value.max() - TIE * max(abs(value.max()), 1)
    edges = np.flatnonzero(np.diff(best, prepend=False, append=False))
    first, last = edges[0::2], edges[1::2] - 1  # of each stretch of best intervals
    widths = (cuts.high[last] - cuts.low[first]).round(9)
    widest = int(widths.argmax())
    return _middle(cuts, first[widest], last[widest])


def _middle(cuts: Intervals, first: int, last: int) -> float:
    return float((cuts.low[first] + cuts.high[last]) / 2)


def _mcc(cuts: Intervals) -> np.ndarray:
    """Matthews correlation of each cut; 0 where only one class is predicted, as everywhere else."""
    true, false = cuts.true, cuts.false
    missed, refused = cuts.positives - true, cuts.negatives - false
    spread = (true + false) * (missed + refused) * float(cuts.positives) * cuts.negatives
    product = true * refused - false * missed
    return np.divide(product, np.sqrt(spread), out=np.zeros(len(true)), where=spread > 0)


def _rounded(value: float) -> float:
    return round(float(value), 6)
