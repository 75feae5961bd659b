"""Records of a data set, parsed once: packed arrays in a folder, memory-mapped and shared between processes.

The folder's name is a hash of the content of the source files and of how they were read, so a changed file is
another store, and an unchanged one is never parsed again.
"""

import getpass
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

import numpy as np
from isal import isal_zlib

from dnaseq.data.records.chunked_arrays import index_type, stretches
from dnaseq.errors import FileAccessError, InputError
from dnaseq.io.reading_options import HEADER
from dnaseq.io.results.run_files import read_sealed, sealed
from dnaseq.io.sequences.reading import Block

FORMAT = 5
PARTS = ("train", "val", "test")  # which file of a data set a record came from
FACTS = "store.json"
TYPES = {  # file -> type of its numbers
    "codes": np.uint8,
    "offsets": np.int64,
    "ids": np.uint8,
    "id_offsets": np.int64,
    "labels": np.int32,
    "parts": np.uint8,
    "on_chromosome": np.int32,
}


class LabelledBlock(NamedTuple):
    """Consecutive records of one file, their ids, and the name of each one's label ("" where rejected)."""

    block: Block
    ids: list[bytes]
    labels: list[str]
    chromosomes: list[str] | None = None  # as a column of the file names them, "" where a cell is empty


class StoreWriter:
    """Append blocks to a folder. Ids must be unique; finish() raises where they are not."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._open = ExitStack()  # closes every file, also where one is on a full disk
        self._files = {name: self._open.enter_context((folder / name).open("wb")) for name in TYPES}
        self._sums = dict.fromkeys(TYPES, 0)
        self._write(offsets=[0], id_offsets=[0])
        self._records = self._bases = self._id_bytes = 0
        self._labels: dict[str, int] = {}
        self._chromosomes: dict[str, int] = {"": 0}  # a record without one
        self._hashes: list[np.ndarray] = []  # of ids, (n,) int64 each
        self._lines: list[np.ndarray] = []
        self._sources: list[tuple[int, str]] = []  # the first record of every block, and its file
        self._rejected = dict.fromkeys(PARTS, 0)

    def append(self, labelled: LabelledBlock, part: str) -> None:
        """Add the usable records of a block, labels and chromosomes given by name."""
        block, ids, labels, chromosomes = labelled
        self._rejected[part] += len(block.rejected)
        ends, lines = block.offsets[1:], block.lines
        if block.rejected:  # such a record has no codes
            used = np.setdiff1d(np.arange(len(ids)), list(block.rejected))
            ids, labels = [ids[i] for i in used], [labels[i] for i in used]
            chromosomes = chromosomes and [chromosomes[i] for i in used]
            ends, lines = ends[used], lines[used]
        id_ends = np.cumsum([len(name) for name in ids], dtype=np.int64)
        self._write(
            codes=block.codes,
            offsets=self._bases + ends,
            ids=np.frombuffer(b"".join(ids), np.uint8),
            id_offsets=self._id_bytes + id_ends,
            labels=_numbers(labels, self._labels),
            parts=np.full(len(ids), PARTS.index(part)),
            on_chromosome=_numbers(chromosomes or [""] * len(ids), self._chromosomes),
        )
        self._sources.append((self._records, block.source))
        self._lines.append(np.asarray(lines, dtype=np.int64))
        self._hashes.append(np.fromiter(map(hash, ids), np.int64, len(ids)))
        self._records += len(ids)
        self._bases += len(block.codes)
        self._id_bytes += int(id_ends[-1]) if ids else 0

    def finish(self, key: str) -> None:
        """Write the description of the store, whose name is `key`. Raises InputError where an id is used twice."""
        self.close()
        self._check_unique()
        if len(self._chromosomes) == 1:
            (self.folder / "on_chromosome").unlink()
        facts = {"format": FORMAT, "key": key, "label_names": list(self._labels), "rejected": self._rejected}
        facts["chromosome_names"] = list(self._chromosomes)
        there = sorted(path.name for path in self.folder.iterdir())
        facts["bytes"] = {name: (self.folder / name).stat().st_size for name in there}
        facts["crc32"] = {name: self._sums[name] for name in there}
        (self.folder / FACTS).write_text(sealed(facts))
        for path in self.folder.iterdir():
            with path.open("rb+") as handle:
                os.fsync(handle.fileno())

    def close(self) -> None:
        self._open.close()

    def _write(self, **columns: np.ndarray | Sequence[int]) -> None:
        for name, values in columns.items():
            written = np.ascontiguousarray(values, dtype=TYPES[name])
            self._sums[name] = isal_zlib.crc32(written, self._sums[name])
            self._files[name].write(written.data)

    def _check_unique(self) -> None:
        hashes = np.concatenate([np.empty(0, np.int64), *self._hashes])
        self._hashes.clear()
        in_order = np.sort(hashes)
        twice = np.unique(in_order[1:][in_order[1:] == in_order[:-1]])
        rows: dict[bytes, int] = {}  # different ids of one hash hardly ever occur, but are allowed
        for row in np.flatnonzero(np.isin(hashes, twice)).tolist() if twice.size else ():
            name = self._id(row)
            if name in rows:
                raise self._used_twice(name, rows[name], row)
            rows[name] = row

    def _id(self, row: int) -> bytes:
        first, end = np.fromfile(self.folder / "id_offsets", np.int64, 2, offset=8 * row).tolist()
        return np.fromfile(self.folder / "ids", np.uint8, end - first, offset=first).tobytes()

    def _used_twice(self, name: bytes, first: int, second: int) -> InputError:
        source, line = self._place(first)
        file, again = self._place(second)
        what = f"the id is used twice, first at {source}:{line}"
        record, fix = name.decode("utf-8", "backslashreplace"), "Give every record its own id"
        return InputError(what, file=file, line=again, record=record, fix=fix)

    def _place(self, row: int) -> tuple[str, int]:
        block = int(np.searchsorted([first for first, _ in self._sources], row, side="right")) - 1
        first, source = self._sources[block]
        return source, int(self._lines[block][row - first])


def _numbers(names: list[str], index: dict[str, int]) -> list[int]:
    """Return each name's number in the index, and add new names."""
    return [index.setdefault(name, len(index)) for name in names]


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
        return bytes(self.id_bytes[self.id_offsets[row] : self.id_offsets[row + 1]]).decode(
            "utf-8", "backslashreplace"
        )

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
    """Open the store with the name `key` under `cache`; where there is none yet, `fill` writes one.

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
        with closing(StoreWriter(temporary)) as writer:
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
    """Remove a damaged store; rename it first, as another process may be putting a whole one there."""
    aside = mkdtemp(prefix=f"{folder.name[:12]}.", dir=folder.parent)
    with suppress(OSError):
        folder.rename(Path(aside) / "damaged")
    shutil.rmtree(aside, ignore_errors=True)


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


def _mapped(path: Path) -> np.ndarray:
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
