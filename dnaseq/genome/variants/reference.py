"""Records of a table of variants beside the genome: is REF there, and which changes can be scored."""

import re
from typing import NamedTuple

from dnaseq.encode.alphabet import to_letters
from dnaseq.errors import ConfigError, InputError
from dnaseq.genome.variants.changes import Change, normalised
from dnaseq.io.genome.genome import Genome
from dnaseq.io.variants.vcf import Variant

FAIL, SKIP, SWAP = "fail", "skip", "swap"
MISMATCH = (FAIL, SKIP, SWAP)
MOST_SHOWN = 5  # records in the message
AMBIGUOUS = "a letter that is not one base"
_BASES = re.compile("[ACGT]+")
_IUPAC = re.compile("[ACGTNRYSWKMBDHV]+")
_MAP = "chrom_map= maps names: add_chr, drop_chr, or a table of two columns"


class Alternative(NamedTuple):
    """An ALT of a record: its change, or the reason why there is none. Of a swapped one the genome has ALT, and the
    change is to REF."""

    alt: str
    change: Change | None = None
    reason: str = ""
    swapped: bool = False


class Fault(NamedTuple):
    """The reason why a record does not fit the genome; `is_mismatch` where the two contradict each other."""

    reason: str
    is_mismatch: bool
    shown: str = ""  # for the message of all mismatches


class Reference:
    """The genome that records are compared with, and the answer to those that do not fit: fail, skip or swap."""

    def __init__(self, genome: Genome, mismatch: str = FAIL):
        if mismatch not in MISMATCH:
            raise ConfigError(f"mismatch must be one of {', '.join(MISMATCH)}; got {mismatch!r}")
        self.genome, self.mismatch = genome, mismatch

    def fault(self, variant: Variant) -> Fault | None:
        """Return what is wrong with REF and its place; None where the genome has just these bases there."""
        if variant.chrom not in self.genome:
            return Fault("the genome has no such contig", True, f"contig {variant.chrom!r} is not there")
        length, start = self.genome.length(variant.chrom), variant.pos - 1
        end = start + len(variant.ref)
        if variant.pos in (0, length + 1) and not any(map(_BASES.fullmatch, variant.alts)):
            return Fault("the end of a chromosome", False)  # VCF has these places for breakends
        if start < 0 or end > length:
            return Fault("beyond the contig", True, f"{_place(variant)} is beyond its {length} bases")
        if not _IUPAC.fullmatch(variant.ref):
            return Fault("REF is not of bases", False)
        there = to_letters(self.genome.codes(variant.chrom, start, end))
        if there == variant.ref and _BASES.fullmatch(there):
            return None
        if all(
            a == b or not (_BASES.match(a) and _BASES.match(b))
            for a, b in zip(there, variant.ref, strict=True)
        ):
            return Fault(f"{AMBIGUOUS} in REF", False)
        what = f"{_place(variant)} {_short(variant.ref)}, genome {_short(there)}"
        return Fault("REF is not what the genome has", True, what)

    def alternatives(self, variant: Variant, fault: Fault | None) -> list[Alternative]:
        """Return the alternatives of a record with this fault, in order."""
        return [self._alternative(variant, alt, fault) for alt in variant.alts]

    def fits_at(self, variant: Variant, shift: int) -> bool:
        """True if the genome has REF so many bases further on."""
        start, end = variant.pos - 1 + shift, variant.pos - 1 + shift + len(variant.ref)
        if variant.chrom not in self.genome or start < 0 or end > self.genome.length(variant.chrom):
            return False
        return to_letters(self.genome.codes(variant.chrom, start, end)) == variant.ref

    def _alternative(self, variant: Variant, alt: str, fault: Fault | None) -> Alternative:
        if (reason := _unusable(alt)) is not None:
            return Alternative(alt, reason=reason)
        if fault is None:
            if alt == variant.ref:
                return Alternative(alt, reason="ALT is REF")
            return Alternative(alt, self._change(variant, variant.ref, alt))
        if self.mismatch == SWAP and fault.is_mismatch and self._has(variant, alt):
            return Alternative(alt, self._change(variant, alt, variant.ref), swapped=True)
        return Alternative(alt, reason=fault.reason)

    def _change(self, variant: Variant, there: str, other: str) -> Change:
        return normalised(variant.chrom, variant.pos - 1, there, other, self.genome)

    def _has(self, variant: Variant, alt: str) -> bool:
        """True if the genome has ALT where REF should be."""
        start = variant.pos - 1
        if variant.chrom not in self.genome or not _BASES.fullmatch(variant.ref):
            return False
        if start < 0 or start + len(alt) > self.genome.length(variant.chrom):
            return False
        return to_letters(self.genome.codes(variant.chrom, start, start + len(alt))) == alt


class Mismatches:
    """The records that contradict the genome: their number, and the first few."""

    def __init__(self, reference: Reference):
        self.reference = reference
        self.records = self.count = self.without_contig = self.one_further = 0
        self.first: list[str] = []
        self._contig = ""

    def look_at(self, variant: Variant, fault: Fault | None) -> None:
        """Count a record with this fault."""
        self.records += 1
        if fault is None or not fault.is_mismatch:
            return
        self.count += 1
        if variant.chrom not in self.reference.genome:
            self.without_contig, self._contig = self.without_contig + 1, self._contig or variant.chrom
        self.one_further += self.reference.fits_at(variant, 1)
        if len(self.first) < MOST_SHOWN:
            self.first.append(f"line {variant.line} {fault.shown}")

    def error(self, file: str) -> InputError:
        """Return the error that names the first of them and the key that would help."""
        more = ", ..." if self.count > len(self.first) else ""
        what = (
            f"{self.count:,} of {self.records:,} records do not fit the genome: {'; '.join(self.first)}{more}"
        )
        if self.without_contig == self.count:
            absence = self.reference.genome.describe_absence(self._contig)
            return InputError(f"{self.count:,} of {self.records:,} records: {absence}", file=file, fix=_MAP)
        fix = "mismatch=skip gives them a status, mismatch=swap also turns those that have ALT there"
        if 2 * self.one_further > self.count:
            fix = f"{self.one_further:,} would fit one base further on: POS counts from 1"
        return InputError(what, file=file, fix=fix)


def _unusable(alt: str) -> str | None:
    """Return the reason why an ALT is no text of bases; None for one that is."""
    if _BASES.fullmatch(alt):
        return None
    if alt == ".":
        return "no ALT"
    if alt == "*":
        return "ALT * is an overlapping deletion"
    if "[" in alt or "]" in alt or alt.startswith(".") or alt.endswith("."):
        return "ALT is a breakend"
    if alt.startswith("<"):
        return "ALT is symbolic"
    return f"{AMBIGUOUS} in ALT" if _IUPAC.fullmatch(alt) else "ALT is not of bases"


def _place(variant: Variant) -> str:
    return f"{variant.chrom}:{variant.pos}"


def _short(letters: str) -> str:
    return letters if len(letters) <= 10 else letters[:8] + ".."
