"""Prediction rows to files and back: id, length, label, score, p_<class> ..., status, and what is extra."""

import gzip
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from dnaseq.errors import ConfigError, InputError
from dnaseq.io.access import access
from dnaseq.io.atomic import atomic_file
from dnaseq.io.compress import chunks, shown
from dnaseq.io.parquet import ParquetRows, check_installed
from dnaseq.io.row_text import json_lines, tsv_header, tsv_lines

OK = "ok"
SUFFIXES = (".tsv", ".tsv.gz", ".jsonl", ".jsonl.gz", ".parquet")
_INCOMPLETE = "#INCOMPLETE"  # the last line on standard output after an error
_STDOUT = "-"
_TYPES = {
    "id": "string", "length": "int64", "label": "string", "score": "double", "status": "string", "note": "string",
}  # fmt: skip


class Rows(NamedTuple):
    """One row a record, in input order. `notes` are written by whoever makes them a column of `extra`."""

    ids: list[str]
    lengths: np.ndarray  # (n,) bases
    labels: list[str]  # "" where rejected, or left without an answer
    scores: np.ndarray  # (n,) float64, probability of the label; NaN where rejected
    probabilities: np.ndarray  # (n, C) float64; NaN where rejected
    statuses: list[str]  # "ok" or "rejected:<reason>"
    extra: dict[str, list] = {}  # noqa: RUF012 (it is never changed): more columns, at the end
    notes: list[str] = []  # noqa: RUF012 (nor is this): "" where there is nothing; none of rows from a file


class RowWriter:
    """What open_rows gives: write() appends rows."""

    def __init__(self, classes: list[str], extra: tuple[str, ...], write_columns: Callable[[dict], None]):
        self._classes, self._extra, self._write_columns = classes, tuple(extra), write_columns
        self.written = 0  # rows

    def write(self, rows: Rows) -> None:
        """Append rows. Raises ValueError for rows that do not fit together, or are "ok" without a probability."""
        self._write_columns(_columns(rows, self._classes, self._extra))
        self.written += len(rows.ids)


def open_rows(
    output: str, classes: list[str], overwrite: bool, extra: tuple[str, ...] = ()
) -> AbstractContextManager[RowWriter]:
    """A context manager around a writer of rows; the file has its name only after the end, as in atomic_file.

    The suffix of `output` says the format, SUFFIXES; the same rows are always the same bytes. "-" is TSV on
    standard output: there an error leaves "#INCOMPLETE" as the last line if rows were written before, and a
    closed pipe is a BrokenPipeError. Raises ConfigError for another suffix and for what exists.
    """
    names = _names(classes, extra)
    if len(set(names)) != len(names):
        raise ValueError(f"two columns of one name in {names}")
    if output == _STDOUT:
        return _on_stdout(classes, extra)
    suffix = next((s for s in SUFFIXES if str(output).lower().endswith(s)), None)
    if str(output).startswith("/dev/"):
        suffix = ".tsv"
    if suffix is None:
        raise ConfigError(f"{output}: the name of an output must end in {', '.join(SUFFIXES)}, or be -")
    if suffix == ".parquet":
        check_installed()
        return _in_parquet(output, classes, overwrite, extra)
    return _in_text(output, suffix, classes, overwrite, extra)


@contextmanager
def _in_text(
    output: str, suffix: str, classes: list[str], overwrite: bool, extra: tuple[str, ...]
) -> Iterator[RowWriter]:
    to_text = tsv_lines if suffix.startswith(".tsv") else json_lines
    with atomic_file(output, "wb", overwrite) as file, _packed(file, suffix) as handle:
        if to_text is tsv_lines:
            handle.write(_encoded(tsv_header(_names(classes, extra))))
        yield RowWriter(classes, extra, lambda columns: handle.write(_encoded(to_text(columns))))


@contextmanager
def _in_parquet(
    output: str, classes: list[str], overwrite: bool, extra: tuple[str, ...]
) -> Iterator[RowWriter]:
    types = _TYPES | dict.fromkeys(_names(classes, ())[4:-1], "double")
    with atomic_file(output, "wb", overwrite) as file, closing(ParquetRows(file, types)) as parquet:
        writer = RowWriter(classes, extra, parquet.write)
        yield writer
        if not writer.written:
            parquet.write({name: [] for name in _names(classes, extra)})


@contextmanager
def _on_stdout(classes: list[str], extra: tuple[str, ...]) -> Iterator[RowWriter]:
    handle, header = (
        sys.stdout.buffer,
        [tsv_header(_names(classes, extra))],
    )  # the header waits for the first rows

    def write(columns: dict[str, list]) -> None:
        handle.write(_encoded("".join(header) + tsv_lines(columns)))
        header.clear()

    writer = RowWriter(classes, extra, write)
    with access("<stdout>"):
        try:
            yield writer
        except BaseException:
            if not header:
                handle.write(_encoded(_INCOMPLETE + "\n"))
                handle.flush()
            raise
        handle.write(_encoded("".join(header)))
        handle.flush()


def _packed(file: BinaryIO, suffix: str) -> AbstractContextManager[BinaryIO]:
    # without name and time, so that equal rows are equal files
    return gzip.GzipFile("", "wb", 6, file, mtime=0) if suffix.endswith(".gz") else _as_it_is(file)


@contextmanager
def _as_it_is(file: BinaryIO) -> Iterator[BinaryIO]:
    yield file


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


def _names(classes: list[str], extra: tuple[str, ...]) -> list[str]:
    return ["id", "length", "label", "score", *(f"p_{name}" for name in classes), "status", *extra]


def _columns(rows: Rows, classes: list[str], extra: tuple[str, ...]) -> dict[str, list]:
    """The columns of rows as lists, in order, with None where a record has no value."""
    rejected = np.array([status != OK for status in rows.statuses], dtype=bool)
    if rows.probabilities.shape != (len(rows.ids), len(classes)) or tuple(rows.extra) != extra:
        raise ValueError(
            f"rows of {rows.probabilities.shape} probabilities and {list(rows.extra)}"
            f" where {len(rows.ids)} rows, {len(classes)} classes and {list(extra)} are due"
        )
    numbers = [np.asarray(rows.scores, dtype=np.float64), *np.asarray(rows.probabilities, dtype=np.float64).T]
    if not all(np.isfinite(column[~rejected]).all() for column in numbers):
        raise ValueError("a row is ok and has a probability that is no finite number")
    columns = [
        rows.ids,
        np.asarray(rows.lengths).tolist(),
        [label or None for label in rows.labels] if "" in rows.labels else rows.labels,
        *(column.tolist() for column in numbers),
    ]
    if rejected.any():
        columns[2:] = [
            [None if r else cell for r, cell in zip(rejected, c, strict=True)] for c in columns[2:]
        ]
    columns = [*columns, rows.statuses, *rows.extra.values()]
    return dict(zip(_names(classes, extra), columns, strict=True))


def read_rows(path: str | Path) -> tuple[list[str], Rows]:
    """The classes and the rows of a TSV file that open_rows wrote, plain or compressed; extra columns as text.

    Control characters in ids stay escaped. Raises InputError, with the line, for anything else.
    """
    text = b"".join(chunks(path)).decode("utf-8", "backslashreplace")
    header, *lines = text.removesuffix("\n").split("\n")
    names = header.split("\t")
    n_first = names.index("status") if "status" in names else 0
    classes = [name.removeprefix("p_") for name in names[4:n_first]]
    if names[: n_first + 1] != _names(classes, ()):
        raise InputError("not a table of predictions", file=shown(path), line=1)
    if lines and lines[-1] == _INCOMPLETE:
        raise InputError("predictions are incomplete", file=shown(path), line=len(lines) + 1)
    for number, line in enumerate(lines, start=2):
        if line.count("\t") != len(names) - 1:
            what = f"{line.count(chr(9)) + 1} cells, but the first line has {len(names)}"
            raise InputError(what, file=shown(path), line=number)
    cells = "\t".join(lines).split("\t") if lines else []
    columns = [cells[i :: len(names)] for i in range(len(names))]
    return classes, _rows(columns, names[n_first + 1 :], n_first, path)


def _rows(columns: list[list[str]], extra: list[str], n_first: int, path: str | Path) -> Rows:
    try:
        lengths = np.array([int(cell) for cell in columns[1]], dtype=np.int64)
        numbers = [[float(cell) if cell else np.nan for cell in column] for column in columns[3:n_first]]
    except ValueError as error:
        raise InputError(f"not a number in the predictions ({error})", file=shown(path)) from error
    scores, *probabilities = np.array(numbers, dtype=np.float64)
    probabilities = np.array(probabilities).reshape(n_first - 4, len(lengths)).T  # (n, C)
    more = dict(zip(extra, columns[n_first + 1 :], strict=True))
    return Rows(columns[0], lengths, columns[2], scores, probabilities, columns[n_first], more)
