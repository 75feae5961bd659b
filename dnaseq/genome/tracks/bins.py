"""The mean of the windows that cover a bin, while windows come in the order of their sequences."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from dnaseq.errors import ConfigError, InputError
from dnaseq.io.genome.genome import Genome
from dnaseq.io.tracks.track import Track


class Piece(NamedTuple):
    """Consecutive windows of one sequence: starts in ascending order, 0-based; NaN where there is no probability."""

    name: str
    starts: np.ndarray  # (n,) int64
    ends: np.ndarray  # (n,) int64
    values: np.ndarray  # (n,) float64


def check_stride(window: int, stride: int) -> None:
    """Raise ConfigError for windows that do not touch."""
    if stride > window:
        raise ConfigError(f"stride={stride} is more than window={window}, so a track would have holes")


def without_masked(piece: Piece, genome: Genome) -> Piece:
    """Take their probability from the windows of which half or more is soft-masked."""
    if not len(piece.starts):
        return piece
    low = int(piece.starts[0])
    before = np.concatenate([[0], np.cumsum(genome.masked(piece.name, low, int(piece.ends.max())))])
    masked = before[piece.ends - low] - before[piece.starts - low]
    skipped = 2 * masked >= piece.ends - piece.starts
    return piece._replace(values=np.where(skipped, np.nan, piece.values))


def mean_tracks(pieces: Iterable[Piece], step: int) -> Iterator[Track]:
    """Yield the track of every sequence, in bins of `step` bases: the mean of the windows that hold the whole bin.

    Raises InputError for two sequences of one name.
    """
    seen: set[str] = set()
    bins: _Bins | None = None
    for piece in pieces:
        if not len(piece.starts):
            continue
        if bins is None or piece.name != bins.name or piece.starts[0] == 0:
            if bins is not None:
                yield bins.track()
            if piece.name in seen:
                fix = "Give each its own; chrom_map= can also give them other names"
                raise InputError("two sequences of a track have this name", record=piece.name, fix=fix)
            seen.add(piece.name)
            bins = _Bins(piece.name, step)
        bins.add(piece)
    if bins is not None:
        yield bins.track()


class _Bins:
    """Sums and counts of the windows of a sequence, bin by bin."""

    def __init__(self, name: str, step: int):
        self.name, self._step, self._length = name, step, 0
        self._done: list[np.ndarray] = []
        self._first = 0  # of the bins that more windows may cover
        self._sums, self._counts = np.empty(0), np.empty(0)
        self._last = np.nan  # value of the last window, which ends with the sequence

    def add(self, piece: Piece) -> None:
        """Add windows; those before them are of the same sequence and begin earlier."""
        begin = -(-piece.starts // self._step) - self._first
        end = piece.ends // self._step - self._first
        size = max(int(end.max()), 0)
        known = np.isfinite(piece.values)
        self._sums = np.concatenate([self._sums, np.zeros(max(size - len(self._sums), 0))])
        self._counts = np.concatenate([self._counts, np.zeros(max(size - len(self._counts), 0))])
        for more in range(int((end - begin).max())):
            chosen = known & (begin + more < end)
            places = (begin + more)[chosen]
            self._sums += np.bincount(places, piece.values[chosen], len(self._sums))
            self._counts += np.bincount(places, minlength=len(self._counts))
        self._length, self._last = int(piece.ends[-1]), float(piece.values[-1])
        # a bin that begins before the last window is complete
        done = max(-(-int(piece.starts[-1]) // self._step) - self._first, 0)
        self._done.append(_means(self._sums[:done], self._counts[:done]))
        self._sums, self._counts = self._sums[done:], self._counts[done:]
        self._first += done

    def track(self) -> Track:
        """Return the track of the whole sequence."""
        self._done.append(_means(self._sums, self._counts))
        if self._length % self._step:  # a shorter bin, which the last window alone holds
            self._done.append(np.array([self._last], dtype=np.float32))
        return Track(self.name, self._length, self._step, np.concatenate(self._done))


def _means(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan).astype(np.float32)
