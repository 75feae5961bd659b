"""Writing of a store: records are parsed once, into a folder that all processes map."""

import logging
import os
import shutil
from bisect import bisect_right
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

import numpy as np
from isal import isal_zlib

from dnaseq.data.records.repeated_ids import describe, find_repeated, unique_names
from dnaseq.data.records.store import (
    FACTS,
    FORMAT,
    OF_HEADERS,
    OF_NAMES,
    PARTS,
    TYPES,
    Store,
    is_whole,
    mapped,
    open_store,
)
from dnaseq.errors import FileAccessError, InputError
from dnaseq.io.results.run_files import sealed
from dnaseq.io.sequences.block import Block, text_of

logger = logging.getLogger("dnaseq")


class LabelledBlock(NamedTuple):
    """Consecutive records of one file, and the name of each one's label ("" where rejected).

    `origin` tells records of one id apart, by names such as class, part and file. Ids of one origin must be unique
    where labels are found `by_id`.
    """

    block: Block
    labels: list[str]
    chromosomes: list[str] | None = None  # as a column of the file names them, "" where a cell is empty
    origin: tuple[str, ...] = ()
    by_id: bool = True


class StoreWriter:
    """Append blocks to a folder; finish() gives records of one id names of their own."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._open = ExitStack()  # closes every file, also where one is on a full disk
        self._files = {name: self._open.enter_context((folder / name).open("wb")) for name in TYPES}
        self._sums = dict.fromkeys(TYPES, 0)
        self._write(offsets=[0], id_offsets=[0], header_offsets=[0], new_id_offsets=[0])
        self._records = self._bases = self._id_bytes = self._header_bytes = 0
        self._has_headers = False  # that are more than ids
        self._labels: dict[str, int] = {}
        self._chromosomes: dict[str, int] = {"": 0}  # a record without one
        self._hashes: list[np.ndarray] = []  # of ids, (n,) int64 each
        self._lines: list[np.ndarray] = []
        # the first record of every block, its file, its origin, and True where labels are found by id
        self._sources: list[tuple[int, str, tuple[str, ...], bool]] = []
        self._rejected = dict.fromkeys(PARTS, 0)

    def append(self, labelled: LabelledBlock, part: str) -> None:
        """Add the usable records of a block, labels and chromosomes given by name."""
        block, labels, chromosomes, origin, by_id = labelled
        headers, ids = list(block.headers), block.ids
        self._rejected[part] += len(block.rejected)
        ends, lines = block.offsets[1:], block.lines
        if block.rejected:  # such a record has no codes
            used = np.setdiff1d(np.arange(len(ids)), list(block.rejected))
            headers, ids, labels = ([each[i] for i in used] for each in (headers, ids, labels))
            chromosomes = chromosomes and [chromosomes[i] for i in used]
            ends, lines = ends[used], lines[used]
        self._has_headers = self._has_headers or headers != ids
        id_ends, header_ends = (
            np.cumsum([len(text) for text in each], dtype=np.int64) for each in (ids, headers)
        )
        self._write(
            codes=block.codes,
            offsets=self._bases + ends,
            ids=np.frombuffer(b"".join(ids), np.uint8),
            id_offsets=self._id_bytes + id_ends,
            headers=np.frombuffer(b"".join(headers), np.uint8),
            header_offsets=self._header_bytes + header_ends,
            labels=_numbers(labels, self._labels),
            parts=np.full(len(ids), PARTS.index(part)),
            on_chromosome=_numbers(chromosomes or [""] * len(ids), self._chromosomes),
        )
        self._sources.append((self._records, block.source, origin, by_id))
        self._lines.append(np.asarray(lines, dtype=np.int64))
        self._hashes.append(np.fromiter(map(hash, ids), np.int64, len(ids)))
        self._records += len(ids)
        self._bases += len(block.codes)
        self._id_bytes += int(id_ends[-1]) if ids else 0
        self._header_bytes += int(header_ends[-1]) if ids else 0

    def finish(self, key: str) -> None:
        """Write the description of the store, whose name is `key`. Raises InputError where an id is used twice by
        records whose ids must be unique, or that are one record."""
        with closing(self):
            note = self._tell_apart()
        needless = [*(OF_HEADERS if not self._has_headers else ()), *(OF_NAMES if not note else ())]
        for name in needless + ["on_chromosome"] * (len(self._chromosomes) == 1):
            (self.folder / name).unlink()
        facts = {"format": FORMAT, "key": key, "label_names": list(self._labels), "rejected": self._rejected}
        facts |= {"chromosome_names": list(self._chromosomes), "note": note}
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

    def _tell_apart(self) -> str:
        """Write new names for the records whose ids repeat, and describe them; "" where there are none."""
        for file in ("ids", "id_offsets"):
            self._files[file].flush()
        ids, offsets = mapped(self.folder / "ids"), mapped(self.folder / "id_offsets")
        hashes = np.concatenate([np.empty(0, np.int64), *self._hashes])
        self._hashes.clear()
        repeated = find_repeated(hashes, lambda row: ids[offsets[row] : offsets[row + 1]].tobytes())
        if not repeated:
            return ""
        for repeated_id, same in repeated.items():
            self._check_apart(repeated_id, same)
        hashes.sort()
        names = unique_names(repeated, self._origin, lambda name: _is_in(hash(name), hashes))
        rows = sorted(names)
        self._write(
            renamed=rows,
            new_ids=np.frombuffer(b"".join(names[row] for row in rows), np.uint8),
            new_id_offsets=np.cumsum([len(names[row]) for row in rows]),
        )
        return describe(repeated, names)

    def _check_apart(self, name: bytes, rows: list[int]) -> None:
        """Raise InputError where the records of one id cannot be told apart: they share a label, or they are one."""
        first: dict[tuple, int] = {}  # the first record of each origin, or place
        for row in rows:
            *_, origin, by_id = self._sources[self._block(row)]
            known = first.setdefault(origin if by_id else self._place(row), row)
            if known != row:
                raise self._used_twice(name, known, row)

    def _origin(self, row: int) -> tuple[str, ...]:
        return self._sources[self._block(row)][2]

    def _used_twice(self, name: bytes, first: int, second: int) -> InputError:
        source, line = self._place(first)
        file, again = self._place(second)
        what = f"the id is used twice, first at {source}:{line}"
        fix = "Give every record its own id, or choose another part of the header as the id by reading.id"
        if (source, line) == (file, again):
            what, fix = "this record is read twice, as the file is given twice", "Name every file once"
        return InputError(what, file=file, line=again, record=text_of(name), fix=fix)

    def _place(self, row: int) -> tuple[str, int]:
        block = self._block(row)
        first, source, *_ = self._sources[block]
        return source, int(self._lines[block][row - first])

    def _block(self, row: int) -> int:
        return bisect_right(self._sources, row, key=lambda block: block[0]) - 1


def _is_in(number: int, ascending: np.ndarray) -> bool:
    at = int(np.searchsorted(ascending, number))
    return at < len(ascending) and bool(ascending[at] == number)


def _numbers(names: list[str], index: dict[str, int]) -> list[int]:
    """Return each name's number in the index, and add new names."""
    return [index.setdefault(name, len(index)) for name in names]


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
