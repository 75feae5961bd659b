"""The windows of a genome on both strands, and their scores."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from dnaseq.data.regions.intervals import Intervals
from dnaseq.encode.alphabet import BASES, COMPLEMENT, N
from dnaseq.interpret.logit import Scores
from dnaseq.io.genome.genome import Genome

FORWARD, REVERSE, EITHER = "+", "-", "."
_C, _G = BASES.index("C"), BASES.index("G")
WINDOWS_AT_ONCE = 4096  # windows that are scored in one go

# pairs of anything and (n, L) codes -> the same and the (n,) scores of the codes, in order
Score = Callable[[Iterable[tuple[Any, np.ndarray]]], Iterator[tuple[Any, Scores]]]
Advance = Callable[[int], object]  # told of every window that is done


class Scanned(NamedTuple):
    """n windows of one contig on one strand, in ascending order of their starts."""

    contig: str
    strand: str  # +, - or . where the model reads both
    starts: np.ndarray  # (n,) int64, 0-based
    logits: np.ndarray  # (n,) float32
    probabilities: np.ndarray  # (n,) float32
    gc: np.ndarray  # (n,) float32 share of G and C


@dataclass(frozen=True)
class Windows:
    """The windows that are scanned: `size` bases that begin `stride` bases apart, the last one ends with its stretch.

    Left out are windows of which half or more is not one base; with ambiguous=False those that have any such letter;
    with masked=False those of which half or more is soft-masked.
    """

    size: int
    stride: int
    ambiguous: bool = True
    masked: bool = True

    def starts(self, intervals: Intervals) -> np.ndarray:
        """Return the starts of the windows in these stretches; a stretch that is shorter than a window has none."""
        found = [np.empty(0, np.int64)]
        for low, high in zip(intervals.starts.tolist(), intervals.ends.tolist(), strict=True):
            if high - low >= self.size:
                found += [np.arange(low, high - self.size, self.stride), np.array([high - self.size])]
        return np.concatenate(found)

    def cut(self, genome: Genome, contig: str, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(n,) starts -> (m,) those of windows that can be used, and (m, size) their codes."""
        codes = np.stack([genome.codes(contig, at, at + self.size) for at in starts.tolist()])
        bases = (codes < N).sum(axis=1)
        kept = 2 * bases > self.size if self.ambiguous else bases == self.size
        if not self.masked:
            masked = [int(genome.masked(contig, at, at + self.size).sum()) for at in starts.tolist()]
            kept &= 2 * np.array(masked) < self.size
        return starts[kept], codes[kept]


def scan(
    genome: Genome,
    places: dict[str, Intervals],
    windows: Windows,
    strands: tuple[str, ...],
    score: Score,
    advance: Advance = int,
) -> Iterator[Scanned]:
    """Yield the scores of all windows of every contig and strand, in the order of `places`, stretches by contig."""
    n = len(strands)
    blocks = score(_blocks(genome, places, windows, strands))
    for contig, own in groupby(blocks, lambda block: block[0][0]):
        pieces = []
        for (_, starts, gc), scores in own:
            by_strand = (half.astype(np.float32) for column in scores for half in np.split(column, n))
            pieces.append((starts, gc, *by_strand))
            advance(n * len(starts))
        starts, gc, *columns = map(np.concatenate, zip(*pieces, strict=True))
        for i, strand in enumerate(strands if len(starts) else ()):
            yield Scanned(contig, strand, starts, columns[i], columns[n + i], gc)


def _blocks(
    genome: Genome, places: dict[str, Intervals], windows: Windows, strands: tuple[str, ...]
) -> Iterator[tuple[tuple[str, np.ndarray, np.ndarray], np.ndarray]]:
    """Yield contig, starts and shares of G and C of windows that are scored in one go, and their codes on each
    strand."""
    for contig, intervals in places.items():
        starts = windows.starts(intervals)
        for first in range(0, len(starts), WINDOWS_AT_ONCE):
            some, codes = windows.cut(genome, contig, starts[first : first + WINDOWS_AT_ONCE])
            gc = gc_share(codes).astype(np.float32)
            yield (contig, some, gc), np.concatenate([turned(codes, strand) for strand in strands])


def turned(codes: np.ndarray, strand: str) -> np.ndarray:
    """(n, L) codes as they are read on a strand."""
    return np.ascontiguousarray(COMPLEMENT[codes][:, ::-1]) if strand == REVERSE else codes


def gc_share(codes: np.ndarray) -> np.ndarray:
    """(n, L) codes -> (n,) share of G and C."""
    return ((codes == _C) | (codes == _G)).mean(axis=1)
