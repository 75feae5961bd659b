"""Means with their intervals, by the bootstrap over records."""

from typing import NamedTuple

import numpy as np
from scipy.stats import t

from dnaseq.evaluation.intervals.bootstrap import LEVEL, resampled_counts, unless_alone
from dnaseq.schemas import Estimate

RESAMPLES = 1000


class Means(NamedTuple):
    """m means, each with the ends of its 95 % interval; NaN where it is undefined."""

    value: np.ndarray  # (m,)
    low: np.ndarray  # (m,)
    high: np.ndarray  # (m,)

    def estimate(self, column: int) -> Estimate:
        """Return one mean with its interval, None for what is undefined."""
        value, low, high = (float(end[column]) if np.isfinite(end[column]) else None for end in self)
        return Estimate(value, low, high)


def mean_intervals(values: np.ndarray, groups: np.ndarray, rng: np.random.Generator) -> Means:
    """(n, m) values of n records, NaN where a record has none, (n,) group of each record -> m means over records.

    Whole groups are drawn (records of one group are not independent). The interval is the bootstrap standard error
    times the quantile of Student's t with the groups behind the mean less one as degrees of freedom; without two
    groups there is none.
    """
    n, m = values.shape
    if not n or not m:
        return Means(*np.full((3, m), np.nan))
    known = np.isfinite(values)
    filled, weights = np.where(known, values, 0.0), known.astype(np.float64)
    replicates = []
    for counts in resampled_counts(n, RESAMPLES, rng, unless_alone(groups)):
        with np.errstate(invalid="ignore", divide="ignore"):
            replicates.append((counts @ filled) / (counts @ weights))  # (some resamples, m)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = filled.sum(axis=0) / weights.sum(axis=0)
    drawn = np.concatenate(replicates)
    spread = np.full(m, np.nan)
    for column in range(m):
        units = len(np.unique(groups[known[:, column]]))
        if units > 1:
            error = np.nanstd(drawn[:, column], ddof=1) * np.sqrt(units / (units - 1))
            spread[column] = error * t.ppf(LEVEL, units - 1)
    return Means(mean, mean - spread, mean + spread)
