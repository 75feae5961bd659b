"""Records of a data set, parsed once: packed arrays in a folder, memory-mapped and shared between processes.

The folder's name is a hash of the content of the source files and of how they were read, so a changed file is
another store, and an unchanged one is never parsed again.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

from dnaseq.data.sources import LabelledBlock
from dnaseq.errors import FileAccessError, InputError
from dnaseq.io.reading import Block

FORMAT = 3
PARTS = ("train", "val", "test")  # which file of a data set a record came from


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
        return np.diff(self.offsets)

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


class StoreWriter:
    """Appends blocks to a folder; ids must be unique, lines are kept only to name both of two equal ids."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._codes, self._ids = (folder / "codes").open("wb"), (folder / "ids").open("wb")
        self._lengths, self._id_lengths, self._labels, self._parts = [], [], [], []
        self._chromosomes: list[int] = []
        self._label_index: dict[str, int] = {}
        self._chromosome_index: dict[str, int] = {"": 0}  # a record without one
        self._first_seen: dict[bytes, tuple[str, int]] = {}
        self._rejected = dict.fromkeys(PARTS, 0)

    def append(self, labelled: LabelledBlock, part: str) -> None:
        """Add the usable records of a block, labels and chromosomes given by name."""
        block, ids, labels, chromosomes = labelled
        self._rejected[part] += len(block.rejected)
        self._codes.write(block.codes.tobytes())  # a rejected record has no codes
        lengths = np.diff(block.offsets)
        for i, name in enumerate(ids):
            if i in block.rejected:
                continue
            self._check_unique(name, block, i)
            self._ids.write(name)
            self._id_lengths.append(len(name))
            self._lengths.append(int(lengths[i]))
            self._labels.append(self._label_index.setdefault(labels[i], len(self._label_index)))
            self._parts.append(PARTS.index(part))
            chromosome = chromosomes[i] if chromosomes else ""
            self._chromosomes.append(
                self._chromosome_index.setdefault(chromosome, len(self._chromosome_index))
            )

    def _check_unique(self, name: bytes, block: Block, i: int) -> None:
        if name in self._first_seen:
            source, line = self._first_seen[name]
            raise InputError(
                f"the id is used twice, first at {source}:{line}",
                file=block.source,
                line=int(block.lines[i]),
                record=name.decode("utf-8", "backslashreplace"),
                fix="Give every record its own id",
            )
        self._first_seen[name] = (block.source, int(block.lines[i]))

    def finish(self) -> None:
        self._codes.close()
        self._ids.close()
        arrays = {
            "offsets": np.concatenate([[0], np.cumsum(self._lengths, dtype=np.int64)]),
            "id_offsets": np.concatenate([[0], np.cumsum(self._id_lengths, dtype=np.int64)]),
            "labels": np.array(self._labels, dtype=np.int32),
            "parts": np.array(self._parts, dtype=np.uint8),
        }
        if len(self._chromosome_index) > 1:
            arrays["on_chromosome"] = np.array(self._chromosomes, dtype=np.int32)
        for name, array in arrays.items():
            np.save(self.folder / f"{name}.npy", array.astype(np.int64) if "offsets" in name else array)
        facts = {"format": FORMAT, "label_names": list(self._label_index), "rejected": self._rejected}
        facts["chromosome_names"] = list(self._chromosome_index)
        facts["bytes"] = {path.name: path.stat().st_size for path in sorted(self.folder.iterdir())}
        (self.folder / "store.json").write_text(json.dumps(facts))
        for path in self.folder.iterdir():
            with path.open("rb+") as handle:
                os.fsync(handle.fileno())


def open_store(folder: Path) -> Store:
    """Map the arrays of a finished store."""
    facts = json.loads((folder / "store.json").read_text())
    names = ["offsets", "id_offsets", "labels", "parts"]
    if len(facts["chromosome_names"]) > 1:
        names.append("on_chromosome")
    arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in names}
    return Store(
        folder=folder,
        codes=_mapped(folder / "codes"),
        id_bytes=_mapped(folder / "ids"),
        label_names=tuple(facts["label_names"]),
        rejected=facts["rejected"],
        chromosome_names=tuple(facts["chromosome_names"]),
        **arrays,
    )


def cached_store(cache: Path, key: str, fill: Callable[[StoreWriter], None]) -> Store:
    """The store called `key` under `cache`; where there is none yet, `fill` writes one.

    Two processes may fill the same store at once: each writes a folder of its own, the first to finish gives
    it its name, and the other's is thrown away.
    """
    folder = cache / key
    if _is_whole(folder):
        return open_store(folder)
    _discard(folder)  # there is none, or it is damaged
    try:
        cache.mkdir(parents=True, exist_ok=True)
        temporary = Path(mkdtemp(prefix=f"{key[:12]}.", dir=cache))
    except OSError as error:
        raise FileAccessError(f"{cache}: cannot write the parsed records ({error.strerror})") from error
    try:
        writer = StoreWriter(temporary)
        fill(writer)
        writer.finish()
        if not folder.exists():
            os.rename(temporary, folder)
    except OSError as error:
        if not (folder / "store.json").exists():
            raise FileAccessError(f"{cache}: cannot write the parsed records ({error.strerror})") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return open_store(folder)


def _discard(folder: Path) -> None:
    """Rename first: another process may be putting a whole store there."""
    if folder.exists():
        aside = mkdtemp(prefix=f"{folder.name[:12]}.", dir=folder.parent)
        with suppress(OSError):
            folder.rename(Path(aside) / "damaged")
        shutil.rmtree(aside, ignore_errors=True)


def _is_whole(folder: Path) -> bool:
    try:
        facts = json.loads((folder / "store.json").read_text())
        return all((folder / name).stat().st_size == size for name, size in facts["bytes"].items())
    except (OSError, ValueError, KeyError):
        return False


def _mapped(path: Path) -> np.ndarray:
    # an empty file cannot be mapped
    return np.memmap(path, dtype=np.uint8, mode="r") if path.stat().st_size else np.empty(0, dtype=np.uint8)
