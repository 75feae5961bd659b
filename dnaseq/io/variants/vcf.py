"""VCF files, read line by line: what a variant needs of a record, and the line itself, byte for byte."""

import logging
from collections.abc import Iterator
from typing import NamedTuple

from dnaseq.errors import InputError
from dnaseq.io.compress import EndsEarlyError, chunks, shown
from dnaseq.io.text import BOM

CHROM, POS, ID, REF, ALT, INFO = 0, 1, 2, 3, 4, 7  # columns
COLUMNS = 8  # that every record has
_HEADER = b"#CHROM\t"
_FIX = "A VCF file is text with tabs between its columns"
logger = logging.getLogger("dnaseq")


class Variant(NamedTuple):
    """A record of a table of variants. `pos` is the first base of `ref`, 1-based; letters are in upper case."""

    line: int  # counted from 1
    chrom: str
    pos: int
    id: str  # "." for none, as in the file
    ref: str
    alts: tuple[str, ...]  # "." for none
    text: bytes = b""  # of a VCF file: the line as it is, with its end


class Vcf:
    """A VCF file, plain or compressed, that can be gone through several times."""

    def __init__(self, path: str, name: str | None = None):
        """Take the file, and its name in messages if that is another one."""
        self.path, self.name = path, name or shown(path)
        self.tail = b""

    def header(self) -> list[bytes]:
        """Return the lines before the first record, each with its end. Raises InputError where the line #CHROM is
        missing."""
        header = []
        for number, line in self._lines():
            if not line.startswith(b"#"):
                raise self._no_header(number, line)
            header.append(line)
            if line.startswith(_HEADER):
                return header
        raise self._without_header()

    def __iter__(self) -> Iterator[Variant]:
        """Yield every record, in order; `tail` has the blank lines after the last one then.

        Raises InputError, with the line, for one that is not VCF and for a file that is cut.
        """
        started, blank = False, 0
        self.tail = b""
        for number, line in self._lines():
            if not started and line.startswith(b"#"):
                started = line.startswith(_HEADER)
            elif not started:
                raise self._no_header(number, line)
            elif not line.strip():
                self.tail, blank = self.tail + line, blank or number
            elif self.tail:
                raise InputError(
                    "a blank line among the records", file=self.name, line=blank, fix="Take it out"
                )
            else:
                yield self._record(number, line)
        if not started:
            raise self._without_header()

    def _record(self, number: int, line: bytes) -> Variant:
        cells = line.rstrip(b"\r\n").split(b"\t", COLUMNS)
        if line.startswith(b"#"):
            what = "a line of a header among the records"
            raise InputError(what, file=self.name, line=number, fix="Join files with bcftools concat")
        if len(cells) < COLUMNS:
            what = f"{len(cells)} columns, and VCF has at least {COLUMNS}"
            raise InputError(what, file=self.name, line=number, fix=_FIX)
        chrom, pos, name, ref, alt = (cell.decode("utf-8", "backslashreplace") for cell in cells[: ALT + 1])
        if not (pos.isascii() and pos.isdecimal()):
            what = f"POS must be a whole number, counted from 1; got {pos[:40]!r}"
            raise InputError(what, file=self.name, line=number)
        alts = tuple(alt.split(","))
        for column, value in (("CHROM", chrom), ("REF", ref), *(("ALT", one) for one in alts)):
            if not value:
                raise InputError(f"an empty {column}", file=self.name, line=number, fix="Write . for none")
        return Variant(number, chrom, int(pos), name, ref.upper(), tuple(map(_upper, alts)), line)

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield the number of each line, from 1, and the line with its end."""
        number, rest = 0, b""
        try:
            for chunk in chunks(self.path):
                if not number and not rest:
                    self._check_kind(chunk)
                *whole, rest = (rest + chunk).split(b"\n")
                for line in whole:
                    number += 1
                    yield number, line + b"\n"
        except EndsEarlyError as error:
            what = f"{error.what} after line {number}"
            raise InputError(what, file=error.file, fix="Copy or download it again") from error
        if rest:
            logger.warning("%s: no newline at the end, the file may be truncated", self.name)
            yield number + 1, rest

    def _check_kind(self, head: bytes) -> None:
        if head.startswith(b"BCF"):
            fix = f"Turn it into text: bcftools view -Oz -o FILE.vcf.gz {self.name}"
            raise InputError("is BCF, the binary form of VCF", file=self.name, fix=fix)
        if head.startswith(BOM) or b"\0" in head[:512]:
            raise InputError(
                "not plain text of VCF", file=self.name, fix="Save it as ASCII or UTF-8 without a mark"
            )

    def _without_header(self) -> InputError:
        return InputError("no line #CHROM, so no header of VCF", file=self.name, fix=_FIX)

    def _no_header(self, number: int, line: bytes) -> InputError:
        found = line[:40].decode("utf-8", "backslashreplace").rstrip()
        what = f"no line #CHROM before the first record: {found!r}"
        return InputError(what, file=self.name, line=number, fix="A VCF file begins with its header")


def _upper(allele: str) -> str:
    """Return bases in upper case; the names of symbolic alleles stay."""
    return allele.upper() if allele.isalpha() else allele
