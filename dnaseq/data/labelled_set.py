"""A data set ready to train on: classes numbered, parts dealt out, copies across parts handled."""

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from dnaseq.data.fingerprints import combined_sha256, file_sha256
from dnaseq.data.leaks import Leak, dropped, find_leaks, strands
from dnaseq.data.store import FORMAT, Store, StoreWriter, cached_store
from dnaseq.errors import ConfigError, InputError
from dnaseq.io.reading import Reading

FEWEST = 2  # records of a class, below which no split can hold it in two parts


class Source(Protocol):
    """What sources.py offers: files by part, what else decides what is read, and the labelled blocks."""

    files: dict[str, list[str]]
    side_files: list[str]
    settings: dict

    def read(self, reading: Reading): ...


@dataclass(frozen=True)
class LabelledSet:
    """A store with what the run has decided about it: all arrays have one entry a record of the store."""

    store: Store
    classes: tuple[str, ...]
    y: np.ndarray  # (n,) int64 class index
    split: np.ndarray  # (n,) train, val, test or dropped
    group: np.ndarray  # (n,) equal sequences, on either strand, share a number
    leaks: tuple[Leak, ...]
    files: dict[str, str]  # path -> SHA-256

    def rows(self, part: str) -> np.ndarray:
        return np.flatnonzero(self.split == part)

    def class_counts(self, part: str) -> np.ndarray:
        return np.bincount(self.y[self.rows(part)], minlength=len(self.classes))


def default_cache() -> Path:
    """$DNASEQ_CACHE, or dnaseq/ in the user's cache folder, or in the temporary folder where there is no home."""
    if "DNASEQ_CACHE" in os.environ:
        return Path(os.environ["DNASEQ_CACHE"])
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    if os.access(cache if os.path.isdir(cache) else os.path.dirname(cache), os.W_OK):
        return Path(cache) / "dnaseq"
    return Path(tempfile.gettempdir()) / f"dnaseq-{os.getuid()}"


def parsed(source: Source, reading: Reading, cache: Path | None = None) -> tuple[Store, dict[str, str]]:
    """The records of a source, from the cache if the same content was read before, and its files' SHA-256."""
    paths = [path for paths in source.files.values() for path in paths] + source.side_files
    hashes = {path: file_sha256(path) for path in paths}
    counts = {part: len(paths) for part, paths in source.files.items()}
    settings = {"store": FORMAT, "source": source.settings, "reading": asdict(reading), "parts": counts}

    def fill(writer: StoreWriter) -> None:
        for part, labelled in source.read(reading):
            writer.append(labelled.block, labelled.labels, part)

    key = combined_sha256(hashes.values(), settings)
    return cached_store(cache or default_cache(), key, fill), hashes


def labelled_set(
    store: Store,
    files: dict[str, str],
    split: Callable,
    leaks: str = "drop",
    classes: Sequence[str] | None = None,
    rename: dict[str, str] | None = None,
    stranded: bool = False,
) -> LabelledSet:
    """Number the classes, split, and handle copies between parts.

    The order is: copies of the test file are dropped from the training file first, then missing parts are
    taken from what is left, so that the sizes of the parts are those that were asked for.
    """
    names, y = _numbered(store, classes, rename or {})
    known = strands(store, stranded)
    given = np.array(["train", "val", "test"])[np.asarray(store.parts)]
    found = find_leaks(store, known, given, stranded)
    out = dropped(found, leaks)
    rows = np.setdiff1d(np.arange(len(store)), out)
    parts = np.full(len(store), "dropped", dtype="<U7")
    if (given == "train").any():
        _check_classes(names, y[rows])
    parts[rows] = split(np.asarray(store.parts)[rows], y[rows], known.group[rows])
    _check_parts(names, y, parts)
    return LabelledSet(store, names, y, parts, known.group, tuple(found), files)


def _numbered(
    store: Store, classes: Sequence[str] | None, rename: dict
) -> tuple[tuple[str, ...], np.ndarray]:
    """Class names in the order of the configuration or else sorted, and (n,) class indices."""
    named = [str(rename.get(label, label)) for label in store.label_names]
    names = tuple(str(c) for c in classes) if classes else tuple(sorted(set(named)))
    unknown = sorted(set(named) - set(names))
    if unknown:
        raise InputError(
            f"label {unknown[0]!r} is not among the classes {', '.join(names)}", fix="See data.classes"
        )
    if len(set(names)) != len(names):
        raise ConfigError(f"data.classes names a class twice: {', '.join(names)}")
    index = np.array([names.index(label) for label in named], dtype=np.int64)
    return names, index[np.asarray(store.labels)] if len(store) else np.empty(0, dtype=np.int64)


def _check_classes(names: tuple[str, ...], y: np.ndarray) -> None:
    counts = np.bincount(y, minlength=len(names))
    told = ", ".join(f"{name} {count}" for name, count in zip(names, counts, strict=True))
    if len(names) < 2:
        raise InputError(f"only one class ({told})", fix="A classifier needs records of at least two classes")
    if counts.min() < FEWEST:
        raise InputError(
            f"a class has fewer than {FEWEST} records ({told})", fix="Add records or leave the class out"
        )


def _check_parts(names: tuple[str, ...], y: np.ndarray, parts: np.ndarray) -> None:
    trained = set(y[parts == "train"].tolist())
    for part in ("val", "test"):
        strange = sorted(set(y[parts == part].tolist()) - trained)
        if trained and strange:
            raise InputError(f"class {names[strange[0]]!r} is in the {part} part but never in training")
