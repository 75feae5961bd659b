"""Tables with a sequence in each row: CSV, TSV and Parquet."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from dnaseq.errors import InputError
from dnaseq.io.compress import chunks, shown, stem_and_suffix
from dnaseq.io.reading_options import DEFAULT
from dnaseq.io.tables.parquet import SUFFIXES, parquet_rows
from dnaseq.io.text import lines, text_chunks

_DELIMITERS = "\t;,"


def delimited_rows(path: str | Path, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the line of every row, counted from 1, and its cells of the wanted columns, without blanks around them.

    The delimiter, tab, ";" or ",", is the one that finds the columns in the first line; blank rows are skipped.
    Raises InputError, with the line, for a column that is not there (naming those that are), for a row with
    more or fewer cells than the first line, for bad quoting and for text that is not UTF-8.
    """
    name = shown(path)
    text = _text_lines(path, name)
    header = next(text, "")
    if not header.strip():
        raise InputError("no column names in the first line", file=name)
    delimiter, names = _delimiter_and_names(header, columns)
    at = [_index(names, column, name) for column in columns]
    # the limit of 131,072 characters is shorter than many a sequence; it is one number for the whole process
    csv.field_size_limit(max(csv.field_size_limit(), DEFAULT.max_length))
    rows = csv.reader(text, delimiter=delimiter, strict=True)
    while True:
        line = rows.line_num + 2  # a quoted cell may take several lines: this is the first of them
        try:
            row = next(rows, None)
        except csv.Error as error:
            raise InputError(f"not readable as a table ({error})", file=name, line=line) from error
        if row is None:
            return
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(names):
            what = f"{len(row)} cells, but the first line has {len(names)}"
            raise InputError(what, file=name, line=line)
        yield line, [row[i].strip() for i in at]


def _text_lines(path: str | Path, name: str) -> Iterator[str]:
    for number, line in enumerate(lines(text_chunks(chunks(path), name)), start=1):
        try:
            yield line.decode() + "\n"
        except UnicodeDecodeError as error:
            raise InputError("not UTF-8 text", file=name, line=number, fix="Save it as UTF-8") from error


def _delimiter_and_names(header: str, columns: Sequence[str]) -> tuple[str, list[str]]:
    """Choose the delimiter that finds most of the columns, and among equals splits the line into most cells."""
    split = {d: [cell.strip() for cell in next(csv.reader([header], delimiter=d))] for d in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda d: (len(set(columns) & set(split[d])), len(split[d])))
    return best, split[best]


def _index(names: list[str], column: str, file: str) -> int:
    if names.count(column) != 1:
        what = "no" if column not in names else "more than one"
        there = ", ".join(names)
        raise InputError(f"{what} column {column!r}; the columns are {there}", file=file, line=1)
    return names.index(column)


class Row(NamedTuple):
    """One sequence of a table, as text."""

    line: int  # counted from 1; in Parquet the number of the row
    id: str
    sequence: str
    label: str


def read_table(
    path: str | Path, sequence_column: str, label_column: str | None, id_column: str | None
) -> Iterator[Row]:
    """Read the rows of a CSV, TSV or Parquet file, the first two plain or compressed.

    Without an `id_column` the ids are row1, row2, ...; without a `label_column` the labels are "". Raises
    InputError for a column that is not there, naming those that are, and for rows that are cut.
    """
    wanted = [name for name in (sequence_column, label_column, id_column) if name is not None]
    columns = list(dict.fromkeys(wanted))  # one column may serve twice
    rows = parquet_rows if stem_and_suffix(path)[1] in SUFFIXES else delimited_rows
    for number, (line, cells) in enumerate(rows(path, columns), start=1):
        cell = dict(zip(columns, cells, strict=True))
        label = cell[label_column] if label_column is not None else ""
        yield Row(
            line, cell[id_column] if id_column is not None else f"row{number}", cell[sequence_column], label
        )
