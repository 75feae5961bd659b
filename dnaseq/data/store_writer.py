"""The files of a store, written while records are read: the memory it takes is 16 bytes a record."""

import os
from pathlib import Path

import numpy as np
from isal import isal_zlib

from dnaseq.data.sources import LabelledBlock
from dnaseq.errors import InputError
from dnaseq.io.sealed import sealed

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


class StoreWriter:
    """Appends blocks to a folder. Ids must be unique; finish() says so where they are not."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._files = {name: (folder / name).open("wb") for name in TYPES}
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
        """Write what the store says of itself, `key` being its name. Raises InputError where an id is used twice."""
        for file in self._files.values():
            file.close()
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

    def _write(self, **columns) -> None:
        for name, values in columns.items():
            written = np.ascontiguousarray(values, dtype=TYPES[name])
            self._sums[name] = isal_zlib.crc32(written, self._sums[name])
            self._files[name].write(written)

    def _check_unique(self) -> None:
        hashes = np.concatenate([np.empty(0, np.int64), *self._hashes])
        self._hashes.clear()
        in_order = np.sort(hashes)
        twice = np.unique(in_order[1:][in_order[1:] == in_order[:-1]])
        seen: dict[bytes, int] = {}  # different ids of one hash are as good as never there, but allowed
        for row in np.flatnonzero(np.isin(hashes, twice)).tolist() if twice.size else ():
            name = self._id(row)
            if name in seen:
                raise self._used_twice(name, seen[name], row)
            seen[name] = row

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
    """Each name's number in the index, where new ones are added."""
    return [index.setdefault(name, len(index)) for name in names]
