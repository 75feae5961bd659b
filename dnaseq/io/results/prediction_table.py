"""Predictions as a table in memory, which pandas, polars, DuckDB and others take without a file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from dnaseq.io.results.rows import PLACE, SHARES, Layout, Rows, columns_of, types_of
from dnaseq.io.tables.parquet import arrow_stream

NOTE = "note"
SHOWN = 10  # rows in a notebook


@dataclass(frozen=True)
class PredictionTable:
    """The columns of `dnaseq predict` by name: id, length, label, score, p_<class> ..., status, note; of windows start
    and end too. A cell without a value is None.

    Whatever reads Arrow's C stream interface takes it: pandas.DataFrame.from_arrow(table), polars.DataFrame(table),
    pyarrow.table(table), and DuckDB in a query that names it.
    """

    columns: dict[str, list]
    types: dict[str, str]  # Arrow's names

    def __len__(self) -> int:
        return len(self.columns["id"])

    def __iter__(self) -> Iterator[dict[str, object]]:
        """Yield each row as column -> cell."""
        names = list(self.columns)
        return (dict(zip(names, row, strict=True)) for row in zip(*self.columns.values(), strict=True))

    def __repr__(self) -> str:
        return f"<{len(self)} predictions: {', '.join(self.columns)}>"

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Give the table to a library that reads Arrow. Raises ConfigError without pyarrow."""
        return arrow_stream(self.columns, self.types, requested_schema)

    def _repr_html_(self) -> str:
        """Draw the first rows in a notebook."""
        head = "".join(f"<th>{escape(name)}</th>" for name in self.columns)
        rows = list(zip(*(cells[:SHOWN] for cells in self.columns.values()), strict=True))
        cells = ["".join(f"<td>{escape(_shown(cell))}</td>" for cell in row) for row in rows]
        more = f"<p>{len(self):,} rows, the first {len(rows)} of them</p>" if len(self) > len(rows) else ""
        body = "".join(f"<tr>{row}</tr>" for row in cells)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def prediction_table(
    blocks: Iterable[Rows], numbers: Iterable[str], has_places: bool, prefix: str = SHARES
) -> PredictionTable:
    """Join rows to one table; `numbers` are the classes, labels or targets that have a column, and `has_places` says
    that rows are windows."""
    layout = Layout(tuple(numbers), (*(PLACE if has_places else ()), NOTE), prefix)
    columns: dict[str, list] = {name: [] for name in layout.names}
    for rows in blocks:
        extra: dict[str, list] = {NOTE: [note or None for note in rows.notes]}
        if rows.starts is not None:
            extra = dict(zip(PLACE, _places(rows), strict=True)) | extra
        for name, cells in columns_of(layout, rows._replace(extra=extra)).items():
            columns[name] += cells
    return PredictionTable(columns, types_of(layout))


def _places(rows: Rows) -> tuple[list, list]:
    """Return the first base and the one after the last of each window, None where the record is rejected."""
    assert rows.starts is not None
    pairs = list(zip(rows.starts.tolist(), rows.lengths.tolist(), strict=True))
    starts = [None if start < 0 else start for start, _ in pairs]
    return starts, [None if start < 0 else start + length for start, length in pairs]


def _shown(cell: object) -> str:
    return "" if cell is None else f"{cell:.4g}" if isinstance(cell, float) else str(cell)
