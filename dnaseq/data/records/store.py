"""Records of a data set, parsed once: packed arrays in a folder, memory-mapped and shared between processes.

The folder's name is a hash of the content of the source files and of how they were read, so a changed file is
another store, and an unchanged one is never parsed again.
"""

import getpass
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from isal import isal_zlib

from dnaseq.data.records.chunked_arrays import index_type, stretches
from dnaseq.io.reading_options import HEADER
from dnaseq.io.results.run_files import read_sealed
from dnaseq.io.sequences.block import Block, text_of

FORMAT = 6
PARTS = ("train", "val", "test")  # which file of a data set a record came from
FACTS = "store.json"
TYPES = {  # file -> type of its numbers
    "codes": np.uint8,
    "offsets": np.int64,
    "ids": np.uint8,
    "id_offsets": np.int64,
    "headers": np.uint8,
    "header_offsets": np.int64,
    "renamed": np.int64,
    "new_ids": np.uint8,
    "new_id_offsets": np.int64,
    "labels": np.int32,
    "parts": np.uint8,
    "on_chromosome": np.int32,
}
OF_HEADERS, OF_NAMES = ("headers", "header_offsets"), ("renamed", "new_ids", "new_id_offsets")


AT_ONCE = 1 << 20  # bytes that are checked in one go


@dataclass(frozen=True)
class Store:
    """n records: codes (total,) uint8, offsets (n + 1,), parts (n,) index into PARTS, labels (n,) index into
    label_names, on_chromosome (n,) index into chromosome_names; ids, headers and new ids packed the same way as codes.
    All arrays are read-only maps of files in `folder`. Records whose ids repeat have new ids, of which `note` tells."""

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
    headers: np.ndarray | None = None  # None where no header is more than an id
    header_offsets: np.ndarray | None = None
    renamed: np.ndarray | None = None  # rows in ascending order; None where no id repeats
    new_ids: np.ndarray | None = None
    new_id_offsets: np.ndarray | None = None
    note: str = ""

    def __len__(self) -> int:
        return len(self.parts)

    def __reduce__(self) -> tuple[Callable[[Path], "Store"], tuple[Path]]:
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
        """Return the id of a record, which no other record has."""
        if self.renamed is not None and self.new_ids is not None and self.new_id_offsets is not None:
            at = int(np.searchsorted(self.renamed, row))
            if at < len(self.renamed) and self.renamed[at] == row:
                return _text(self.new_ids, self.new_id_offsets, at)
        return self.own_id(row)

    def own_id(self, row: int) -> str:
        """Return the id of a record as its file has it; other records may have the same."""
        return _text(self.id_bytes, self.id_offsets, row)

    def header(self, row: int) -> str:
        """Return the whole header of a record."""
        if self.headers is None or self.header_offsets is None:
            return self.own_id(row)
        return _text(self.headers, self.header_offsets, row)

    def ids(self, rows: np.ndarray) -> list[str]:
        return [self.id(int(row)) for row in rows]

    def blocks(self, rows: np.ndarray, size: int = 8192) -> Iterator[Block]:
        """Yield the records of `rows`, in that order, as blocks of at most `size` for the predictor."""
        for at in range(0, len(rows), size):
            chosen = rows[at : at + size]
            pieces = [self.codes[self.offsets[r] : self.offsets[r + 1]] for r in chosen]
            offsets = np.concatenate([[0], np.cumsum([len(piece) for piece in pieces])])
            headers = [i.encode() for i in self.ids(chosen)]
            lines = np.zeros(len(chosen), dtype=np.int64)
            codes = np.concatenate(pieces)
            yield Block("", headers, codes, offsets, lines, {}, id_from=HEADER)  # from no file


def _text(packed: np.ndarray, offsets: np.ndarray, at: int) -> str:
    return text_of(packed[offsets[at] : offsets[at + 1]].tobytes())


def open_store(folder: Path) -> Store:
    """Map the files of a whole store, see is_whole."""
    facts = read_sealed(folder / FACTS)
    columns = {name: mapped(folder / name) for name in TYPES if name in facts["bytes"]}
    return Store(
        folder=folder,
        id_bytes=columns.pop("ids"),
        label_names=tuple(facts["label_names"]),
        rejected=facts["rejected"],
        chromosome_names=tuple(facts["chromosome_names"]),
        note=facts["note"],
        **columns,
    )


def is_whole(folder: Path) -> bool:
    """Check that the store of this name was finished in this folder, and that its files hold the bytes of then."""
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


def mapped(path: Path) -> np.ndarray:
    dtype = TYPES[path.name]
    # an empty file cannot be mapped
    return np.memmap(path, dtype, mode="r") if path.stat().st_size else np.empty(0, dtype)


def default_cache() -> Path:
    """Return $DNASEQ_CACHE, or dnaseq/ in the user's cache folder, or in the temporary folder if there is no home."""
    if "DNASEQ_CACHE" in os.environ:
        return Path(os.environ["DNASEQ_CACHE"])
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    if os.access(cache if os.path.isdir(cache) else os.path.dirname(cache), os.W_OK):
        return Path(cache) / "dnaseq"
    return Path(tempfile.gettempdir()) / f"dnaseq-{getpass.getuser()}"
