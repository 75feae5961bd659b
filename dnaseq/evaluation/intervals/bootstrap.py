"""Intervals of scores by the bootstrap, and of shares (Wilson 1927)."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit
from scipy.stats import norm, t

NUMBERS_AT_ONCE = 100_000  # counts in one block, 0.8 MB: blocks that stay in the cache are quickest


def unless_alone(groups: np.ndarray) -> np.ndarray | None:
    """(n,) groups of records; None where every record is alone in its group, so that records can be drawn."""
    return groups if len(np.unique(groups)) < len(groups) else None


def resampled_counts(
    n: int, resamples: int, rng: np.random.Generator, groups: np.ndarray | None = None
) -> Iterator[np.ndarray]:
    """Yield blocks of resamples, each (some of the resamples, n): how often every record was drawn, as float64.

    Records are drawn with replacement from all of them, whatever their class: how many of a class were
    collected is chance as well, and an interval that takes it as known is too narrow (benchmarks/coverage.py).
    With `groups` (n,), whole groups are drawn, as records of one group are not independent.
    """
    unit = np.arange(n) if groups is None else np.unique(groups, return_inverse=True)[1]
    units = int(unit.max()) + 1
    block = max(1, NUMBERS_AT_ONCE // n)
    for start in range(0, resamples, block):
        rows = min(block, resamples - start)
        drawn = rng.integers(0, units, (rows, units)) + units * np.arange(rows)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=rows * units).reshape(rows, units)
        yield (counts if groups is None else counts[:, unit]).astype(np.float64)


MEANS_OVER_RECORDS = ("accuracy", "log_loss", "brier")
LEVEL = 0.975  # of one end of an interval
TOUCHES = 1e-9  # a score as near as this to its bound is at it


class Scale(NamedTuple):
    """A function of a score, its inverse and its slope, and the bounds of the score."""

    forward: np.ufunc
    back: np.ufunc
    slope: Callable[[float], float]  # of forward
    lowest: float
    highest: float


ODDS = Scale(logit, expit, lambda v: 1 / (v * (1 - v)), 0.0, 1.0)
FISHER = Scale(np.arctanh, np.tanh, lambda v: 1 / (1 - v**2), -1.0, 1.0)
LOGARITHM = Scale(np.log, np.exp, lambda v: 1 / v, 0.0, np.inf)
SCALES = {"mcc": FISHER, "log_loss": LOGARITHM, "brier": LOGARITHM}  # of all others: ODDS


class Evidence(NamedTuple):
    """The number of records behind a score, or of groups where whole groups were drawn."""

    units: int
    minority: int  # outside the commonest class; all of them if there is no other
    fewest: int  # of the rarest class, in truth or as predicted


def evidence(truth: np.ndarray, predicted: np.ndarray, groups: np.ndarray | None = None) -> Evidence:
    """Count the evidence from (n,) true and predicted classes, (n,) name or number of each record's group, if any."""
    unit = np.arange(len(truth)) if groups is None else np.unique(groups, return_inverse=True)[1]
    units = len(np.unique(unit))
    minority = len(np.unique(unit[truth != np.bincount(truth).argmax()]))
    fewest = min(
        len(np.unique(unit[labels == c])) for labels in (truth, predicted) for c in np.unique(labels)
    )
    return Evidence(units, minority or units, fewest)


def interval(
    name: str, value: float, replicates: np.ndarray, basis: Evidence
) -> tuple[float | None, float | None]:
    """95 % interval of the score `name` with this value, from its values in resamples, NaN where undefined.

    None where the value, or all but one of the resamples, is undefined, and where all rests on one record or group,
    of which every resample is the same. Chance shifts ece upwards, so its interval
    is that of percentiles, widened to hold the value. A score at its bound, such as the accuracy of a faultless
    prediction, is the same in every resample; how far the truth may lie from it is the exact limit of Clopper and
    Pearson (1934) for a share that held every time. Any other score that no resample changes has a width of 0.
    """
    known = replicates[~np.isnan(replicates)]
    if np.isnan(value) or len(known) < 2 or basis.units < 2:
        return None, None
    scale = SCALES.get(name, ODDS)
    low, high = np.percentile(known, [2.5, 97.5])
    if name != "ece" and min(value - scale.lowest, scale.highest - value) < TOUCHES:
        low, high = _at_bound(value, low, high, scale, basis.units if name == "accuracy" else basis.fewest)
    elif name != "ece":
        spread = t_quantile(name, basis) * standard_error(known, basis) * scale.slope(value)
        low, high = scale.back(scale.forward(value) + np.array([-spread, spread]))
    return float(min(low, value)), float(max(high, value))


def bounds(name: str) -> tuple[float, float]:
    """The lowest and the highest value that the score `name` can have."""
    scale = SCALES.get(name, ODDS)
    return scale.lowest, scale.highest


def standard_error(replicates: np.ndarray, basis: Evidence) -> float:
    """Standard error of a score or a difference of two, from resamples, corrected for drawing n of n by n / (n - 1)."""
    return float(np.std(replicates, ddof=1) * np.sqrt(basis.units / max(basis.units - 1, 1)))


def degrees_of_freedom(name: str, basis: Evidence) -> int:
    """Degrees of freedom of the standard error of a score: by the rarer class, or all records for means over them."""
    return max(1, (basis.units if name in MEANS_OVER_RECORDS else basis.minority) - 1)


def t_quantile(name: str, basis: Evidence) -> float:
    """Standard errors between an estimate and either end of its interval."""
    return float(t.ppf(LEVEL, degrees_of_freedom(name, basis)))


def _at_bound(value: float, low: float, high: float, scale: Scale, times: int) -> tuple[float, float]:
    """Interval of a score that is at its bound and rests on so many records: one-sided, nothing being beyond it."""
    if not np.isfinite(scale.highest):
        return low, high  # a loss of 0: the size of a later loss is not known
    far = (scale.highest - scale.lowest) * (1 - (1 - LEVEL) ** (1 / times))
    if value < (scale.lowest + scale.highest) / 2:
        return low, max(high, scale.lowest + far)
    return min(low, scale.highest - far), high


Z = norm.ppf(0.975)


def wilson(share: np.ndarray | float, n: np.ndarray | int) -> tuple[np.ndarray, np.ndarray]:
    """Shares of n records each -> low and high ends of their 95 % intervals."""
    spread = Z * np.sqrt(share * (1 - share) / n + (Z / (2 * n)) ** 2)
    middle = share + Z**2 / (2 * n)
    return (middle - spread) / (1 + Z**2 / n), (middle + spread) / (1 + Z**2 / n)
