"""Labelled records, read from their source and divided into splits."""

import logging
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from dnaseq.data.records.chunked_arrays import counted, index_type, present
from dnaseq.data.records.hashing import combined_sha256, file_sha256, lines_sha256
from dnaseq.data.records.lengths import LengthPolicy
from dnaseq.data.records.store import FORMAT, PARTS, Store, default_cache, is_whole
from dnaseq.data.records.store_writer import LabelledBlock, StoreWriter, cached_store
from dnaseq.data.similarity.similar import Similarity, similarity_groups
from dnaseq.data.splits.leaks import HANDLING, Leak, Strands, find_leaks, rows_to_drop, strands
from dnaseq.data.splits.splits import ALL, DROPPED, TEST, TRAIN, VAL, Facts
from dnaseq.data.targets.classes import Classes, Reader, Targets
from dnaseq.data.targets.names import is_name, look_alikes, rename_option
from dnaseq.errors import ConfigError, FileAccessError, InputError
from dnaseq.io.progress import show_progress
from dnaseq.io.sequences.reading import Reading
from dnaseq.plugins.loading import sha256_of_maker
from dnaseq.schemas import SharedRecords

logger = logging.getLogger("dnaseq")
ALIKE = "warning: classes %s and %s differ only in case, number format or invisible characters. To make them one: %s"
NONE = np.empty(0, dtype=np.int64)


FileHashes = dict[str, dict[str, str]]  # part of the files -> path -> SHA-256


class Source(Protocol):
    """The interface of a source: files by split, other settings that decide what is read, the labelled blocks."""

    files: dict[str, list[str]]
    side_files: list[str]
    settings: dict

    def read(self, reading: Reading) -> Iterator[tuple[str, LabelledBlock]]: ...


class SplitRule(Protocol):
    """The interface of a rule that assigns records to splits: those known beforehand, and those after it."""

    similar: bool  # True: similar records stay together; False: copies only

    def known_parts(self, parts: np.ndarray) -> np.ndarray: ...

    def assign(self, facts: Facts) -> np.ndarray: ...


@dataclass(frozen=True)
class Plan:
    """Settings that turn labelled records into a LabelledSet."""

    split: SplitRule
    lengths: LengthPolicy
    leaks: str = "drop"
    classes: Sequence[str] | None = None
    rename: Mapping[str, str] | None = None
    stranded: bool = False
    similarity: Similarity = field(default_factory=Similarity)
    targets: Reader = Classes  # the factory of the targets
    first_class: str | None = None  # that of negatives, which is not the positive one whatever the names

    def __post_init__(self) -> None:
        if self.leaks not in HANDLING:
            raise ConfigError(f"leaks must be one of {', '.join(HANDLING)}; got {self.leaks!r}")
        if isinstance(self.classes, str) or not isinstance(self.classes, Sequence | None):
            raise ConfigError(f"data.classes must be a list, for example [neg,pos]; got {self.classes!r}")
        given = {"data.classes": self.classes or (), "data.rename": (self.rename or {}).values()}
        for key, names in given.items():
            if lost := [
                name for name in names if not isinstance(name, str | int | float) or isinstance(name, bool)
            ]:
                raise ConfigError(f"{key}: YAML reads a name as {lost[0]!r}. Put it in quotes in the file")
            if unwritten := [str(name) for name in names if not is_name(str(name))]:
                what = f"a class or label cannot be named {unwritten[0][:40]!r}"
                raise ConfigError(f"{key}: {what}. Use visible letters and plain blanks alone")


@dataclass(frozen=True)
class LabelledSet:
    """A store with labels and splits: all arrays have one entry a record of the store.

    `targets` is for the network. Records are stratified and counted by `classes` and `y`: the classes where every
    record has one, else the strata of the targets.
    """

    store: Store
    targets: Targets
    labels: np.ndarray  # (n,) int32, copies with different labels have different numbers
    part: np.ndarray  # (n,) int8 index into splits.ALL: train, val, test or dropped
    # (n,) int32, equal sequences share a number; on either strand, unless the data are stranded
    copies: np.ndarray
    group: np.ndarray  # (n,) int32, so do similar ones, see similar.py
    similarity: Similarity  # the criteria of similar records
    leaks: tuple[Leak, ...]
    files: FileHashes
    rejected: dict[str, int]  # part (of the files) -> records that could not be used
    n_train: int  # size of the training part before records were left out
    stranded: bool = False  # True: the reverse complement of a record is another sequence
    # records that the bundle at hand has learnt: that of init=, or the one that is scored
    shared: SharedRecords | None = None

    @property
    def classes(self) -> tuple[str, ...]:
        return self.targets.strata

    @property
    def y(self) -> np.ndarray:
        """(n,) int32 index into classes."""
        return self.targets.stratum

    @property
    def split(self) -> np.ndarray:
        """(n,) str, the names of the splits; made anew, 28 bytes a record."""
        return np.array(ALL)[self.part]

    def rows(self, *parts: str) -> np.ndarray:
        """Return the records of these splits, in the order of the store."""
        wanted = np.logical_or.reduce([self.part == ALL.index(part) for part in parts])
        return np.flatnonzero(wanted).astype(index_type(len(wanted)))

    def digest(self) -> str:
        """Hash ids and splits, in the order of the ids (SHA-256): two runs with the same hash have the same splits."""
        return lines_sha256(f"{self.store.id(row)}\t{ALL[part]}" for row, part in enumerate(self.part))

    def parts_of(self, rows: np.ndarray) -> set[str]:
        """Return the parts of the files that these rows were read from."""
        return {PARTS[part] for part in np.flatnonzero(present(self.store.parts[rows], len(PARTS)))}

    def class_counts(self, part: str) -> np.ndarray:
        return counted(self.y[self.part == ALL.index(part)], len(self.classes))


def parse_source(source: Source, reading: Reading, cache: Path | None = None) -> tuple[Store, FileHashes]:
    """Read a source, from the cache if the same content was read before; also part -> path -> SHA-256."""
    paths = [path for paths in source.files.values() for path in paths] + source.side_files
    before = [_stamp(path) for path in paths]
    files = {part: {path: file_sha256(path) for path in paths} for part, paths in source.files.items()}
    hashes = [list(there.values()) for there in files.values()] + [file_sha256(p) for p in source.side_files]
    each = replace(reading, expect_records=None)  # the expected number is that of all files
    settings = {"store": FORMAT, "source": source.settings, "reading": asdict(each), "parts": list(files)}
    if made_by := sha256_of_maker(source):
        settings["plugin"] = made_by
    settings["suffixes"] = [Path(path).suffixes for path in paths]  # they decide how a file is read

    def fill(writer: StoreWriter) -> None:
        with show_progress("reading", "records") as step:
            for part, labelled in source.read(each):
                writer.append(labelled, part)
                step.advance(len(labelled.labels))
        changed = [path for path, stamp in zip(paths, before, strict=True) if _stamp(path) != stamp]
        if changed:
            raise InputError("changed while it was read", file=changed[0], fix="Wait until it is complete")

    store = cached_store(cache or default_cache(), combined_sha256(hashes, settings), fill)
    if store.note:
        logger.info("note: %s", store.note)
    total = len(store) + sum(store.rejected.values())
    if reading.expect_records not in (None, total):
        raise InputError(f"{total} records, but reading.expect_records is {reading.expect_records}")
    if not len(store):
        raise InputError("no records that can be used", file=paths[0])
    return store, files


def build_labelled_set(
    store: Store, files: FileHashes, plan: Plan, unusable: np.ndarray = NONE
) -> LabelledSet:
    """Read the labels, split, and handle copies and near-duplicates between splits.

    First, copies of test records are dropped from the training file. Then missing splits are taken from the rest, so
    that they have the sizes that were asked for. Last, similar records that the split has separated are dropped.
    Records are compared by the bases that the model reads: with the length policy trim, the middle. `unusable` rows
    are left out altogether.
    """
    targets = _targets(store, files, plan)
    whole = LengthPolicy() if plan.lengths.policy == "tile" else plan.lengths
    known = strands(store, whole.windows(store.lengths), plan.stranded)
    group = similarity_groups(store, known.windows, plan.stranded, plan.similarity, known.duplicates)
    given = plan.split.known_parts(np.asarray(store.parts))
    given[unusable] = DROPPED
    found = _leaks(store, known, given, plan)
    is_left = np.ones(len(store), dtype=bool)
    n_train = int(np.count_nonzero(given == TRAIN))
    is_left[unusable] = is_left[rows_to_drop(found, plan.leaks, n_train)] = False
    if set(files) > {"train"} and n_train and not ((given == VAL) | (given == TEST)).any():
        others = " and ".join(part for part in PARTS[1:] if part in files)
        logger.info("note: this split divides all records anew, those of the %s file too", others)
    _check_files(store, files, is_left)
    if n_train:
        targets.check(np.flatnonzero(is_left))
    parts = np.full(len(store), DROPPED, dtype=np.int8)
    alike = group if plan.split.similar else known.group
    parts[is_left] = plan.split.assign(_facts(store, targets, alike, is_left))
    if not plan.split.similar:
        known_leaks = {(leak.row, leak.held_out_row) for leak in found}
        later = [k for k in _leaks(store, known, parts, plan) if (k.row, k.held_out_row) not in known_leaks]
        n_train = n_train if found else int(np.count_nonzero(parts == TRAIN))
        _drop(parts, rows_to_drop(later, plan.leaks, n_train))
        found += later
    _check_parts(targets, parts)
    return LabelledSet(
        store=store,
        targets=targets,
        labels=targets.number_labels(known.windows, known.duplicates.turned),
        part=parts,
        copies=known.group,
        group=group,
        similarity=plan.similarity,
        leaks=tuple(found),
        files=files,
        rejected=_rejected(store, unusable),
        n_train=n_train,
        stranded=plan.stranded,
    )


def _check_files(store: Store, files: FileHashes, is_left: np.ndarray) -> None:
    """Raise InputError for a part of the files of which no record is left: (n,) bool."""
    for part in files:
        if not (is_left & (store.parts == PARTS.index(part))).any():
            what = f"no record of the {part} file is left: the others cannot be used, or are copies"
            fix = f"Give another file, or leave data.{part} out"
            raise InputError(what, file=next(iter(files[part])), fix=fix)


def _targets(store: Store, files: FileHashes, plan: Plan) -> Targets:
    """Build the targets, and warn of names that look alike. The error for a label names its file, unless its part has
    several."""
    try:
        targets = plan.targets(store, plan.classes or _classes(store, plan), plan.rename or {})
    except InputError as error:
        if error.file is not None or error.record is None:
            raise
        row = next(row for row in range(len(store)) if store.id(row) == error.record)
        paths = list(files.get(PARTS[store.parts[row]], ()))
        file = paths[0] if len(paths) == 1 else None
        raise InputError(error.what, file=file, record=error.record, fix=error.fix) from error
    for one, other, *_ in look_alikes(targets.names):
        logger.warning(ALIKE, one, other, rename_option(one, other))
    return targets


def _classes(store: Store, plan: Plan) -> list[str] | None:
    """Return the classes with that of negatives first, where there are any; None: sorted names."""
    found = sorted(set(store.label_names) - {str(plan.first_class)})
    is_of_classes = getattr(plan.targets, "func", plan.targets) is Classes
    is_there = is_of_classes and plan.first_class in store.label_names and not plan.rename
    return [str(plan.first_class), *found] if is_there else None


def _rejected(store: Store, unusable: np.ndarray) -> dict[str, int]:
    """Count the records of each part that could not be read or used."""
    return {
        part: count + int((store.parts[unusable] == PARTS.index(part)).sum())
        for part, count in store.rejected.items()
    }


def _leaks(store: Store, known: Strands, split: np.ndarray, plan: Plan) -> list[Leak]:
    return find_leaks(store, known, split, plan.stranded, plan.similarity.identity)


def _drop(parts: np.ndarray, rows: np.ndarray) -> None:
    """Drop rows from their splits. Raises InputError where a split is empty then."""
    before = present(parts, len(ALL))
    parts[rows] = DROPPED
    for part in sorted(ALL[lost] for lost in np.flatnonzero(before & ~present(parts, len(ALL)))):
        held_out = "test or validation" if part == "train" else "test"
        raise InputError(
            f"all {part} records are copies or near-duplicates of {held_out} records",
            fix="Use split=grouped, which keeps similar records together",
        )


def _facts(store: Store, targets: Targets, group: np.ndarray, is_left: np.ndarray) -> Facts:
    """Collect the facts about the rows to assign, (n,) bool."""
    places = store.chromosomes
    return Facts(
        parts=np.asarray(store.parts)[is_left],
        labels=targets.stratum[is_left],
        groups=group[is_left],
        ids=lambda: store.ids(np.flatnonzero(is_left)),
        chromosomes=None if places is None else places[is_left],
        classes=targets.strata,
        headers=lambda: [store.header(row) for row in np.flatnonzero(is_left).tolist()],
    )


def _stamp(path: str) -> tuple[int, int, int]:
    try:
        there = os.stat(path)
    except OSError as error:
        raise FileAccessError(f"{path}: cannot be read ({error.strerror})") from error
    if not stat.S_ISREG(there.st_mode):
        fix = "Training reads its files more than once: write it to a file first"
        raise FileAccessError(f"{path}: not a regular file. {fix}")
    return there.st_size, there.st_mtime_ns, there.st_ino


def _check_parts(targets: Targets, parts: np.ndarray) -> None:
    trained = np.flatnonzero(parts == TRAIN)
    for part in ("val", "test"):
        rows = np.flatnonzero(parts == ALL.index(part))
        strange = trained.size and targets.missing(rows, trained)
        if strange:
            fix = "Give more records of it, or leave it out"
            raise InputError(f"{strange} is in the {part} split but never in training", fix=fix)


def parse_on_node(source: Source, reading: Reading, folder: Path) -> None:
    """Parse the files on this node too, into the store that the first node has in `folder`, unless it is there.

    Raises InputError where the files are not those of the first node.
    """
    if is_whole(folder):
        return
    store, files = parse_source(source, reading, folder.parent)
    if store.folder != folder:
        path = next(path for paths in files.values() for path in paths)
        raise InputError("not the same file on every node", file=path, fix="Put it where all nodes see it")
