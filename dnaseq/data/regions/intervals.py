"""Sets of intervals of one contig: sorted, 0-based, half-open, as pairs of (n,) int64 arrays."""

from typing import NamedTuple

import numpy as np


class Intervals(NamedTuple):
    """Intervals in ascending order, none of which shares a base with another or touches it."""

    starts: np.ndarray
    ends: np.ndarray

    def overlap(self, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """(m,) bool: the intervals [start, end) that share a base with one of these."""
        return np.searchsorted(self.starts, ends, side="left") > np.searchsorted(
            self.ends, starts, side="right"
        )

    def gaps(self, length: int) -> "Intervals":
        """Return what these leave of a contig of `length` bases."""
        starts = np.concatenate([[0], self.ends])
        ends = np.concatenate([self.starts, [length]])
        kept = starts < ends
        return Intervals(starts[kept], ends[kept])

    def within(self, start: int, end: int) -> "Intervals":
        """Return the parts of these that lie in [start, end)."""
        starts, ends = np.maximum(self.starts, start), np.minimum(self.ends, end)
        kept = starts < ends
        return Intervals(starts[kept], ends[kept])


NONE = Intervals(np.empty(0, np.int64), np.empty(0, np.int64))


def join_intervals(starts: np.ndarray, ends: np.ndarray, distance: int = 0) -> Intervals:
    """Join intervals in any order that overlap or touch, each with `distance` bases more on both sides; intervals
    without bases count only with some distance."""
    order = np.argsort(starts, kind="stable")
    starts, ends = np.maximum(starts[order] - distance, 0), ends[order] + distance
    filled = starts < ends
    starts, ends = starts[filled], ends[filled]
    if not len(starts):
        return NONE
    reach = np.maximum.accumulate(ends)
    first = np.flatnonzero(np.concatenate([[True], starts[1:] > reach[:-1]]))
    return Intervals(starts[first], reach[np.append(first[1:], len(starts)) - 1])


def add_places(
    places: dict[int, Intervals], contigs: np.ndarray, starts: np.ndarray, ends: np.ndarray, distance: int = 0
) -> None:
    """Add (n,) intervals on contigs, by number, to those of each contig, with `distance` bases more on both sides."""
    order = np.argsort(contigs, kind="stable")
    firsts = np.flatnonzero(np.diff(contigs[order], prepend=-1))
    for rows in np.split(order, firsts[1:]) if len(order) else ():
        known, number = places.get(int(contigs[rows[0]]), NONE), int(contigs[rows[0]])
        more = join_intervals(starts[rows], ends[rows], distance)
        starts_now, ends_now = (np.concatenate(columns) for columns in zip(known, more, strict=True))
        places[number] = join_intervals(starts_now, ends_now)


def number_clusters(starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """(n,) int64 from 0: intervals in ascending order of their starts have one number where a chain of intervals that
    share bases leads from one to the other."""
    if not len(starts):
        return np.empty(0, np.int64)
    reach = np.maximum.accumulate(ends)
    return np.cumsum(np.concatenate([[0], starts[1:] >= reach[:-1]])).astype(np.int64)
