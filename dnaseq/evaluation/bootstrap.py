"""Resampled records, as the number of times each record was drawn (Efron and Tibshirani 1993, chapter 13)."""

from collections.abc import Iterator

import numpy as np


def resampled_counts(
    truth: np.ndarray, resamples: int, rng: np.random.Generator, groups: np.ndarray | None = None
) -> Iterator[np.ndarray]:
    """Yield, for each resample, how often every record was drawn: int (n,).

    Stratified: each class is drawn with replacement from its own records, so every resample has its size.
    With `groups` (n,), whole groups are drawn, as records of one group are not independent; a group counts
    as its commonest class, so class sizes then vary where groups are mixed or uneven.
    """
    unit, stratum = _units(truth, groups)
    strata = [np.flatnonzero(stratum == c) for c in np.unique(stratum)]
    for _ in range(resamples):
        counts = np.zeros(len(stratum), dtype=np.int64)
        for members in strata:
            drawn = rng.integers(0, len(members), len(members))
            counts[members] = np.bincount(drawn, minlength=len(members))
        yield counts[unit]


def _units(truth: np.ndarray, groups: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """What is drawn: (n,) the unit of each record, (units,) the class of each unit."""
    if groups is None:
        return np.arange(len(truth)), truth
    names, unit = np.unique(groups, return_inverse=True)
    members = np.zeros((len(names), truth.max() + 1), dtype=np.int64)
    np.add.at(members, (unit, truth), 1)
    return unit, members.argmax(axis=1)
