"""Matching of windows by their composition: for each wanted window one that is offered and like it.

Windows are put into cells of composition, fine ones first. In each cell windows are paired at random; those that are
left are put into wider cells, and so on.
"""

import numpy as np

from dnaseq.data.regions.traits import Traits

# Widths of the cells of each round: share of G and C, soft-masked share, share of N. GC content, which a network sees
# at once, is held longest.
ROUNDS = (
    *((0.01, 0.05, 0.02), (0.01, 0.1, 0.05), (0.01, 0.2, 0.1), (0.01, 0.4, 0.2)),
    *((0.02, 0.2, 0.1), (0.02, 0.4, 0.3), (0.03, 0.4, 0.3)),
    *((width, 1.0, 1.0) for width in (0.02, 0.03, 0.05)),
)
LAST_ROUNDS = ((0.08, 1.0, 1.0), (0.16, 1.0, 1.0), (np.inf, np.inf, np.inf))
_FULL = 1 - 1e-9
_CELLS = 1 << 20  # more than any share has, so that three numbers of cells are one


def match(
    wanted: Traits, offered: Traits, rng: np.random.Generator, rounds: tuple[tuple[float, ...], ...]
) -> np.ndarray:
    """(n,) int64: a row of `offered` for each wanted window, none twice; -1 where no round found one."""
    found = np.full(len(wanted.gc), -1, dtype=np.int64)
    is_free = np.ones(len(offered.gc), dtype=bool)
    for widths in rounds:
        due, free = np.flatnonzero(found < 0), np.flatnonzero(is_free)
        if not len(due) or not len(free):
            break
        of_due, of_free = _pair_equal(
            _cells(wanted.take(due), widths), _cells(offered.take(free), widths), rng
        )
        found[due[of_due]] = free[of_free]
        is_free[free[of_free]] = False
    return found


def _cells(traits: Traits, widths: tuple[float, ...]) -> np.ndarray:
    """(n,) int64: the number of the cell of each window. None and all of a window are cells of their own."""
    cells = np.zeros(len(traits.gc), dtype=np.int64)
    for share, width, has_ends in zip(traits, widths, (False, True, True), strict=True):
        if np.isinf(width):
            continue
        own = np.floor(share / width + 1e-6).astype(np.int64) + 1
        if has_ends and width < 1:
            own = np.where(share <= 0, 0, np.where(share >= _FULL, int(1 / width) + 2, own))
        cells = cells * _CELLS + own
    return cells


def _pair_equal(
    wanted: np.ndarray, offered: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Pair as many equal numbers as there are, at random: rows of `wanted`, and of `offered`."""
    _, number = np.unique(np.concatenate([wanted, offered]), return_inverse=True)
    kinds = int(number.max()) + 1
    orders, counts = [], []
    for own in (number[: len(wanted)], number[len(wanted) :]):
        mixed = rng.permutation(len(own))
        orders.append(mixed[np.argsort(own[mixed], kind="stable")])
        counts.append(np.bincount(own, minlength=kinds))
    both = np.minimum(*counts)
    rows = []
    for order, count in zip(orders, counts, strict=True):
        rank = np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count)
        rows.append(order[rank < np.repeat(both, count)])
    return rows[0], rows[1]
