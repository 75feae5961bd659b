"""Tables of columns to files: TSV, CSV, JSON Lines, BED and Parquet, and TSV on standard output."""

import gzip
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import IO, Generic, NamedTuple, TypeVar

from dnaseq.errors import ConfigError, FileAccessError
from dnaseq.io.atomic import atomic_file, is_device
from dnaseq.io.os_errors import access
from dnaseq.io.results.row_text import bed_lines, csv_lines, json_lines, tsv_header, tsv_lines
from dnaseq.io.tables.parquet import ParquetRows, check_installed

INCOMPLETE = "#INCOMPLETE"  # the last line on standard output after an error
STDOUT = "-"
PARQUET = ".parquet"
_TO_TEXT = {".tsv": tsv_lines, ".csv": csv_lines, ".jsonl": json_lines, ".bed": bed_lines}

Formed = TypeVar("Formed", bytes, dict[str, list])


class Table(NamedTuple):
    """The names of the columns, Arrow's names for their types in Parquet, and lines of text before them."""

    names: tuple[str, ...]
    types: dict[str, str]
    remarks: tuple[str, ...] = ()  # in TSV and CSV


class TableWriter(Generic[Formed]):
    """A writer of columns of equal length into an open file.

    `form` turns columns into the argument of append(). It is most of the work, so that another process may do it.
    """

    def __init__(self, form: Callable[[dict[str, list]], Formed], append: Callable[[Formed], object]):
        self.form: Callable[[dict[str, list]], Formed] = form
        self.append: Callable[[Formed], object] = append

    def write(self, columns: dict[str, list]) -> None:
        self.append(self.form(columns))


def open_table(
    output: str, suffix: str, table: Table, overwrite: bool
) -> AbstractContextManager[TableWriter]:
    """Open a writer in a context manager, in the format of `suffix`, one that find_suffix() gave; the file has its name
    only after the end, as in atomic_file. The same columns are always the same bytes.

    "-" is TSV on standard output: there an error leaves "#INCOMPLETE" as the last line if rows were written before, and
    a closed pipe is a BrokenPipeError.
    """
    if output == STDOUT:
        return _on_stdout(table)
    if suffix == PARQUET:
        check_installed()
        return _in_parquet(output, table, overwrite)
    return _in_text(output, suffix, table, overwrite)


def find_suffix(output: str, suffixes: Sequence[str]) -> str:
    """Return the suffix that sets the format; standard output, a device or a pipe needs none. Raises ConfigError for a
    wrong one."""
    if output == STDOUT:
        return ".tsv"
    name, device = Path(output).name, is_device(output)
    suffix = next((s for s in suffixes if name.lower().endswith(s)), ".tsv" if device else None)
    if suffix is None:
        raise ConfigError(f"{name}: the name of an output must end in {', '.join(suffixes)}, or be -")
    if suffix == PARQUET and device:
        raise ConfigError(f"{output}: Parquet cannot be written to a pipe or device. Write it to a file")
    return suffix


@contextmanager
def _in_text(output: str, suffix: str, table: Table, overwrite: bool) -> Iterator[TableWriter[bytes]]:
    to_text = _TO_TEXT[suffix.removesuffix(".gz")]
    with atomic_file(output, "wb", overwrite) as file, _packed(file, suffix) as handle:
        if to_text is tsv_lines:
            handle.write(encode(_remarks(table) + tsv_header(table.names)))
        if to_text is csv_lines:
            handle.write(encode(_remarks(table) + csv_lines({name: [name] for name in table.names})))
        yield TableWriter(partial(_text, to_text), handle.write)


@contextmanager
def _in_parquet(output: str, table: Table, overwrite: bool) -> Iterator[TableWriter[dict[str, list]]]:
    with atomic_file(output, "wb", overwrite) as file, closing(ParquetRows(file, table.types)) as parquet:
        yield TableWriter(_as_they_are, parquet.write)
        if parquet.empty:
            parquet.write({name: [] for name in table.names})


@contextmanager
def _on_stdout(table: Table) -> Iterator[TableWriter[bytes]]:
    if sys.stdout is None:
        raise FileAccessError("<stdout>: is closed. Name an output, or leave it open")
    handle = sys.stdout.buffer
    header = [encode(_remarks(table) + tsv_header(table.names))]  # it waits for the first rows

    def append(text: bytes) -> None:
        handle.write(b"".join(header) + text)
        header.clear()

    with access("<stdout>"):
        try:
            yield TableWriter(partial(_text, tsv_lines), append)
        except BaseException:
            if not header:
                handle.write(encode(INCOMPLETE + "\n"))
                handle.flush()
            raise
        handle.write(b"".join(header))
        handle.flush()


def _packed(file: IO[bytes], suffix: str) -> AbstractContextManager[gzip.GzipFile | IO[bytes]]:
    # without name and time, so that equal rows are equal files
    return gzip.GzipFile("", "wb", 6, file, mtime=0) if suffix.endswith(".gz") else nullcontext(file)


def encode(text: str) -> bytes:
    """Return the bytes of a text; a half character that JSON or a file system gave is escaped."""
    return text.encode("utf-8", "backslashreplace")


def _remarks(table: Table) -> str:
    return "".join(f"# {line}\n" for line in table.remarks)


def _text(to_text: Callable[[dict], str], columns: dict[str, list]) -> bytes:
    return encode(to_text(columns))


def _as_they_are(columns: dict[str, list]) -> dict[str, list]:
    return columns
