"""Both alleles of a change in windows of the genome, in which the change lies at different places."""

from dataclasses import dataclass
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
    """The windows of a change, or the reason why there is none: ref[i] and alt[i] belong together.

    `without` of the places that were asked for have no window, for `why`.
    """

    ref: list[np.ndarray]
    alt: list[np.ndarray]
    reason: str = ""
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

    def of(self, change: Change, genome: Genome) -> Windows:
        """Cut the windows of a change."""
        length = genome.length(change.chrom)
        if self.within and (self.window is None or length <= self.window):
            return self._whole(change, genome, length)
        assert self.window is not None  # a genome has one
        longest = max(len(change.ref), len(change.alt))
        if longest > self.window // 2:
            return Windows(
                [], [], f"an allele of {longest} bases, more than half of a window of {self.window}"
            )
        low = max(change.start - self.window, 0)
        high = min(change.start + len(change.ref) + self.window, length)
        ref, alt = _alleles(change, genome.codes(change.chrom, low, high), change.start - low)
        begins = [
            self._begins(change.start - low, len(one), len(whole))
            for one, whole in ((change.ref, ref), (change.alt, alt))
        ]
        inside = _are_inside(begins[0], self.window, len(ref)) & _are_inside(begins[1], self.window, len(alt))
        if not inside.any():
            return Windows([], [], CONTIG_END)
        pairs = list(dict.fromkeys(zip(*(one[inside].tolist() for one in begins), strict=True)))
        left_out = (0 if self.within else int((~inside).sum()), "the contig ends")
        found = [(ref[a : a + self.window], alt[b : b + self.window]) for a, b in pairs]
        if max(int(ref.max()), int(alt.max())) >= N:
            kept = [pair for pair in found if self._is_readable(pair[0]) and self._is_readable(pair[1])]
            if not kept:
                return Windows([], [], UNKNOWN)
            if len(kept) < len(found):
                left_out = (left_out[0] + len(found) - len(kept), "ambiguous letters")
            found = kept
        return Windows([a for a, _ in found], [b for _, b in found], "", *left_out)

    def _begins(self, start: int, size: int, length: int) -> np.ndarray:
        """(count,) first base of each window, in the sequence of `length` bases that has the allele of `size` bases at
        `start`; the middle base of the allele is exactly at each place."""
        assert self.window is not None
        places = (2 * np.arange(self.count) + 1) * self.window // (2 * self.count)
        before = np.clip(places - size // 2, 0, self.window - size)
        begins = start - before
        return np.clip(begins, 0, length - self.window) if self.within else begins

    def _is_readable(self, codes: np.ndarray) -> bool:
        bases = int((codes < N).sum())
        return bases == len(codes) or (self.ambiguous and 2 * bases > len(codes))

    def _whole(self, change: Change, genome: Genome, length: int) -> Windows:
        """Take the whole record with either allele."""
        ref, alt = _alleles(change, genome.codes(change.chrom, 0, length), change.start)
        refused = self.lengths.refused(np.array([len(ref), len(alt)]))
        if refused.any():
            size = (len(ref), len(alt))[int(np.flatnonzero(refused)[0])]
            return Windows([], [], self.lengths.refusal(size))
        if len(alt) < self.shortest:
            return Windows([], [], f"{len(alt)} bases, shorter than {self.shortest}")
        if not (self._is_readable(ref) and self._is_readable(alt)):
            return Windows([], [], UNKNOWN)
        return Windows([ref], [alt])


def _alleles(change: Change, codes: np.ndarray, start: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the sequence as it is, and with the change, which begins at `start`."""
    end = start + len(change.ref)
    return codes, np.concatenate([codes[:start], to_codes(change.alt), codes[end:]])


def _are_inside(begins: np.ndarray, window: int, length: int) -> np.ndarray:
    return (begins >= 0) & (begins + window <= length)
