"""The windows of a genome on both strands, and their scores."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dnaseq.data.regions.intervals import Intervals
from dnaseq.encode.alphabet import BASES, COMPLEMENT, N
from dnaseq.io.genome.genome import Genome
from dnaseq.io.results.parts import Part, Parts

FORWARD, REVERSE, EITHER = "+", "-", "."
_C, _G = BASES.index("C"), BASES.index("G")
WINDOWS_AT_ONCE = 4096  # windows that are scored in one go

# (n, L) codes -> (n,) logits and (n,) probabilities of a class
Score = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
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
    parts: Parts | None = None,
    advance: Advance = int,
) -> Iterator[Scanned]:
    """Yield the scores of all windows of every contig and strand, in the order of `places`, stretches by contig. Scores
    that a stopped run has kept in `parts` are taken from there, and new ones are kept."""
    for shard, (contig, intervals) in enumerate(places.items()):
        starts = windows.starts(intervals)
        found: dict[str, list[tuple[np.ndarray, ...]]] = {strand: [] for strand in strands}
        for number, first in enumerate(range(0, len(starts), WINDOWS_AT_ONCE)):
            some, codes = windows.cut(genome, contig, starts[first : first + WINDOWS_AT_ONCE])
            if not len(some):
                continue
            kept = parts.get(shard, number) if parts else None
            scores = kept.content if kept else [score(turned(codes, strand)) for strand in strands]
            pairs = [tuple(np.asarray(one, dtype=np.float32) for one in pair) for pair in scores]
            if parts and not kept:
                parts.add(Part(shard, number, False, [[one.tolist() for one in pair] for pair in pairs]))
            gc = gc_share(codes).astype(np.float32)
            for strand, pair in zip(strands, pairs, strict=True):
                found[strand].append((some, *pair, gc))
                advance(len(some))
        for strand, pieces in found.items():
            if pieces:
                yield Scanned(contig, strand, *map(np.concatenate, zip(*pieces, strict=True)))


def turned(codes: np.ndarray, strand: str) -> np.ndarray:
    """(n, L) codes as they are read on a strand."""
    return np.ascontiguousarray(COMPLEMENT[codes][:, ::-1]) if strand == REVERSE else codes


def gc_share(codes: np.ndarray) -> np.ndarray:
    """(n, L) codes -> (n,) share of G and C."""
    return ((codes == _C) | (codes == _G)).mean(axis=1)
