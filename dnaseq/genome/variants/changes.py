"""A variant as a change of the genome: trimmed and shifted, so that every spelling of it is the same change."""

from typing import NamedTuple

from dnaseq.encode.alphabet import to_letters
from dnaseq.io.genome.genome import Genome

_STEP = 64  # bases that are looked at first when a change is shifted to the left
_LARGEST_STEP = 1 << 16


class Change(NamedTuple):
    """Bases `ref` from `start` on (0-based) become `alt`. They differ in their first and last base; of an insertion
    `ref` is empty, of a deletion `alt` is."""

    chrom: str
    start: int
    ref: str
    alt: str

    @property
    def is_substitution(self) -> bool:
        """True for one base in place of another."""
        return len(self.ref) == len(self.alt) == 1


def normalised(chrom: str, start: int, ref: str, alt: str, genome: Genome) -> Change:
    """Return the change with as few bases as possible, as far to the left as possible (Tan et al. 2015).

    `ref` are the bases of the genome from `start` on, 0-based, and `alt` is another text of bases.
    """
    if len(ref) == len(alt) == 1:
        return Change(chrom, start, ref, alt)
    end = _equal_ending(ref, alt)
    ref, alt = ref[: len(ref) - end], alt[: len(alt) - end]
    begin = _equal_beginning(ref, alt)
    ref, alt, start = ref[begin:], alt[begin:], start + begin
    if ref and alt:
        return Change(chrom, start, ref, alt)
    turning = ref or alt
    shift = _shift(chrom, start, turning, genome)
    at = len(turning) - shift % len(turning)
    turned = turning[at:] + turning[:at]
    return Change(chrom, start - shift, turned if ref else "", turned if alt else "")


def _shift(chrom: str, start: int, letters: str, genome: Genome) -> int:
    """Count the bases by which an insertion or deletion of `letters` before `start` can move to the left."""
    shift, step = 0, _STEP
    while shift < start:
        low = max(start - shift - step, 0)
        before = to_letters(genome.codes(chrom, low, start - shift))
        for base in reversed(before):
            if base != letters[-1 - shift % len(letters)]:
                return shift
            shift += 1
        step = min(2 * step, _LARGEST_STEP)
    return shift


def _equal_beginning(one: str, other: str) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def _equal_ending(one: str, other: str) -> int:
    return _equal_beginning(one[::-1], other[::-1])


def stratum(change: Change) -> str:
    """Return the kind of a change, such as A>C; of others the numbers of bases that go and come, roughly."""
    if change.is_substitution:
        return f"{change.ref}>{change.alt}"
    # lengths of 1, 2 to 3, 4 to 7, 8 to 15 and so on are one kind each
    return f"{len(change.ref).bit_length()}>{len(change.alt).bit_length()}"
