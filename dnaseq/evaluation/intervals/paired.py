"""Two models on the same records: the difference of a score, its 95 % interval, and the p-value of no difference.

The tests were chosen by their size, the share of rejections where there is no difference
(benchmarks/coverage.py).
"""

from typing import NamedTuple

import numpy as np
from scipy.stats import binom, norm, t, wilcoxon

from dnaseq.evaluation.intervals.bootstrap import LEVEL, Evidence, degrees_of_freedom, standard_error
from dnaseq.evaluation.intervals.delong import contrast

ROUNDING = 1e-12  # differences and errors below this are 0


class Difference(NamedTuple):
    """First minus second. All None where the score is undefined; all but `value` where there are fewer than two records
    or groups, which have no spread."""

    value: float | None
    low: float | None
    high: float | None
    p: float | None  # two-sided


def bootstrap_difference(name: str, value: float, replicates: np.ndarray, basis: Evidence) -> Difference:
    """Paired bootstrap: the difference of the score `name` and (resamples,) its values in resamples, NaN if undefined.

    Both models are scored on the same resamples, so that what makes a resample hard for both cancels out. The
    difference over its bootstrap standard error is referred to Student's t, with the records outside the
    commonest class less one as degrees of freedom (all records less one for means over records).
    """
    known = replicates[~np.isnan(replicates)]
    if np.isnan(value) or len(known) < 2:
        return Difference(None, None, None, None)
    error, df = standard_error(known, basis), degrees_of_freedom(name, basis)
    if error < ROUNDING:
        return _difference(value, 0.0, float(abs(value) < ROUNDING), basis)
    p = 2 * t.sf(abs(value) / error, df)
    return _difference(value, t.ppf(LEVEL, df) * error, p, basis)


def delong_difference(
    weights: np.ndarray, areas: np.ndarray, covariance: np.ndarray, basis: Evidence
) -> Difference:
    """DeLong's test of a weighted sum of areas under ROC curves (see delong.contrast)."""
    value, error, p = contrast(weights, areas, covariance)
    return _difference(value, norm.ppf(LEVEL) * error, p, basis)


def signed_ranks_p(differences: np.ndarray) -> float | None:
    """(n,) differences, NaN where one is unknown -> two-sided p-value of no difference by Wilcoxon's signed ranks; None
    of fewer than two."""
    known = differences[np.isfinite(differences)]
    if len(known) < 2:
        return None
    return float(wilcoxon(known).pvalue) if known.any() else 1.0


def mcnemar_mid_p(first_right: np.ndarray, second_right: np.ndarray) -> float | None:
    """(n,) bool each, True where the model was right -> two-sided mid-p value of equal accuracy; None of one record.

    McNemar's exact test with half the probability of the observed count (Fagerland, Lydersen and Laake 2013): the
    exact test rejects a true null in 3 of 100 cases where 5 are allowed.
    """
    first_right, second_right = np.asarray(first_right, dtype=bool), np.asarray(second_right, dtype=bool)
    if len(first_right) < 2:
        return None
    first, second = int((first_right & ~second_right).sum()), int((second_right & ~first_right).sum())
    fewer, n = min(first, second), first + second
    if not n:
        return 1.0
    observed = binom.pmf(fewer, n, 0.5)
    return float(1 - observed / 2 if first == second else 2 * binom.cdf(fewer, n, 0.5) - observed)


def holm(p_values: list[float | None]) -> list[float | None]:
    """Adjusted p-values of a family of tests (Holm 1979), in the order given; None stays None and is not counted."""
    known = np.array([i for i, p in enumerate(p_values) if p is not None], dtype=int)
    p = np.array([p_values[i] for i in known])
    order = np.argsort(p)
    adjusted = np.minimum(1, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    result: list[float | None] = [None] * len(p_values)
    for i, value in zip(known[order], adjusted, strict=True):
        result[i] = float(value)
    return result


def _difference(value: float, spread: float, p: float, basis: Evidence) -> Difference:
    if basis.units < 2:
        return Difference(float(value), None, None, None)
    # no p below that of a sign test in which every record or group speaks for the same model
    p = max(p, 2.0 ** (1 - basis.units))
    return Difference(float(value), float(value - spread), float(value + spread), min(1.0, float(p)))
