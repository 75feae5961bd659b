"""Parquet files, read as text and written, and tables for other libraries in the memory that Arrow describes.

The only module that knows pyarrow, which is an optional extra.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from dnaseq.errors import ConfigError, InputError
from dnaseq.io.address import opened
from dnaseq.io.os_errors import access

SUFFIXES = (".parquet", ".pq")
_BATCH = 4096  # rows read at a time


def parquet_rows(path: str | Path, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of every row, counted from 1, and its cells of the wanted columns as text; null is "".

    Raises ConfigError without pyarrow, and InputError for a column that is not text or numbers and a damaged file.
    """
    number = 0
    with _parquet_file(path) as table:
        import pyarrow as pa  # here, as it takes long to load
        import pyarrow.compute as pc  # here, as above

        for batch in table.iter_batches(_BATCH, columns=list(columns)):
            cells = [pc.cast(batch.column(name), pa.string()).to_pylist() for name in columns]
            for row in zip(*cells, strict=True):
                number += 1
                yield number, [(cell or "").strip() for cell in row]


def parquet_names(path: str | Path) -> list[str]:
    """Return the names of the columns. Raises as parquet_rows does."""
    with _parquet_file(path) as table:
        return list(table.schema_arrow.names)


@contextmanager
def _parquet_file(path: str | Path) -> Iterator[Any]:
    check_installed()
    import pyarrow as pa  # here, as it takes long to load
    import pyarrow.parquet as pq  # here, as above

    with access(path), opened(path) as handle:
        try:
            yield pq.ParquetFile(handle)
        except (pa.ArrowException, OSError) as error:
            what = f"not a readable Parquet file ({str(error).splitlines()[0]})"
            raise InputError(what, file=path) from error


class ParquetRows:
    """A writer of tables of equal columns, one after the other, as one Parquet file into an open binary file.

    `types` are Arrow's names for the types of columns ("string", "double"); the first rows decide for the others.
    """

    def __init__(self, handle: IO[bytes], types: dict[str, str]):
        check_installed()
        self._handle, self._types = handle, types
        self._writer: Any = None  # a ParquetWriter; pyarrow has no types

    @property
    def empty(self) -> bool:
        """True while no table was written, not even one without rows."""
        return self._writer is None

    def write(self, columns: dict[str, list]) -> None:
        import pyarrow as pa  # here, as it takes long to load
        import pyarrow.parquet as pq  # here, as above

        if self.empty:
            arrays = {
                name: pa.array(cells, pa.type_for_alias(self._types[name]) if name in self._types else None)
                for name, cells in columns.items()
            }
            self._writer = pq.ParquetWriter(self._handle, pa.table(arrays).schema)
        self._writer.write_table(pa.table(columns, schema=self._writer.schema))

    def close(self) -> None:
        if not self.empty:
            self._writer.close()


def arrow_stream(columns: dict[str, list], types: dict[str, str], schema: object = None) -> object:
    """Return a capsule of Arrow's C stream interface with these columns; `types` are those of ParquetRows, and
    `schema` is what the reader would like. Raises ConfigError without pyarrow."""
    check_installed("An Arrow table")
    import pyarrow as pa  # here, as it takes long to load

    arrays = {
        name: pa.array(cells, pa.type_for_alias(types[name]) if name in types else None)
        for name, cells in columns.items()
    }
    return pa.table(arrays).__arrow_c_stream__(schema)


def check_installed(what: str = "Parquet") -> None:
    """Raise ConfigError where pyarrow is missing."""
    if find_spec("pyarrow") is None:
        raise ConfigError(f"{what} needs pyarrow. Install it: pip install 'dnaseq[parquet]'")
