"""Seqlets: stretches of records whose attributions, summed, are larger than chance makes them."""

from typing import NamedTuple

import numpy as np

from dnaseq.encode.alphabet import BASES

WINDOW = 8  # bases whose attributions are summed
RATE = 1e-3  # share of the windows that reach the threshold where attributions are in an order of chance
DRAWS = 200_000  # windows of shuffled records from which the threshold is found, where there are as many
MOST_SHUFFLES = 50  # of each record


class Stretches(NamedTuple):
    """Stretches of records, by record and place."""

    records: np.ndarray  # (m,) position of the record
    starts: np.ndarray  # (m,) first base, from 0
    ends: np.ndarray  # (m,) base after the last
    scores: np.ndarray  # (m,) sum of the attributions, of the sign that was asked for


def find_stretches(
    values: np.ndarray, codes: np.ndarray, rng: np.random.Generator, rate: float = RATE, window: int = WINDOW
) -> Stretches:
    """Join the windows of (n, L) attributions whose sum is above the null: the sums of windows in the same records
    after their values were shuffled, of which a share of `rate` is above.

    Positive values are sought; give -values for those that argue against. Letters that are not one base are left out
    of the shuffles, and no window holds one.
    """
    real = codes < len(BASES)
    values = np.where(real, values, 0).astype(np.float64)
    if not real.any() or values.shape[1] < window:
        return _no_stretches()
    whole = _sums(real, window) == window  # windows of single bases
    threshold = _threshold(values, real, whole, window, rate, rng)
    above = whole & (_sums(values, window) > max(threshold, 0.0))  # (n, L - window + 1)
    covered = np.zeros(values.shape, dtype=bool)
    for j in range(window):
        covered[:, j : j + above.shape[1]] |= above
    return _joined(covered, values)


def _sums(values: np.ndarray, window: int) -> np.ndarray:
    """(n, L) -> (n, L - window + 1) sums of windows."""
    totals = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1, dtype=np.float64)
    return totals[:, window:] - totals[:, :-window]


def _threshold(
    values: np.ndarray,
    real: np.ndarray,
    whole: np.ndarray,
    window: int,
    rate: float,
    rng: np.random.Generator,
) -> float:
    """Find the sum that a share of `rate` of the windows in shuffled records exceeds."""
    times = int(np.clip(np.ceil(DRAWS / max(whole.sum(), 1)), 1, MOST_SHUFFLES))
    sums = np.concatenate([_sums(_shuffled(values, real, rng), window)[whole] for _ in range(times)])
    return float(np.quantile(sums, 1 - rate)) if sums.size else np.inf


def _shuffled(values: np.ndarray, real: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Shuffle the values of each record among its bases."""
    order = np.argsort(
        np.where(real, rng.random(values.shape), 2), axis=1
    )  # bases first, in an order of chance
    drawn = np.take_along_axis(values, order, axis=1)
    places = np.argsort(~real, axis=1, kind="stable")  # bases first, in their own order
    result = np.zeros_like(values)
    np.put_along_axis(result, places, drawn, axis=1)
    return result


def _joined(covered: np.ndarray, values: np.ndarray) -> Stretches:
    """Find the runs of covered bases."""
    edges = np.diff(np.pad(covered, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    records, starts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    totals = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1)
    return Stretches(records, starts, ends, totals[records, ends] - totals[records, starts])


def _no_stretches() -> Stretches:
    none = np.zeros(0, dtype=np.int64)
    return Stretches(none, none, none, np.zeros(0))
