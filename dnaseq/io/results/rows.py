"""Prediction rows to files and back: id, length, label, score, p_<class> ..., status, and extra columns.

Rows of predicted numbers are id, length, value_<target> ..., status.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from dnaseq.errors import ConfigError, InputError
from dnaseq.io.compress import chunks, shown
from dnaseq.io.results.table_files import INCOMPLETE, Table, find_suffix, open_table
from dnaseq.io.text import lines

OK = "ok"
PLACE = ("start", "end")  # columns of windows: the first base and the one after the last, 0-based
SUFFIXES = (".tsv", ".tsv.gz", ".csv", ".csv.gz", ".jsonl", ".jsonl.gz", ".bed", ".bed.gz", ".parquet")
_LINES = 1 << 14  # that are taken apart at a time
SHARES, VALUES = (
    "p_",
    "value_",
)  # prefixes of the columns of numbers; beside values there is no label and no score
_TYPES = {
    "id": "string", "length": "int64", "label": "string", "score": "double", "status": "string", "note": "string",
    "start": "int64", "end": "int64",
}  # fmt: skip


class Rows(NamedTuple):
    """One row a record, in input order. `notes` are written where they are also a column of `extra`.

    Label sets: a label is the names joined by ";", "-" for none, and the score is the mean probability of the
    decisions, one for each name.
    Labelled bases: a label has a letter for every base, the score is the mean probability of the letters, and there
    are no columns of probabilities (C = 0).
    Predicted numbers: `probabilities` holds the numbers, no row has a label, and scores are NaN.
    Windows: `starts` is (n,) the first base of each in its record, 0-based, or -1 where the record is rejected.
    """

    ids: list[str]
    lengths: np.ndarray  # (n,) bases
    labels: list[str]  # "" where rejected, or without a prediction
    scores: np.ndarray  # (n,) float64, probability of the label; NaN where rejected
    probabilities: np.ndarray  # (n, C) float64, or (n, T) values; NaN where rejected
    statuses: list[str]  # "ok" or "rejected:<reason>"
    extra: dict[str, list] = {}  # noqa: RUF012 (it is never changed): more columns, at the end
    notes: list[str] = []  # noqa: RUF012 (nor is this): "" where there is nothing; none of rows from a file
    bases: list | None = None  # of labelled bases: (L, C) float32 probabilities a record, None where rejected
    starts: np.ndarray | None = None
    kept: Sequence[
        tuple[str, ...]
    ] = ()  # cells of each record's other columns in its table; none of rows from a file


Formed = TypeVar("Formed", bytes, dict[str, list])


class RowWriter(Generic[Formed]):
    """A writer of rows into an open file.

    `form` turns rows into the argument of append(). It is most of the work, so that another process may do it.
    """

    def __init__(self, form: Callable[[Rows], Formed], append: Callable[[Formed], object]):
        self.form: Callable[[Rows], Formed] = form
        self.append: Callable[[Formed], object] = append

    def write(self, rows: Rows) -> None:
        """Append rows. Raises ValueError for rows that do not fit together, or are "ok" without a probability."""
        self.append(self.form(rows))


class Layout(NamedTuple):
    """The columns of a table of predictions."""

    numbers: tuple[str, ...]  # the names of classes, labels or targets that have a column
    extra: tuple[str, ...] = ()
    prefix: str = SHARES

    @property
    def first(self) -> list[str]:
        """Return the columns before the numbers."""
        return ["id", "length", *(["label", "score"] if self.prefix == SHARES else [])]

    @property
    def names(self) -> list[str]:
        return [*self.first, *(f"{self.prefix}{name}" for name in self.numbers), "status", *self.extra]


def open_rows(
    output: str, classes: Sequence[str], overwrite: bool, extra: tuple[str, ...] = (), prefix: str = SHARES
) -> AbstractContextManager[RowWriter]:
    """Open a writer of rows in a context manager; the file has its name only after the end, as in atomic_file.

    `classes` (or labels, or targets) have a column of numbers each, with a name that begins with `prefix`.

    The suffix of `output` sets the format, SUFFIXES; the same rows are always the same bytes. "-" is TSV on
    standard output: there an error leaves "#INCOMPLETE" as the last line if rows were written before, and a
    closed pipe is a BrokenPipeError. Raises ConfigError for another suffix and for a file that exists.
    """
    layout = Layout(tuple(classes), tuple(extra), prefix)
    if len(set(layout.names)) != len(layout.names):
        raise ValueError(f"two columns of one name in {layout.names}")
    suffix = find_suffix(output, SUFFIXES)
    if suffix.startswith(".bed") and layout.prefix != SHARES:
        what = "a BED file has windows with a label"
        raise ConfigError(f"{Path(output).name}: {what}. Let the name end in .tsv")
    return _opened(output, suffix, layout, overwrite)


@contextmanager
def _opened(output: str, suffix: str, layout: Layout, overwrite: bool) -> Iterator[RowWriter]:
    with open_table(output, suffix, Table(tuple(layout.names), types_of(layout)), overwrite) as writer:
        yield RowWriter(partial(_form, layout, writer.form), writer.append)


def types_of(layout: Layout) -> dict[str, str]:
    """Return Arrow's name for the type of each column."""
    return _TYPES | dict.fromkeys((f"{layout.prefix}{name}" for name in layout.numbers), "double")


def _form(layout: Layout, form: Callable[[dict[str, list]], Formed], rows: Rows) -> Formed:
    return form(columns_of(layout, rows))


def columns_of(layout: Layout, rows: Rows) -> dict[str, list]:
    """Return the columns of rows as lists, in order, with None where a record has no value."""
    rejected = np.array([status != OK for status in rows.statuses], dtype=bool)
    if rows.probabilities.shape != (len(rows.ids), len(layout.numbers)) or tuple(rows.extra) != layout.extra:
        raise ValueError(
            f"rows of {rows.probabilities.shape} probabilities and {list(rows.extra)}"
            f" where {len(rows.ids)} rows, {len(layout.numbers)} classes and {list(layout.extra)} are due"
        )
    answer = [[label or None for label in rows.labels] if "" in rows.labels else rows.labels]
    numbers = [*np.asarray(rows.probabilities, dtype=np.float64).T]
    if layout.prefix == SHARES:
        numbers.insert(0, np.asarray(rows.scores, dtype=np.float64))
    else:
        answer = []
    if not all(np.isfinite(column[~rejected]).all() for column in numbers):
        raise ValueError("a row is ok and has a probability that is no finite number")
    answer += [column.tolist() for column in numbers]
    if rejected.any():
        answer = [[None if r else cell for r, cell in zip(rejected, c, strict=True)] for c in answer]
    columns = [rows.ids, np.asarray(rows.lengths).tolist(), *answer, rows.statuses, *rows.extra.values()]
    return dict(zip(layout.names, columns, strict=True))


def read_rows(path: str | Path) -> tuple[list[str], Rows]:
    """Read the classes (or labels, or targets) and the rows of a TSV file from open_rows, plain or compressed; extra
    columns as text.

    Control characters in ids stay escaped. Raises InputError, with the line, for anything else.
    """
    text = (line.decode("utf-8", "backslashreplace") for line in lines(chunks(path)))
    names = next(text, "").split("\t")
    n_first = names.index("status") if "status" in names else 0
    layout = _layout(names[:n_first])
    if names[: n_first + 1] != layout.names:
        raise InputError("not a table of predictions", file=shown(path), line=1)
    layout = layout._replace(extra=tuple(names[n_first + 1 :]))
    # columns in which many rows have equal cells, so that one text serves for all
    equal = [i for i, name in enumerate(names) if name in ("label", "status", *layout.extra)]
    blocks: list[Rows] = []
    line, shared = 2, dict[str, str]()
    while rows := list(islice(text, _LINES)):
        _check_cells(rows, len(names), line, path)
        cells = "\t".join(rows).split("\t")
        columns = [cells[i :: len(names)] for i in range(len(names))]
        for i in equal:
            columns[i] = [shared.setdefault(cell, cell) for cell in columns[i]]
        blocks.append(_rows(columns, layout, path))
        line += len(rows)
    return list(layout.numbers), join_rows(blocks or [_rows([[] for _ in names], layout, path)])


def _check_cells(rows: list[str], n: int, line: int, path: str | Path) -> None:
    """Raise InputError for the first of the rows, which begin at `line`, that has not n cells."""
    for number, row in enumerate(rows, start=line):
        if row == INCOMPLETE:
            raise InputError("predictions are incomplete", file=shown(path), line=number)
        if row.count("\t") != n - 1:
            what = f"{row.count(chr(9)) + 1} cells, but the first line has {n}"
            raise InputError(what, file=shown(path), line=number)


def join_rows(blocks: list[Rows]) -> Rows:
    """Join tables of equal columns, one below the other, without notes and bases."""

    def column(name: str) -> list:
        return list(chain.from_iterable(getattr(block, name) for block in blocks))

    return Rows(
        column("ids"),
        np.concatenate([block.lengths for block in blocks]),
        column("labels"),
        np.concatenate([block.scores for block in blocks]),
        np.concatenate([block.probabilities for block in blocks]),
        column("statuses"),
        {name: list(chain.from_iterable(b.extra[name] for b in blocks)) for name in blocks[0].extra},
    )


def _layout(names: list[str]) -> Layout:
    """Recognise the columns before the status in a table from open_rows."""
    prefix = SHARES if "label" in names else VALUES
    first = Layout((), (), prefix).first
    return Layout(tuple(name.removeprefix(prefix) for name in names[len(first) :]), (), prefix)


def _rows(columns: list[list[str]], layout: Layout, path: str | Path) -> Rows:
    ids, length_cells, *answer = columns[: len(layout.names) - len(layout.extra) - 1]
    labels = answer.pop(0) if layout.prefix == SHARES else [""] * len(ids)
    try:
        lengths = np.array([int(cell) for cell in length_cells], dtype=np.int64)
        numbers = [[float(cell) if cell else np.nan for cell in column] for column in answer]
    except ValueError as error:
        raise InputError(f"not a number in the predictions ({error})", file=shown(path)) from error
    scores = np.array(numbers.pop(0) if layout.prefix == SHARES else [np.nan] * len(ids), dtype=np.float64)
    probabilities = np.array(numbers, dtype=np.float64).reshape(len(layout.numbers), len(ids)).T  # (n, C)
    statuses, *more = columns[len(columns) - len(layout.extra) - 1 :]
    return Rows(
        ids, lengths, labels, scores, probabilities, statuses, dict(zip(layout.extra, more, strict=True))
    )
