"""Regions of a genome to the windows that become records."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from dnaseq.data.regions.intervals import Intervals, number_clusters
from dnaseq.errors import ConfigError, InputError
from dnaseq.io.compress import shown
from dnaseq.io.genome.bed import NO_SUMMIT, Regions

OVERLAPS = ("keep", "merge", "drop")
_JOINT = ";"  # between the labels of a set

logger = logging.getLogger("dnaseq")


class Contigs(Protocol):
    """The contigs of a genome."""

    names: list[str]

    def length(self, name: str) -> int: ...

    def describe_absence(self, name: str) -> str: ...


@dataclass(frozen=True)
class Windows:
    """n windows of a genome, 0-based and half-open, all within their contigs."""

    contigs: np.ndarray  # (n,) int32 index into the names of the genome
    starts: np.ndarray  # (n,) int64
    ends: np.ndarray  # (n,) int64
    strands: np.ndarray  # (n,) int8: 1 or -1, or 0 where strands do not count
    labels: np.ndarray  # (n,) object, str
    files: np.ndarray  # (n,) int32: number of the file
    lines: np.ndarray  # (n,) int64

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def columns(self) -> tuple[np.ndarray, ...]:
        return (
            self.contigs,
            self.starts,
            self.ends,
            self.strands,
            self.labels,
            self.files,
            self.lines,
        )

    def take(self, rows: np.ndarray | slice) -> "Windows":
        """Return the windows of these rows, or of a mask."""
        return Windows(*(column[rows] for column in self.columns))


def join_windows(several: Sequence[Windows]) -> Windows:
    """Join windows, those of each after those of the one before."""
    return Windows(*map(np.concatenate, zip(*(one.columns for one in several), strict=True)))


@dataclass(frozen=True)
class Cutting:
    """Settings that turn regions into windows.

    width: bases of a window; None: the region itself.
    summit: True: the window has its middle at the summit of a peak, else at that of the region.
    strands: True: regions have a strand, and the middle of an even width is meant as read on it.
    overlaps: keep; merge: one window in the middle of those that share bases, or at the summit of the strongest;
        drop: of windows that share bases the strongest stays. On two strands they are different windows.
    cut_at_ends: True: a window beyond the end of its contig is cut there; False: it is an error.
    sets: True: a merged window has the labels of all of its regions.
    """

    width: int | None = None
    summit: bool = False
    strands: bool = False
    overlaps: str = OVERLAPS[0]
    cut_at_ends: bool = True
    sets: bool = False

    def __post_init__(self) -> None:
        if self.overlaps not in OVERLAPS:
            raise ConfigError(f"data.overlaps must be one of {', '.join(OVERLAPS)}; got {self.overlaps!r}")
        if self.width is not None and (type(self.width) is not int or self.width < 1):
            raise ConfigError(f"data.width must be a whole number of at least 1, or null; got {self.width!r}")
        if self.summit and self.width is None:
            raise ConfigError("data.summit=true needs data.width, the bases of a window around the summit")

    def cut(
        self,
        files: Sequence[Regions],
        contigs: Contigs,
        numbers: dict[str, int],
        excluded: dict[int, Intervals],
    ) -> Windows:
        """Cut windows of the regions of some files. `numbers` are the contigs by the names in the files, see
        number_contigs; `excluded` parts of contigs by number.

        Raises InputError, with file and line, for a region past the end of its contig, without bases, without a
        strand or a summit that is needed, for a window past the end where that is an error, and for overlapping
        regions of two labels where these are no sets.
        """
        found = [self._cut_file(regions, number, numbers) for number, regions in enumerate(files)]
        every = join_windows([windows for windows, _ in found])
        scores = np.concatenate([scores for _, scores in found])
        sizes = np.array([contigs.length(name) for name in contigs.names], dtype=np.int64)
        paths = [regions.path for regions in files]
        every = self._within_contigs(every, sizes[every.contigs], paths)
        kept = ~_is_excluded(every, excluded)
        _log_count(np.count_nonzero(~kept), "are left out, as they share bases with exclude=")
        every, scores = every.take(kept), scores[kept]
        order = np.lexsort((every.ends, every.starts, every.contigs))
        every, scores = every.take(order), scores[order]
        if self.overlaps == "merge":
            return self._merge(every, scores, paths)
        return self._drop(every, scores) if self.overlaps == "drop" else every

    def _cut_file(self, regions: Regions, number: int, contigs: dict[str, int]) -> tuple[Windows, np.ndarray]:
        if self.strands and not regions.strands.all():
            fix = "Give strands in column 6, or leave data.stranded out"
            raise _wrong(regions, np.flatnonzero(regions.strands == 0)[0], "a region without strand", fix)
        starts, ends = regions.starts, regions.ends
        if self.width is None:
            if (empty := np.flatnonzero(starts == ends)).size:
                raise _wrong(regions, empty[0], "a region without bases", "Set data.width=N to cut windows")
        else:
            starts, ends = self._centred(regions, self.width)
        of = np.array([contigs[name] for name in regions.contigs], dtype=np.int32)
        labels = np.array(regions.labels, dtype=object)
        of_file = np.full(len(of), number, dtype=np.int32)
        strands = regions.strands if self.strands else np.zeros(len(of), dtype=np.int8)
        return Windows(of, starts, ends, strands, labels, of_file, regions.lines), regions.scores

    def _centred(self, regions: Regions, width: int) -> tuple[np.ndarray, np.ndarray]:
        """Place windows: base width // 2, from 0, as read on the strand, is the summit or the first one after the
        middle."""
        doubled = regions.starts + regions.ends  # twice the middle
        beyond = doubled % 2  # from the middle to the next base, in halves
        if self.summit:
            known = regions.summits != NO_SUMMIT
            if not known.any():
                what = "no summit: narrowPeak has it in column 10"
                raise _wrong(regions, 0, what, "Leave data.summit out")
            _log_count(np.count_nonzero(~known), "have no summit: their middle is used")
            doubled, beyond = np.where(known, 2 * regions.summits, doubled), np.where(known, 1, beyond)
        starts = doubled // 2 - width // 2
        if self.strands:
            turned = doubled // 2 + beyond + width // 2 - width
            starts = np.where(regions.strands < 0, turned, starts)
        return starts, starts + width

    def _within_contigs(self, windows: Windows, sizes: np.ndarray, paths: list[str]) -> Windows:
        outside = (windows.starts < 0) | (windows.ends > sizes)
        if not outside.any():
            return windows
        if not self.cut_at_ends:
            row = int(np.flatnonzero(outside)[0])
            what = f"the window from {windows.starts[row]} to {windows.ends[row]} is beyond its contig of {sizes[row]}"
            fix = "Leave the region out, or set data.length_policy=pad to cut such windows at the end"
            raise InputError(
                what, file=shown(paths[windows.files[row]]), line=int(windows.lines[row]), fix=fix
            )
        _log_count(np.count_nonzero(outside), "are cut at the end of their contig")
        return replace(windows, starts=np.maximum(windows.starts, 0), ends=np.minimum(windows.ends, sizes))

    def _clusters(self, windows: Windows) -> tuple[Windows, np.ndarray, np.ndarray]:
        """Sort windows by contig and strand, and number the chains of those that share bases: windows, (n,) numbers,
        (n,) order."""
        if not len(windows):
            return windows, np.empty(0, np.int64), np.empty(0, np.int64)
        order = np.lexsort((windows.ends, windows.starts, windows.strands, windows.contigs))
        windows = windows.take(order)
        # places of one contig and strand lie after those of the one before
        block = np.cumsum(
            np.concatenate([[0], np.diff(windows.contigs) | np.diff(windows.strands.astype(np.int32))]) != 0
        )
        offset = block * (int(windows.ends.max(initial=0)) + 1)
        return windows, number_clusters(windows.starts + offset, windows.ends + offset), order

    def _merge(self, windows: Windows, scores: np.ndarray, paths: list[str]) -> Windows:
        windows, cluster, order = self._clusters(windows)
        if not len(windows):
            return windows
        first = np.flatnonzero(np.diff(cluster, prepend=-1))
        starts, ends = windows.starts[first], np.maximum.reduceat(windows.ends, first)
        best = _strongest(cluster, scores[order])
        alone = np.diff(first, append=len(windows)) == 1
        labels = self._merged_labels(windows, cluster, first, paths)
        if self.summit:
            starts, ends = windows.starts[best], windows.ends[best]
        elif self.width is not None:
            size = np.where(alone, ends - starts, np.minimum(self.width, ends - starts))
            starts = (starts + ends - size) // 2
            ends = starts + size
        _log_count(len(windows) - len(first), "are merged with others that share bases with them")
        merged = replace(windows.take(best), starts=starts, ends=ends, labels=labels)
        return merged.take(np.lexsort((ends, starts, merged.contigs)))

    def _merged_labels(
        self, windows: Windows, cluster: np.ndarray, first: np.ndarray, paths: list[str]
    ) -> np.ndarray:
        sets: list[set[str]] = [set() for _ in first]
        for number, label in zip(cluster.tolist(), windows.labels, strict=True):
            sets[number].update(label.split(_JOINT) if self.sets else [label])
        if not self.sets and (several := [number for number, one in enumerate(sets) if len(one) > 1]):
            row = int(first[several[0]])
            what = f"this region overlaps one of another label ({', '.join(sorted(sets[several[0]]))})"
            fix = "Write task=multilabel for windows with several labels, or data.overlaps=drop"
            raise InputError(
                what, file=shown(paths[windows.files[row]]), line=int(windows.lines[row]), fix=fix
            )
        return np.array([_JOINT.join(sorted(one)) for one in sets], dtype=object)

    def _drop(self, windows: Windows, scores: np.ndarray) -> Windows:
        """Keep the strongest of windows that share bases, and of those that share none with it again the strongest."""
        windows, cluster, order = self._clusters(windows)
        scores = scores[order]
        kept = np.ones(len(windows), dtype=bool)
        first = np.flatnonzero(np.diff(cluster, prepend=-1))
        for begin, end in zip(first.tolist(), np.append(first[1:], len(windows)).tolist(), strict=True):
            if end - begin > 1:
                kept[begin:end] = _strong_alone(
                    windows.starts[begin:end], windows.ends[begin:end], scores[begin:end]
                )
        _log_count(np.count_nonzero(~kept), "are dropped, as they share bases with a stronger one")
        windows = windows.take(kept)
        return windows.take(np.lexsort((windows.ends, windows.starts, windows.contigs)))


def number_contigs(files: Sequence[Regions], genome: Contigs, rename: dict[str, str]) -> dict[str, int]:
    """Map each contig that the files name to its number in the genome; `rename` has the name there of each one.

    Raises InputError, with file and line, for a contig that the genome does not have, and a region past the end."""
    place = {name: number for number, name in enumerate(genome.names)}
    numbers: dict[str, int] = {}
    for regions in files:
        for row, name in enumerate(regions.contigs):
            if name not in numbers:
                if rename[name] not in place:
                    fix = "chrom_map= maps names: add_chr, drop_chr, or a table of two columns"
                    raise _wrong(regions, row, genome.describe_absence(name), fix)
                numbers[name] = place[rename[name]]
        sizes = {name: genome.length(genome.names[numbers[name]]) for name in set(regions.contigs)}
        beyond = np.flatnonzero(regions.ends > np.array([sizes[name] for name in regions.contigs]))
        if beyond.size:
            row = int(beyond[0])
            what = f"the region ends at {regions.ends[row]}, past the end of {regions.contigs[row]}"
            what += f", {sizes[regions.contigs[row]]}"
            raise _wrong(regions, row, what, "Regions and genome must be of the same version")
    return numbers


def _wrong(regions: Regions, row: int, what: str, fix: str) -> InputError:
    return InputError(what, file=shown(regions.path), line=int(regions.lines[row]), fix=fix)


def _is_excluded(windows: Windows, excluded: dict[int, Intervals]) -> np.ndarray:
    found = np.zeros(len(windows), dtype=bool)
    for contig, intervals in excluded.items():
        own = np.flatnonzero(windows.contigs == contig)
        found[own] = intervals.overlap(windows.starts[own], windows.ends[own])
    return found


def _strongest(cluster: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Find the row of the greatest score of each cluster, the first of several; NaN is the least."""
    strength = np.where(np.isnan(scores), -np.inf, scores)
    order = np.lexsort((np.arange(len(cluster)), -strength, cluster))
    return order[np.flatnonzero(np.diff(cluster[order], prepend=-1))]


def _strong_alone(starts: np.ndarray, ends: np.ndarray, scores: np.ndarray) -> np.ndarray:
    kept = np.zeros(len(starts), dtype=bool)
    for row in np.argsort(np.where(np.isnan(scores), np.inf, -scores), kind="stable").tolist():
        kept[row] = not (kept & (starts < ends[row]) & (ends > starts[row])).any()
    return kept


def _log_count(count: int | np.integer, what: str) -> None:
    if count:
        logger.info("note: %s windows %s", f"{int(count):,}", what)
