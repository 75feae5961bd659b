"""Both alleles of a change in windows of the genome, in which the change lies at different places."""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from dnaseq.data.records.lengths import LengthPolicy
from dnaseq.encode.alphabet import N, to_codes
from dnaseq.genome.variants.changes import Change
from dnaseq.io.genome.genome import Genome

CONTIG_END = "no window within the contig"
ANY_LENGTH = LengthPolicy()
UNKNOWN = "no window without ambiguous letters"


class Windows(NamedTuple):
    """The n windows of a change: sizes[0] bases of `ref` from begins[i, 0] on, and sizes[1] bases of `alt` from
    begins[i, 1] on, belong together.

    `without` of the places that were asked for have no window, for `why`.
    """

    ref: np.ndarray  # uint8 codes of the genome around the change, from `low` on
    alt: np.ndarray  # the same codes with the change
    begins: np.ndarray  # (n, 2) int64
    sizes: tuple[int, int]
    contig: str
    low: int
    without: int = 0
    why: str = ""


@dataclass(frozen=True)
class Placements:
    """`count` windows of `window` bases around a change, which lies in the middle of each of `count` equal parts of the
    window. Where windows have to stay `within` the contig, those at its ends are moved; else they are left out.

    Contigs that are then no longer than a window are read whole, if `lengths` allows it. With `ambiguous` windows may
    have letters that are not one base, up to half of them. `shortest` are the bases that the encoding needs.
    """

    window: int | None
    count: int
    ambiguous: bool = True
    within: bool = False
    shortest: int = 1
    lengths: LengthPolicy = ANY_LENGTH

    def of(self, change: Change, genome: Genome) -> Windows | str:
        """Cut the windows of a change, or return the reason why it has none."""
        length = genome.length(change.chrom)
        if self.within and (self.window is None or length <= self.window):
            return self._whole(change, genome, length)
        assert self.window is not None  # a genome has one
        longest = max(len(change.ref), len(change.alt))
        if longest > self.window // 2:
            return f"an allele of {longest} bases, more than half of a window of {self.window}"
        low = max(change.start - self.window, 0)
        high = min(change.start + len(change.ref) + self.window, length)
        ref, alt = _alleles(change, genome.codes(change.chrom, low, high), change.start - low)
        ends = np.array([len(ref), len(alt)]) - self.window  # no window may begin later
        begins = change.start - low - _before(self.window, self.count, len(change.ref), len(change.alt))
        if self.within:
            begins = _distinct(np.clip(begins, 0, ends))
        inside = np.all((begins >= 0) & (begins <= ends), axis=1)
        windows = Windows(ref, alt, begins, (self.window, self.window), change.chrom, low)
        if not inside.all():
            if not inside.any():
                return CONTIG_END
            windows = _kept(windows, inside, "the contig ends")
        if max(int(ref.max()), int(alt.max())) >= N:
            readable = [
                self._is_readable(ref[a : a + self.window]) and self._is_readable(alt[b : b + self.window])
                for a, b in windows.begins.tolist()
            ]
            if not any(readable):
                return UNKNOWN
            if not all(readable):
                windows = _kept(windows, np.array(readable), "ambiguous letters")
        return windows

    def _is_readable(self, codes: np.ndarray) -> bool:
        bases = int((codes < N).sum())
        return bases == len(codes) or (self.ambiguous and 2 * bases > len(codes))

    def _whole(self, change: Change, genome: Genome, length: int) -> Windows | str:
        """Take the whole record with either allele."""
        ref, alt = _alleles(change, genome.codes(change.chrom, 0, length), change.start)
        sizes = (len(ref), len(alt))
        refused = self.lengths.refused(np.array(sizes))
        if refused.any():
            return self.lengths.refusal(sizes[int(np.flatnonzero(refused)[0])])
        if len(alt) < self.shortest:
            return f"{len(alt)} bases, shorter than {self.shortest}"
        if not (self._is_readable(ref) and self._is_readable(alt)):
            return UNKNOWN
        return Windows(ref, alt, np.zeros((1, 2), np.int64), sizes, change.chrom, 0)


def _alleles(change: Change, codes: np.ndarray, start: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the sequence as it is, and with the change, which begins at `start`."""
    end = start + len(change.ref)
    return codes, np.concatenate([codes[:start], to_codes(change.alt), codes[end:]])


@lru_cache(maxsize=1024)
def _before(window: int, count: int, ref: int, alt: int) -> np.ndarray:
    """(up to count, 2) bases of a window before alleles of `ref` and `alt` bases, each pair once: the middle base of an
    allele is exactly at each place."""
    places = (2 * np.arange(count) + 1) * window // (2 * count)
    return _distinct(np.stack([np.clip(places - n // 2, 0, window - n) for n in (ref, alt)], axis=1))


def _distinct(begins: np.ndarray) -> np.ndarray:
    """Return each of some pairs, (n, 2) in order, once."""
    return begins[np.concatenate([[True], (np.diff(begins, axis=0) != 0).any(axis=1)])]


def _kept(windows: Windows, kept: np.ndarray, why: str) -> Windows:
    """Leave windows out; (n,) bool is True for those that stay."""
    without = windows.without + int((~kept).sum())
    return windows._replace(begins=windows.begins[kept], without=without, why=why)
