"""GFF3, GTF and BED files to the intervals on each sequence."""

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dnaseq.errors import InputError
from dnaseq.io.compress import chunks, shown, stem_and_suffix
from dnaseq.io.genome.bed import cell_text, parse_position, parse_strand
from dnaseq.io.text import lines, text_chunks

_GFF_COLUMNS = 9
_BED_COLUMNS = 3  # the least
_SKIPPED = re.compile(rb"#|track\s|browser\s|\s*$")
_ENDS = (b"##FASTA", b">")  # GFF3 may carry its sequences after the features
_BED = re.compile(rb"\S+\s+\d+\s+\d+(\s|$)")
_BLOCKS = (rb"\d+", rb"\d+(,\d+)*,?", rb"\d+(,\d+)*,?")  # columns 10 to 12 of BED12: number, lengths, starts
_NAMED = 10  # types that an error lists

logger = logging.getLogger("dnaseq")


class Features(NamedTuple):
    """n features of one sequence, sorted by start and end. Positions count from 0, the end is not included."""

    starts: np.ndarray  # (n,) int64
    ends: np.ndarray  # (n,) int64
    strands: np.ndarray  # (n,) int8: 1 forward, -1 reverse, 0 where the file gives none
    lines: np.ndarray  # (n,) int64 line of each in its file, counted from 1
    circular: bool = False  # True: a feature that ends beyond the sequence continues at its beginning


class _Row(NamedTuple):
    sequence: bytes
    type: str
    start: int
    end: int
    strand: int
    circular: bool = False


def read_features(path: str | Path, feature_type: str | None = None) -> dict[str, Features]:
    """Read the features of one type (None: of all types) on each sequence in a plain or compressed file.

    The suffix sets the format (.gff, .gff3, .gtf or .bed), or else the first line does. BED has no types: all its
    lines count, and of BED12 each block of a line. A first line of column names is skipped, with a note. Sequences
    without such features are left out. Circular sequences are those marked so in GFF3 (Is_circular=true, GFF3
    specification 1.26).

    Raises InputError, with the line, for too few or too many columns, for positions that are no numbers, lie before
    the sequence or end before they start, for blocks that do not fit their line, and for a strand that is none; and
    where no feature is of the type.
    """
    name = shown(path)
    rows: dict[bytes, list[tuple[int, int, int, int]]] = {}
    types: Counter[str] = Counter()
    circular: set[bytes] = set()
    for line, row in _numbered_rows(path, name):
        types[row.type] += 1
        if row.circular:
            circular.add(row.sequence)
        if feature_type in (None, row.type) or not row.type:
            rows.setdefault(row.sequence, []).append((row.start, row.end, row.strand, line))
    if not rows:
        raise _nothing(types, feature_type, name)
    return {cell_text(key): _sorted(found, key in circular) for key, found in rows.items()}


def _numbered_rows(path: str | Path, name: str) -> Iterator[tuple[int, _Row]]:
    """Yield line and content of every feature."""
    parsed = _PARSERS.get(stem_and_suffix(path)[1])
    is_first, in_blocks = True, 0
    for line, text in enumerate(lines(text_chunks(chunks(path), name, warn=logger.warning)), start=1):
        if text.startswith(_ENDS):
            break
        if _SKIPPED.match(text):
            continue
        if is_first and _names_columns(text):
            logger.info("note: %s: line %d has the names of columns and is skipped", name, line)
            continue
        is_first = False
        parsed = parsed or (_bed_rows if _BED.match(text) else _gff_row)
        try:
            rows = parsed(text)
        except ValueError as error:
            raise InputError(str(error), file=name, line=line) from None
        in_blocks += len(rows) > 1
        yield from ((line, row) for row in rows)
    if in_blocks:
        what = "of %d lines with several blocks (BED12) the blocks are used, not the bases between them"
        logger.info(f"note: %s: {what}", name, in_blocks)


def _names_columns(text: bytes) -> bool:
    """Recognise the names of columns: words without digits where the positions of BED or GFF are due."""
    cells = text.split()
    known = 5 if text.count(b"\t") == _GFF_COLUMNS - 1 else _BED_COLUMNS  # up to the end of the feature
    return len(cells) >= known and not re.search(rb"\d", b"".join(cells[:known]))


def _gff_row(text: bytes) -> list[_Row]:
    """Parse a line of GFF, whose positions count from 1 and include the end."""
    cells = text.split(b"\t")
    if len(cells) != _GFF_COLUMNS:
        raise ValueError(f"{len(cells)} columns between tabs, but GFF has {_GFF_COLUMNS}")
    start, end = parse_position(cells[3]), parse_position(cells[4])
    if start < 1:
        raise ValueError("start 0, but GFF counts from 1")
    if start > end:
        raise ValueError(f"start {start} is after end {end}")
    circular = b"Is_circular=true" in cells[8].split(b";")
    return [_Row(cells[0], cell_text(cells[2]), start - 1, end, parse_strand(cells[6]), circular)]


def _bed_rows(text: bytes) -> list[_Row]:
    """Parse a line of BED, whose positions count from 0 without the end: start = end is between two bases."""
    cells = text.split(b"\t") if b"\t" in text else text.split()
    if len(cells) < _BED_COLUMNS:
        raise ValueError(f"{len(cells)} columns, but BED has at least {_BED_COLUMNS}")
    start, end = parse_position(cells[1]), parse_position(cells[2])
    if start > end:
        raise ValueError(f"start {start} is after end {end}")
    strand = parse_strand(cells[5] if len(cells) > 5 else b".")
    return [_Row(cells[0], "", *place, strand) for place in _blocks(cells[9:12], start, end)]


def _blocks(cells: list[bytes], start: int, end: int) -> list[tuple[int, int]]:
    """List start and end of the blocks of a line from `start` to `end`; of one without blocks, the line itself.

    `cells` are columns 10 to 12; in formats like narrowPeak they hold other things than blocks.
    """
    if len(cells) < 3 or not all(re.fullmatch(*pair) for pair in zip(_BLOCKS, cells, strict=True)):
        return [(start, end)]
    count = int(cells[0])
    lengths, begins = ([parse_position(one) for one in cell.split(b",") if one] for cell in cells[1:])
    if not count == len(lengths) == len(begins):
        raise ValueError(f"{count} blocks with {len(lengths)} lengths and {len(begins)} starts")
    found = [(start + at, start + at + length) for at, length in zip(begins, lengths, strict=True)]
    if beyond := [stop for _, stop in found if stop > end]:
        raise ValueError(f"a block ends at {beyond[0]}, after the end {end} of its line")
    return found


_PARSERS: dict[str, Callable[[bytes], list[_Row]]] = {
    ".gff": _gff_row,
    ".gff3": _gff_row,
    ".gtf": _gff_row,
    ".bed": _bed_rows,
}


def _sorted(rows: list[tuple[int, int, int, int]], circular: bool) -> Features:
    starts, ends, strands, at = np.array(sorted(rows), dtype=np.int64).T
    return Features(starts, ends, strands.astype(np.int8), at, circular)


def _nothing(types: Counter, wanted: str | None, name: str) -> InputError:
    if not types:
        return InputError("no features", file=name)
    there = ", ".join(f"{kind} ({count:,})" for kind, count in types.most_common(_NAMED))
    more = ", ..." if len(types) > _NAMED else ""
    return InputError(f"no feature of type {wanted!r}; there are {there}{more}", file=name)
