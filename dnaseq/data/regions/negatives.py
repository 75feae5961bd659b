"""Negatives from the same genome: windows of the composition of the positives, or at random, away from them."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from dnaseq.data.regions.intervals import NONE, Intervals, join_intervals
from dnaseq.data.regions.matching import LAST_ROUNDS, ROUNDS, match
from dnaseq.data.regions.traits import Bases, Traits, measure_traits
from dnaseq.data.regions.windows import Contigs, Windows
from dnaseq.errors import InputError

MATCHED, RANDOM, SHUFFLED = "matched", "random", "shuffled"
NO_FILE = -1  # number of the file of a window that stands in none
_ANY = ((np.inf, np.inf, np.inf),)
_SIZES = 1.25  # from one class of lengths to the next
_MOST = 2_000_000  # places of a contig that are compared with its positives
_KEPT = 100  # unused places of a contig and a percent of GC content, for positives of other contigs
_FAR = 0.05  # of GC content
_WHOLE = 1 << 62  # bases, more than any contig has

logger = logging.getLogger("dnaseq")


class Genome(Bases, Contigs, Protocol):
    """The contigs of a genome and their bases."""


class Places(NamedTuple):
    """m windows of one size that may become negatives."""

    contigs: np.ndarray  # (m,) int64
    starts: np.ndarray  # (m,) int64
    traits: Traits

    def take(self, rows: np.ndarray) -> "Places":
        return Places(self.contigs[rows], self.starts[rows], self.traits.take(rows))


class Wanted(NamedTuple):
    """The positives that need a negative, and what is found for each."""

    positives: Windows
    traits: Traits
    stretches: np.ndarray  # (n,) int64: number of the stretch of its contig; ascending within a contig
    sizes: np.ndarray  # (n,) int64: of the places for each
    contigs: np.ndarray  # (n,) int64, -1 until there is a place
    starts: np.ndarray  # (n,) int64
    gc: np.ndarray  # (n,) of the place

    def stretches_of_contigs(self) -> Iterator[tuple[int, int, np.ndarray]]:
        """Yield number of the contig, number of the stretch in it and rows."""
        contigs = self.positives.contigs
        is_new = np.diff(contigs, prepend=-1) | np.diff(self.stretches, prepend=-1)
        firsts = np.flatnonzero(is_new)
        for rows in np.split(np.arange(len(contigs)), firsts[1:]) if len(contigs) else ():
            yield int(contigs[rows[0]]), int(self.stretches[rows[0]]), rows

    def groups(self, rows: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
        """Yield size and rows of those of one size, the largest first, as it finds a place least often."""
        for size in np.unique(self.sizes[rows])[::-1].tolist():
            yield size, rows[self.sizes[rows] == size]


@dataclass
class Draw:
    """One drawing of negatives for the positives of one part.

    blocked: by number of a contig, where no negative may lie.
    kind: MATCHED or RANDOM.
    key: numbers that the random choice depends on.
    stretch: bases of a stretch, of which a negative lies in that of its positive; None: a whole contig.
    """

    genome: Genome
    blocked: dict[int, Intervals]
    kind: str
    key: tuple[int, ...]
    stretch: int | None = None

    def __post_init__(self) -> None:
        self._taken: dict[int, list[tuple[np.ndarray, np.ndarray]]] = {}
        self._pools: dict[int, list[Places]] = {}
        self._rounds = ROUNDS if self.kind == MATCHED else _ANY

    def draw(self, positives: Windows, ratio: float, label: str) -> Windows:
        """Draw `ratio` negatives for each positive; none shares a base with another or with `blocked`.

        They lie in the stretch of their positive, where there is a place of its composition. Raises InputError where
        there are fewer places than positives.
        """
        wanted = self._wanted(positives, ratio)
        for contig, number, rows in wanted.stretches_of_contigs():
            rng = np.random.default_rng([*self.key, contig, number])
            for size, own in wanted.groups(rows):
                places = self._places(contig, number, size, len(own), rng)
                chosen = match(wanted.traits.take(own), places.traits, rng, self._rounds)
                self._use(wanted, own, places, chosen)
                self._keep_unused(places, chosen, size, rng)
        rng = np.random.default_rng([*self.key, len(self.genome.names)])
        for size, own in wanted.groups(np.flatnonzero(wanted.contigs < 0)):
            places = self._pool(size)
            chosen = match(wanted.traits.take(own), places.traits, rng, self._rounds + LAST_ROUNDS)
            self._use(wanted, own, places, chosen)
        self._check(wanted)
        return _cut_out(wanted, label, rng)

    def _wanted(self, positives: Windows, ratio: float) -> Wanted:
        wanted = positives.take(self._repeated(len(positives), ratio))
        wanted = wanted.take(np.lexsort((wanted.starts, wanted.contigs)))
        stretches = (wanted.starts + wanted.ends) // 2 // (self.stretch or _WHOLE)
        traits, order = self._traits(wanted), np.lexsort((stretches, wanted.contigs))
        wanted, traits, stretches = wanted.take(order), traits.take(order), stretches[order]
        nowhere, zeros = np.full(len(wanted), -1, dtype=np.int64), np.zeros(len(wanted), dtype=np.int64)
        sizes = _size_classes(wanted.ends - wanted.starts)
        return Wanted(wanted, traits, stretches, sizes, nowhere, zeros, np.full(len(wanted), np.nan))

    def _use(self, wanted: Wanted, rows: np.ndarray, places: Places, chosen: np.ndarray) -> None:
        """Give the chosen places, -1 for none, to rows that want places of one size."""
        there, used = rows[chosen >= 0], places.take(chosen[chosen >= 0])
        wanted.contigs[there], wanted.starts[there], wanted.gc[there] = (
            used.contigs,
            used.starts,
            used.traits.gc,
        )
        for contig in np.unique(used.contigs).tolist():
            starts = used.starts[used.contigs == contig]
            self._taken.setdefault(contig, []).append((starts, starts + wanted.sizes[rows[0]]))

    def _repeated(self, n: int, ratio: float) -> np.ndarray:
        """Return the rows of n positives, each as often as it needs a negative; of a fraction, some at random."""
        rng = np.random.default_rng([*self.key, 0, 0])
        whole = int(ratio)
        more = rng.permutation(n)[: round((ratio - whole) * n)]
        return np.concatenate([np.tile(np.arange(n), whole), more]).astype(np.int64)

    def _traits(self, windows: Windows) -> Traits:
        found = [Traits(*np.zeros((3, 0)))]
        for contig, rows in by_contig(windows):
            name = self.genome.names[contig]
            found.append(measure_traits(self.genome, name, windows.starts[rows], windows.ends[rows]))
        return Traits(*map(np.concatenate, zip(*found, strict=True)))

    def _places(self, contig: int, number: int, size: int, due: int, rng: np.random.Generator) -> Places:
        """Lay places side by side into what is free of a stretch, each row of them at a random offset."""
        name = self.genome.names[contig]
        begin, length = number * (self.stretch or _WHOLE), self.genome.length(name)
        free = (
            self._occupied(contig).gaps(length).within(begin, min(begin + (self.stretch or _WHOLE), length))
        )
        counts = (free.ends - free.starts) // size
        spare = free.ends - free.starts - counts * size
        begins = free.starts + (rng.random(len(counts)) * (spare + 1)).astype(np.int64)
        number = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        starts = np.repeat(begins, counts) + number * size
        if len(starts) > (most := max(_MOST, 20 * due)):
            starts = starts[np.sort(rng.choice(len(starts), most, replace=False))]
        traits = measure_traits(self.genome, name, starts, starts + size)
        known = traits.unknown < 1
        return Places(np.full(len(starts), contig), starts, traits).take(known)

    def _occupied(self, contig: int) -> Intervals:
        blocked = self.blocked.get(contig, NONE)
        pairs = [(blocked.starts, blocked.ends), *self._taken.get(contig, [])]
        starts, ends = (np.concatenate(columns) for columns in zip(*pairs, strict=True))
        return join_intervals(starts, ends)

    def _keep_unused(self, places: Places, chosen: np.ndarray, size: int, rng: np.random.Generator) -> None:
        """Keep some unused places of every GC content, for positives that their own contig has no place for."""
        is_free = np.ones(len(places.starts), dtype=bool)
        is_free[chosen[chosen >= 0]] = False
        mixed = rng.permutation(np.flatnonzero(is_free))
        percent = np.floor(100 * places.traits.gc[mixed]).astype(np.int64)
        order = np.argsort(percent, kind="stable")
        counts = np.bincount(percent, minlength=1)
        rank = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
        self._pools.setdefault(size, []).append(places.take(np.sort(mixed[order[rank < _KEPT]])))

    def _pool(self, size: int) -> Places:
        """Return the unused places of all contigs that share no base with a negative that is drawn."""
        pools = self._pools[size]
        contigs, starts = (np.concatenate(columns) for columns in zip(*(p[:2] for p in pools), strict=True))
        traits = Traits(*map(np.concatenate, zip(*(p.traits for p in pools), strict=True)))
        is_free = np.zeros(len(starts), dtype=bool)
        for contig in np.unique(contigs).tolist():
            own = np.flatnonzero(contigs == contig)
            is_free[own] = ~self._occupied(contig).overlap(starts[own], starts[own] + size)
        return Places(contigs, starts, traits).take(is_free)

    def _check(self, wanted: Wanted) -> None:
        total = len(wanted.contigs)
        if missing := int(np.count_nonzero(wanted.contigs < 0)):
            what = f"{missing:,} of {total:,} negatives have no free place in the genome"
            raise InputError(what, fix="Lower negatives.ratio or negatives.distance")
        far = int(np.count_nonzero(np.abs(wanted.traits.gc - wanted.gc) > _FAR))
        if far and self.kind == MATCHED:
            what = "note: %s of %s negatives differ from their positive by more than %s of GC content, as the genome"
            logger.warning(f"{what} has no nearer place left", f"{far:,}", f"{total:,}", _FAR)


def by_contig(windows: Windows) -> Iterator[tuple[int, slice]]:
    """Yield each contig of windows in the order of their contigs, and its rows."""
    if not len(windows):
        return
    firsts = np.flatnonzero(np.diff(windows.contigs, prepend=-1)).tolist()
    for first, last in zip(firsts, [*firsts[1:], len(windows)], strict=True):
        yield int(windows.contigs[first]), slice(first, last)


def _cut_out(wanted: Wanted, label: str, rng: np.random.Generator) -> Windows:
    """Cut windows as long as the positives out of their places, at random offsets."""
    like = wanted.positives
    lengths = like.ends - like.starts
    starts = wanted.starts + (rng.random(len(lengths)) * (wanted.sizes - lengths + 1)).astype(np.int64)
    labels = np.full(len(like), label, dtype=object)
    nowhere, contigs = np.full(len(like), NO_FILE, dtype=np.int32), wanted.contigs.astype(np.int32)
    return Windows(contigs, starts, starts + lengths, like.strands, labels, nowhere, 0 * like.lines)


def _size_classes(lengths: np.ndarray) -> np.ndarray:
    """(n,) int64: the greatest of the lengths that are like each one."""
    number = np.ceil(np.log(np.maximum(lengths, 1)) / np.log(_SIZES) - 1e-9).astype(np.int64)
    _, number = np.unique(number, return_inverse=True)
    largest = np.zeros(int(number.max(initial=-1)) + 1, dtype=np.int64)
    np.maximum.at(largest, number, lengths)
    return largest[number]
