"""Tables with a sequence in each row: CSV, TSV and Parquet."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from dnaseq.io.compress import stem_and_suffix
from dnaseq.io.delimited import delimited_rows
from dnaseq.io.parquet import SUFFIXES, parquet_rows


class Row(NamedTuple):
    """One sequence of a table, as text."""

    line: int  # counted from 1; in Parquet the number of the row
    id: str
    sequence: str
    label: str


def read_table(
    path: str | Path, sequence_column: str, label_column: str | None, id_column: str | None
) -> Iterator[Row]:
    """The rows of a CSV, TSV or Parquet file, the first two plain or compressed.

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
