"""Settings for reading sequence files."""

import re
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from dnaseq.errors import ConfigError

CHOICES = {
    "bad_records": ("fail", "keep"),
    "gaps": ("fail", "drop"),
    "unknown": ("fail", "N"),
    "words": ("fail", "join"),
    "comments": ("fail", "skip"),
    "format": ("auto", "fasta", "fastq", "genbank", "embl", "2bit", "lines", "raw"),
}
FIRST_WORD, HEADER = "first_word", "header"  # the parts of a header that can be an id, beside a pattern


@cache
def compile_pattern(text: str, key: str, example: str) -> re.Pattern[bytes]:
    """Compile a regular expression for headers, in bytes. Raises ConfigError unless it has exactly one group."""
    try:
        pattern = re.compile(text.encode())
    except re.error as error:
        raise ConfigError(f"{key}: {text!r} is not a regular expression: {error}") from error
    if pattern.groups != 1:
        raise ConfigError(f"{key} must have exactly one group, as in {example!r}; got {text!r}")
    return pattern


def find_group(header: bytes, pattern: re.Pattern[bytes]) -> bytes:
    """Find the group of the pattern in a header; empty where there is none."""
    found = pattern.search(header)
    return (found.group(1) or b"") if found else b""


def id_of(header: bytes, id_from: str) -> bytes:
    """Take the id from a header: its first word, all of it, or the group of a pattern. Empty where there is none."""
    if id_from == FIRST_WORD:
        return b"".join(header.split(None, 1)[:1])
    if id_from == HEADER:
        return header
    return find_group(header, compile_pattern(id_from, "reading.id", r"\|(\w+)\|")).strip()


class TableColumns(NamedTuple):
    """The columns of a table: their names, or their numbers from 1 where the first line has no names."""

    sequence: str = "sequence"
    label: str | None = None
    id: str | None = None  # None: rows are numbered
    more: tuple[str, ...] = ()  # others whose cells are wanted
    header: bool | None = None  # the first line has names; None: unless it has a sequence


class RegionGenome(NamedTuple):
    """The genome that regions are cut out of, and the map from the names of their contigs, as chrom_map= gives it."""

    path: str
    chrom_map: str | None = None


@dataclass(frozen=True)
class Reading:
    """Settings of every reader. Raises ConfigError, naming the key, for a value out of range.

    `bad_records="fail"` stops at the first record that cannot be used; "keep" leaves it in its block, without
    codes and with the reason in `rejected`. A file is an error either way where the next record cannot be found.
    """

    allow_missing_eof: bool = False  # accept BGZF without its end marker
    max_length: int = 50_000_000  # bases in one record
    expect_records: int | None = None  # over all inputs together
    bad_records: str = "fail"
    gaps: str = "fail"  # drop: leave out - and .
    unknown: str = "fail"  # N: read X and I as N, and leave out a * at the end
    comments: str = "fail"  # skip: leave out lines of FASTA and tables that begin with ; or #
    words: str = "fail"  # join: join overlapping k-mers that are parted by blanks
    format: str = "auto"
    id: str = FIRST_WORD  # of a header, or HEADER, or a pattern with one group
    table: TableColumns | None = None  # columns of tables; None: tables are refused
    keep: tuple[str, ...] = ()  # columns of tables that go along with their records
    genome: RegionGenome | None = None  # of files that are regions in BED; None: files have sequences

    def __post_init__(self) -> None:
        if self.max_length < 1:
            raise ConfigError(f"reading.max_length must be at least 1; got {self.max_length}")
        if self.expect_records is not None and self.expect_records < 1:
            raise ConfigError(f"reading.expect_records must be at least 1; got {self.expect_records}")
        if not isinstance(self.table, TableColumns | None) or not isinstance(self.keep, tuple):
            raise ConfigError("reading.table and reading.keep cannot be set. Use data.sequence= and keep=")
        for key, allowed in CHOICES.items():
            if (value := getattr(self, key)) not in allowed:
                raise ConfigError(f"reading.{key} must be one of {', '.join(allowed)}; got {value!r}")
        if re.fullmatch(r"\w*", str(self.id)) and self.id not in (FIRST_WORD, HEADER):
            what = f"{FIRST_WORD}, {HEADER}, or a pattern with one group"
            raise ConfigError(f"reading.id must be {what}; got {self.id!r}")
        id_of(b"", self.id)


DEFAULT = Reading()
