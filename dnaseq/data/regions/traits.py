"""Composition of windows of a genome, measured a stretch at a time."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np

AT_ONCE = 1 << 20  # bases that are read together
_APART = 1 << 12  # bases between two windows that are skipped and not read


class Bases(Protocol):
    """The bases of a genome; positions are 0-based and half-open."""

    def codes(self, name: str, start: int, end: int) -> np.ndarray: ...

    def masked(self, name: str, start: int, end: int) -> np.ndarray: ...


class Traits(NamedTuple):
    """Composition of n windows, shares from 0 to 1."""

    gc: np.ndarray  # (n,) G and C among A, C, G and T; 0 without any
    masked: np.ndarray  # (n,) letters in lower case
    unknown: np.ndarray  # (n,) letters that are not one base

    def take(self, rows: np.ndarray) -> "Traits":
        return Traits(*(column[rows] for column in self))


class Stretch(NamedTuple):
    """Neighbouring windows, rows [first, last), and the bases [start, end) that hold them."""

    first: int
    last: int
    start: int
    end: int


def stretches(starts: np.ndarray, ends: np.ndarray) -> Iterator[Stretch]:
    """Divide windows in ascending order of their starts into stretches that are read together."""
    if not len(starts):
        return
    reach = np.maximum.accumulate(ends)
    is_far = starts[1:] > reach[:-1] + _APART
    is_next = np.diff(starts // AT_ONCE) > 0
    firsts = np.flatnonzero(np.concatenate([[True], is_far | is_next]))
    most = np.maximum.reduceat(ends, firsts)
    lasts = np.append(firsts[1:], len(starts))
    yield from map(Stretch, firsts.tolist(), lasts.tolist(), starts[firsts].tolist(), most.tolist())


def measure_traits(genome: Bases, name: str, starts: np.ndarray, ends: np.ndarray) -> Traits:
    """Measure windows of one contig, in ascending order of their starts."""
    traits = Traits(*np.zeros((3, len(starts))))
    for first, last, start, end in stretches(starts, ends):
        codes = genome.codes(name, start, end)
        begin, stop = starts[first:last] - start, ends[first:last] - start
        counts = {}
        for what, letters in (
            ("bases", codes < 4),
            ("gc", (codes == 1) | (codes == 2)),
            ("masked", genome.masked(name, start, end)),
        ):
            total = np.zeros(len(codes) + 1, dtype=np.int32)
            np.cumsum(letters, out=total[1:])
            counts[what] = total[stop] - total[begin]
        length = stop - begin
        traits.gc[first:last] = counts["gc"] / np.maximum(counts["bases"], 1)
        traits.masked[first:last] = counts["masked"] / np.maximum(length, 1)
        traits.unknown[first:last] = 1 - counts["bases"] / np.maximum(length, 1)
    return traits
