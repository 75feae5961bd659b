"""Tables with a sequence in each row: CSV, TSV, Excel and Parquet, and text with columns between blanks."""

import csv
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from dnaseq.errors import InputError
from dnaseq.io.compress import chunks, shown, stem_and_suffix
from dnaseq.io.format_sniffing import is_sequence
from dnaseq.io.reading_options import DEFAULT, Reading, TableColumns
from dnaseq.io.tables import excel
from dnaseq.io.tables.parquet import SUFFIXES, parquet_names, parquet_rows
from dnaseq.io.text import lines, text_chunks, without_comments

BINARY = (*SUFFIXES, *excel.SUFFIXES, *excel.OTHERS)  # suffixes of tables that are no text
TEXTS = (".csv", ".tsv")
_DELIMITERS = "\t;,"
_BLANKS = " "  # one or more of them
_SEPARATOR = re.compile(r'"?sep=(.)"?\s*')  # Excel's own first line, which names the delimiter

logger = logging.getLogger("dnaseq")


class Row(NamedTuple):
    """One sequence of a table, as text."""

    line: int  # counted from 1; in Parquet the number of the row
    id: str
    sequence: str
    label: str
    more: tuple[str, ...] = ()  # cells of the other columns that are wanted


def read_table(
    path: str | Path,
    columns: TableColumns,
    reading: Reading = DEFAULT,
    text: Iterator[bytes] | None = None,
) -> Iterator[Row]:
    """Read the rows of a CSV, TSV, Excel or Parquet file, text plain or compressed; see table_rows() for `text`.

    Without a column of ids they are row1, row2, ...; without one of labels the labels are "". Raises InputError for a
    column that is not there, naming those that are, and for rows that are cut.
    """
    named = {"sequence": columns.sequence, "label": columns.label, "id": columns.id}
    roles = {name: role for role, name in named.items() if name is not None}
    wanted = list(dict.fromkeys([*roles, *columns.more]))  # one column may serve twice
    rows = table_rows(path, wanted, columns.header, reading, roles, text)
    for number, (line, cells) in enumerate(rows, start=1):
        cell = dict(zip(wanted, cells, strict=True))
        name = cell[columns.id] if columns.id is not None else f"row{number}"
        label = cell[columns.label] if columns.label is not None else ""
        yield Row(line, name, cell[columns.sequence], label, tuple(cell[one] for one in columns.more))


def table_rows(
    path: str | Path,
    columns: Sequence[str],
    header: bool | None = True,
    reading: Reading = DEFAULT,
    roles: Mapping[str, str] | None = None,
    text: Iterator[bytes] | None = None,
) -> Iterator[tuple[int, list[str]]]:
    """Yield the line of every row, counted from 1, and its cells of the wanted columns, without blanks around them.

    Names are matched in any case, with a note. `header` says if the first line has names; None: unless one of its
    cells is a sequence. Without names a column is its number; that with the role "sequence" is the one whose first
    cell is a sequence, and "label" the only one that is left. Blank rows are skipped. `text` is that of a table of
    text which is being read already.
    Raises InputError, with the line, for a column that is not there (naming those that are), for a row with more or
    fewer cells than the first line, for bad quoting and for text that is not UTF-8.
    """
    name, suffix = shown(path), stem_and_suffix(path)[1]
    if suffix in SUFFIXES and text is None:
        names = parquet_names(path)
        at = _named(names, columns, roles or {}, name, None)
        yield from parquet_rows(path, [names[i] for i in at])
        return
    if suffix in (*excel.SUFFIXES, *excel.OTHERS) and text is None:
        rows = _of_one_width(excel.excel_rows(path))
    else:
        text = text_chunks(chunks(path, reading), name) if text is None else text
        rows = _delimited_rows(_text_lines(text, name, reading), name, columns, header)
    filled: Iterator[tuple[int, list[str]]] = (row for row in rows if any(cell.strip() for cell in row[1]))
    first_line, first = next(filled, (1, []))
    if not first:
        raise InputError("no column names in the first line", file=name)
    if header is None:
        header = not any(is_sequence(cell.strip().encode()) for cell in first)
    if header:
        at = _named(first, columns, roles or {}, name, first_line)
    else:
        at = _numbered(first, columns, roles or {}, name, first_line)
        filled = chain([(first_line, first)], filled)
    for line, cells in filled:
        if len(cells) != len(first):
            what = f"{len(cells)} cells, but the first line has {len(first)}"
            raise InputError(
                what, file=name, line=line, fix="Put quotes around a cell that holds a delimiter"
            )
        yield line, [cells[i].strip() for i in at]


def _of_one_width(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """Pass rows of a sheet on, which may have empty cells at the end or lack them, each as wide as the first."""
    width = 0
    for line, cells in rows:
        while cells and not cells[-1].strip():
            cells.pop()
        width = width or len(cells)
        yield line, cells + [""] * (width - len(cells))


def _delimited_rows(
    text: Iterator[str], name: str, columns: Sequence[str], header: bool | None
) -> Iterator[tuple[int, list[str]]]:
    """Yield line and cells of every row, names included.

    The delimiter is that of a first line "sep=;", or the one that finds the columns in the first line.
    """
    line, first = next(((i, one) for i, one in enumerate(text, start=1) if one.strip()), (1, ""))
    separator = _SEPARATOR.fullmatch(first)
    if separator:
        line, first = line + 1, next(text, "")
    delimiter = separator[1] if separator else _delimiter(first, [] if header is False else columns)
    text = chain([first], text)
    if delimiter == _BLANKS:
        yield from ((number, one.split()) for number, one in enumerate(text, start=line))
        return
    # the limit of 131,072 characters is shorter than many a sequence; it is one number for the whole process
    csv.field_size_limit(max(csv.field_size_limit(), DEFAULT.max_length))
    rows = csv.reader(text, delimiter=delimiter, strict=True)
    while True:
        at = line + rows.line_num  # a quoted cell may take several lines: this is the first of them
        try:
            row = next(rows, None)
        except csv.Error as error:
            raise InputError(f"not readable as a table ({error})", file=name, line=at) from error
        if row is None:
            return
        yield at, row


def _text_lines(text: Iterator[bytes], name: str, reading: Reading) -> Iterator[str]:
    if reading.comments == "skip":
        text = without_comments(text)
    for number, line in enumerate(lines(text), start=1):
        try:
            yield line.decode() + "\n"
        except UnicodeDecodeError as error:
            raise InputError("not UTF-8 text", file=name, line=number, fix="Save it as UTF-8") from error


def _delimiter(first: str, columns: Sequence[str]) -> str:
    """Choose the delimiter that finds most of the columns, and among equals splits the line into most cells."""
    wanted = {column.lower() for column in columns}
    split = {d: [cell.strip() for cell in next(csv.reader([first], delimiter=d))] for d in _DELIMITERS}
    found = {d: (len(wanted & {cell.lower() for cell in cells}), len(cells)) for d, cells in split.items()}
    best = max(_DELIMITERS, key=lambda d: found[d])
    is_one_cell = found[best][1] == 1 and first.strip() not in columns
    return _BLANKS if is_one_cell and len(first.split()) > 1 and not is_sequence(first.encode()) else best


def is_first_line(line: bytes, columns: TableColumns) -> bool:
    """Recognise the first line of a table: it has the name of a column, or one of several cells is a sequence."""
    text = line.decode("utf-8", "replace").strip().lower()
    delimiter = _delimiter(text, [columns.sequence])
    cells = text.split() if delimiter == _BLANKS else next(csv.reader([text], delimiter=delimiter), [])
    names = [cell.strip() for cell in cells]
    is_cell = len(names) > 1 and any(is_sequence(name.encode()) for name in names)
    is_name = not {columns.sequence.lower(), "sequence", "label"}.isdisjoint(names)
    return is_cell or is_name or bool(_SEPARATOR.fullmatch(text))


def _named(
    cells: list[str], columns: Sequence[str], roles: Mapping[str, str], file: str, line: int | None
) -> list[int]:
    """Return the index of every column in a line of names."""
    names = [cell.strip() for cell in cells]
    found = []
    for column in columns:
        alike = [name for name in names if name == column] or [
            name for name in names if name.lower() == column.lower()
        ]
        if len(alike) != 1:
            what = (
                f"{'more than one' if alike else 'no'} column {column!r}; the columns are {', '.join(names)}"
            )
            raise InputError(what, file=file, line=line, fix=_fix(column, roles))
        if alike[0] != column:
            logger.info("note: %s: column %r is read as %r", file, alike[0], column)
        found.append(names.index(alike[0]))
    return found


def _fix(column: str, roles: Mapping[str, str]) -> str:
    """Return the key that names a column."""
    role = roles.get(column)
    numbered = ", or data.id= to number the rows" if role == "id" and "sequence" in roles.values() else ""
    return f"Set data.{role}=COLUMN{numbered}" if role else "Choose another column"


def _numbered(
    cells: list[str], columns: Sequence[str], roles: Mapping[str, str], file: str, line: int
) -> list[int]:
    """Return the index of every column of a table without names, whose first row is given."""
    found: dict[str, int] = {}
    for column in columns:
        if column.isdecimal() and 1 <= int(column) <= len(cells):
            found[column] = int(column) - 1
    for column in (one for one in columns if one not in found):
        sequences = [i for i, cell in enumerate(cells) if is_sequence(cell.strip().encode())]
        left = [i for i in range(len(cells)) if i not in (*sequences, *found.values())]
        candidates = {"sequence": sequences, "label": left}.get(roles.get(column, ""), [])
        if len(candidates) != 1 or column.isdecimal():
            what = f"no line of column names, so column {column!r} is not known"
            fix = f"{_fix(column, roles)}, a number from 1 to {len(cells)}; data.header=true if it has names"
            raise InputError(what, file=file, line=line, fix=fix)
        found[column] = candidates[0]
    said = ", ".join(
        f"column {found[column] + 1} is {column}" for column in columns if not column.isdecimal()
    )
    logger.info("note: %s: no line of column names%s", file, said and f"; {said}")
    return [found[column] for column in columns]
