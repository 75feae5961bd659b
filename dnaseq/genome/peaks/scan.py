"""The windows of a genome on both strands, and their scores."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, groupby
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

from dnaseq.data.regions.intervals import Intervals
from dnaseq.encode.alphabet import BASES, COMPLEMENT, N
from dnaseq.interpret.logit import Scores
from dnaseq.io.genome.genome import Genome
from dnaseq.io.results.parts import Part, Parts

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


class _Block(NamedTuple):
    """Windows of a contig that are scored in one go: number `number` of the contig `shard`, both counted from 0."""

    shard: int
    number: int
    contig: str
    starts: np.ndarray


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
    there = [parts.find(shard)[0] if parts else () for shard in range(len(places))]
    missing = (block for block in _blocks(places, windows) if block.number not in there[block.shard])
    coming = _score_blocks(missing, genome, windows, strands, score)
    for shard, blocks in groupby(_blocks(places, windows), attrgetter("shard")):
        found = []
        for block in blocks:
            kept = parts.get(shard, block.number) if parts else None
            columns = kept.content if kept else next(coming)
            if parts and not kept:
                parts.add(Part(shard, block.number, False, [column.tolist() for column in columns]))
            found.append(columns)
            advance(len(columns[0]) * len(strands))
        starts, gc, *scores = (np.concatenate(column) for column in zip(*found, strict=True))
        if len(starts):
            for i, strand in enumerate(strands):
                own = (column.astype(np.float32) for column in (scores[2 * i], scores[2 * i + 1], gc))
                yield Scanned(block.contig, strand, starts.astype(np.int64), *own)


def _blocks(places: dict[str, Intervals], windows: Windows) -> Iterator[_Block]:
    for shard, (contig, intervals) in enumerate(places.items()):
        starts = windows.starts(intervals)
        for number, first in enumerate(range(0, len(starts), WINDOWS_AT_ONCE)):
            yield _Block(shard, number, contig, starts[first : first + WINDOWS_AT_ONCE])


def _score_blocks(
    blocks: Iterable[_Block], genome: Genome, windows: Windows, strands: tuple[str, ...], score: Score
) -> Iterator[list[np.ndarray]]:
    """Yield the starts of the windows of each block that can be used, their shares of G and C, and their logits and
    probabilities on each strand."""

    def cut() -> Iterator[tuple[tuple[np.ndarray, np.ndarray], np.ndarray]]:
        for block in blocks:
            starts, codes = windows.cut(genome, block.contig, block.starts)
            every = np.concatenate([turned(codes, strand) for strand in strands])
            yield (starts, gc_share(codes).astype(np.float32)), every

    for (starts, gc), scores in score(cut()):
        pairs = zip(*(np.split(column.astype(np.float32), len(strands)) for column in scores), strict=True)
        yield [starts, gc, *chain.from_iterable(pairs)]


def turned(codes: np.ndarray, strand: str) -> np.ndarray:
    """(n, L) codes as they are read on a strand."""
    return np.ascontiguousarray(COMPLEMENT[codes][:, ::-1]) if strand == REVERSE else codes


def gc_share(codes: np.ndarray) -> np.ndarray:
    """(n, L) codes -> (n,) share of G and C."""
    return ((codes == _C) | (codes == _G)).mean(axis=1)
