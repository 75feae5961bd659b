"""Resampled records, as the number of times each record was drawn (Efron and Tibshirani 1993, chapter 13)."""

from collections.abc import Iterator

import numpy as np

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
