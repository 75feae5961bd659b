"""BED, narrowPeak and broadPeak files to regions of a genome. Positions count from 0, the end is not included."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dnaseq.errors import InputError
from dnaseq.io.compress import chunks, shown, stem_and_suffix
from dnaseq.io.text import lines, text_chunks

NO_SUMMIT = -1
_COLUMNS = 3  # the least
_MOST_DIGITS = 18  # more do not fit into 64 bits
_STRANDS = {b"+": 1, b"-": -1, b".": 0, b"?": 0, b"": 0}
_SKIPPED = re.compile(rb"track\s|browser\s|\s*$")
_PEAKS = (".narrowpeak", ".broadpeak", ".gappedpeak")
_SIGNAL, _SUMMIT = 6, 9  # columns of narrowPeak, counted from 0

logger = logging.getLogger("dnaseq")


class Regions(NamedTuple):
    """n regions of one file, in its order."""

    contigs: list[str]
    starts: np.ndarray  # (n,) int64
    ends: np.ndarray  # (n,) int64, a region of no bases ends where it starts
    strands: np.ndarray  # (n,) int8: 1 forward, -1 reverse, 0 where the file gives none
    scores: np.ndarray  # (n,) float64: signal of a peak, or else the score; NaN where there is no number
    summits: np.ndarray  # (n,) int64: position of the summit, or NO_SUMMIT
    labels: list[str]  # cells of the column of labels; "" without one
    lines: np.ndarray  # (n,) int64 line in the file, counted from 1
    path: str = ""


class _Row(NamedTuple):
    contig: bytes
    start: int
    end: int
    strand: int
    score: float
    summit: int
    label: bytes


def read_regions(path: str | Path, label: int | str | None = None) -> Regions:
    """Read a plain or compressed file of regions; `label` is the name or the number (from 1) of a column of labels.

    A line of column names is the first line without positions, or one that begins with `#chr`. Of BED12 the whole
    region counts, not its blocks. Raises InputError, with the line, for too few columns, for positions that are no
    numbers or end before they start, for a strand that is none, for a summit outside its region, and where the column
    of labels is missing or empty; and for a file without regions.
    """
    name = shown(path)
    is_peaks = stem_and_suffix(path)[1] in _PEAKS
    names: list[bytes] = []
    rows: list[_Row] = []
    numbers: list[int] = []
    for number, cells in _numbered_cells(path, name):
        if not rows and not names and is_header(cells):
            names = [cells[0].removeprefix(b"#"), *cells[1:]]
            continue
        if cells[0].startswith(b"#"):
            continue
        try:
            rows.append(_row(cells, is_peaks, _label_column(label, names)))
        except ValueError as error:
            raise InputError(str(error), file=name, line=number) from None
        numbers.append(number)
    if not rows:
        raise InputError("no regions", file=name, fix="A line of BED is: contig, start, end")
    return _joined(rows, numbers, str(path))


def _numbered_cells(path: str | Path, name: str) -> Iterator[tuple[int, list[bytes]]]:
    for number, text in enumerate(lines(text_chunks(chunks(path), name, warn=logger.warning)), start=1):
        if not _SKIPPED.match(text):
            yield number, [cell.strip() for cell in (text.split(b"\t") if b"\t" in text else text.split())]


def is_header(cells: list[bytes]) -> bool:
    """Recognise the names of columns: words without digits where positions are due."""
    if cells[0].startswith(b"#"):
        return cells[0].lower().lstrip(b"# ").startswith(b"chr") and len(cells) >= _COLUMNS
    return len(cells) >= _COLUMNS and not re.search(rb"\d", b"".join(cells[:_COLUMNS]))


def _label_column(label: int | str | None, names: list[bytes]) -> int | None:
    """Return the index of the column of labels. Raises ValueError for a name that no column has."""
    if label is None:
        return None
    name = str(label)
    if name.encode() in names:
        return names.index(name.encode())
    if name.isdigit() and int(name):
        return int(name) - 1
    there = b", ".join(names).decode("utf-8", "backslashreplace") or "none, give the number of the column"
    raise ValueError(f"no column is named {label!r} (names of columns: {there})")


def _row(cells: list[bytes], is_peaks: bool, label: int | None) -> _Row:
    if len(cells) < _COLUMNS:
        raise ValueError(f"{len(cells)} columns, but BED has at least {_COLUMNS}: contig, start, end")
    start, end = parse_position(cells[1]), parse_position(cells[2])
    if start > end:
        raise ValueError(f"start {start} is after end {end}")
    if not cells[0]:
        raise ValueError("no name of a contig in column 1")
    strand = parse_strand(cells[5]) if len(cells) > 5 else 0
    summit = _summit(cells, start, end)
    scored = _SIGNAL if (is_peaks or summit != NO_SUMMIT) and len(cells) > _SIGNAL else 4
    score = _number(cells[scored]) if len(cells) > scored else np.nan
    text = b""
    if label is not None:
        if len(cells) <= label or not cells[label]:
            raise ValueError(f"no label in column {label + 1}")
        text = cells[label]
    return _Row(cells[0], start, end, strand, score, summit, text)


def _summit(cells: list[bytes], start: int, end: int) -> int:
    """Return the position of the summit of a line of narrowPeak: ten columns, of which 7 to 10 are numbers."""
    if len(cells) != _SUMMIT + 1 or np.isnan([_number(cell) for cell in cells[_SIGNAL:]]).any():
        return NO_SUMMIT
    if cells[_SUMMIT] == b"-1":
        return NO_SUMMIT
    offset = parse_position(cells[_SUMMIT])
    if offset >= max(end - start, 1):
        raise ValueError(f"the summit, {offset} bases from the start, is not in the region of {end - start}")
    return start + offset


def _number(cell: bytes) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def parse_position(cell: bytes) -> int:
    """Read a position. Raises ValueError for what is no whole number."""
    if not cell.isdigit() or len(cell) > _MOST_DIGITS:
        raise ValueError(
            f"{cell_text(cell)!r} is not a position. Write positions as whole numbers, such as 100"
        )
    return int(cell)


def parse_strand(cell: bytes) -> int:
    """Read a strand: 1 for +, -1 for -, 0 for none. Raises ValueError for anything else."""
    if cell not in _STRANDS:
        raise ValueError(f"{cell_text(cell)!r} is not a strand (+, - or .)")
    return _STRANDS[cell]


def cell_text(cell: bytes) -> str:
    """Decode a cell; bytes that are not UTF-8 become \\xNN."""
    return cell.decode("utf-8", "backslashreplace")


def _joined(rows: list[_Row], numbers: list[int], path: str) -> Regions:
    contigs, starts, ends, strands, scores, summits, labels = zip(*rows, strict=True)
    texts = {cell: cell_text(cell) for cell in {*contigs, *labels}}  # one text for all that are equal
    return Regions(
        [texts[one] for one in contigs],
        np.array(starts, dtype=np.int64),
        np.array(ends, dtype=np.int64),
        np.array(strands, dtype=np.int8),
        np.array(scores, dtype=np.float64),
        np.array(summits, dtype=np.int64),
        [texts[one] for one in labels],
        np.array(numbers, dtype=np.int64),
        path,
    )
