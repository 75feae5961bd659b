"""Records of a data set, parsed once: packed arrays in a folder, memory-mapped and shared between processes.

The folder's name is a hash of the content of the source files and of how they were read, so a changed file is
another store, and an unchanged one is never parsed again.
"""

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
from isal import isal_zlib

from dnaseq.data.numbering import index_type, stretches
from dnaseq.data.store_writer import FACTS, TYPES, StoreWriter
from dnaseq.errors import FileAccessError
from dnaseq.io.reading import Block
from dnaseq.io.sealed import read_sealed

AT_ONCE = 1 << 20  # bytes that are checked in one go
logger = logging.getLogger("dnaseq")


@dataclass(frozen=True)
class Store:
    """n records: codes (total,) uint8, offsets (n + 1,), parts (n,) index into PARTS, labels (n,) index into
    label_names, on_chromosome (n,) index into chromosome_names; ids packed the same way as codes. All arrays are
    read-only maps of files in `folder`."""

    folder: Path
    codes: np.ndarray
    offsets: np.ndarray
    parts: np.ndarray
    labels: np.ndarray
    id_bytes: np.ndarray
    id_offsets: np.ndarray
    label_names: tuple[str, ...]
    rejected: dict[str, int]  # part -> records that could not be used and were left out
    on_chromosome: np.ndarray | None = None  # None where no column of the source names chromosomes
    chromosome_names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.parts)

    def __reduce__(self):
        return open_store, (self.folder,)  # another process maps the files again

    @property
    def lengths(self) -> np.ndarray:
        """(n,) int32 bases of each record, int64 where one record may have more than that can count."""
        n = len(self.offsets) - 1
        ends = [(some, self.offsets[some.start : some.stop + 1]) for some in stretches(n)]
        longest = max((int(np.diff(offsets).max()) for _, offsets in ends), default=0)
        found = np.empty(n, dtype=index_type(longest + 1))
        for some, offsets in ends:
            found[some] = np.diff(offsets)
        return found

    @property
    def chromosomes(self) -> np.ndarray | None:
        """(n,) str as the source names them, "" for a record without one; None where no record has one."""
        if self.on_chromosome is None:
            return None
        return np.array(self.chromosome_names)[self.on_chromosome]

    def id(self, row: int) -> str:
        return bytes(self.id_bytes[self.id_offsets[row] : self.id_offsets[row + 1]]).decode(
            "utf-8", "backslashreplace"
        )

    def ids(self, rows: np.ndarray) -> list[str]:
        return [self.id(int(row)) for row in rows]

    def blocks(self, rows: np.ndarray, size: int = 8192) -> Iterator[Block]:
        """The records of `rows`, in that order, as blocks of at most `size` for the predictor."""
        for at in range(0, len(rows), size):
            chosen = rows[at : at + size]
            pieces = [self.codes[self.offsets[r] : self.offsets[r + 1]] for r in chosen]
            offsets = np.concatenate([[0], np.cumsum([len(piece) for piece in pieces])])
            headers = [i.encode() for i in self.ids(chosen)]
            lines = np.zeros(len(chosen), dtype=np.int64)
            yield Block("", headers, np.concatenate(pieces), offsets, lines, {})  # from no file


def open_store(folder: Path) -> Store:
    """Map the files of a whole store, see is_whole."""
    facts = read_sealed(folder / FACTS)
    columns = {name: _mapped(folder / name) for name in TYPES if name in facts["bytes"]}
    return Store(
        folder=folder,
        id_bytes=columns.pop("ids"),
        label_names=tuple(facts["label_names"]),
        rejected=facts["rejected"],
        chromosome_names=tuple(facts["chromosome_names"]),
        **columns,
    )


def cached_store(cache: Path, key: str, fill: Callable[[StoreWriter], None]) -> Store:
    """The store called `key` under `cache`; where there is none yet, `fill` writes one.

    Two processes may fill the same store at once: each writes a folder of its own, the first to finish gives
    it its name, and the other's is thrown away.
    """
    folder = cache / key
    if is_whole(folder):
        return open_store(folder)
    if folder.exists():
        logger.warning("note: %s: the parsed records are damaged, so the files are read again", folder)
        _discard(folder)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        temporary = Path(mkdtemp(prefix=f"{key[:12]}.", dir=cache))
    except OSError as error:
        raise FileAccessError(f"{cache}: cannot write the parsed records ({error.strerror})") from error
    try:
        writer = StoreWriter(temporary)
        fill(writer)
        writer.finish(key)
        if not folder.exists():
            os.rename(temporary, folder)
        elif not is_whole(folder):
            raise FileAccessError(
                f"{folder}: damaged, and it cannot be replaced. Remove it, or set another cache_dir"
            )
    except OSError as error:
        if not is_whole(folder):
            raise FileAccessError(f"{cache}: cannot write the parsed records ({error.strerror})") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return open_store(folder)


def _discard(folder: Path) -> None:
    """Rename first: another process may be putting a whole store there."""
    aside = mkdtemp(prefix=f"{folder.name[:12]}.", dir=folder.parent)
    with suppress(OSError):
        folder.rename(Path(aside) / "damaged")
    shutil.rmtree(aside, ignore_errors=True)


def is_whole(folder: Path) -> bool:
    """Whether the store of this name was finished in this folder, and its files hold what was written then."""
    try:
        facts = read_sealed(folder / FACTS)
        return facts["key"] == folder.name and all(
            (folder / name).stat().st_size == size and _crc32(folder / name) == facts["crc32"][name]
            for name, size in facts["bytes"].items()
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _crc32(path: Path) -> int:
    found = 0
    with path.open("rb") as file:
        while some := file.read(AT_ONCE):
            found = isal_zlib.crc32(some, found)
    return found


def _mapped(path: Path) -> np.ndarray:
    dtype = TYPES[path.name]
    # an empty file cannot be mapped
    return np.memmap(path, dtype, mode="r") if path.stat().st_size else np.empty(0, dtype)
