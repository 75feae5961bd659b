"""Labels of the records of a data set: here a class or a set of labels, in two other modules numbers and letters.

Each kind is made from the label texts of the source. `names` are the outputs of a network (classes, labels, targets,
letters). `strata` and `stratum` are for stratified splits.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypedDict

import numpy as np

from dnaseq.data.records.chunked_arrays import counted, look_up
from dnaseq.data.records.lengths import Windows
from dnaseq.data.records.store import Store
from dnaseq.data.targets.names import (
    MOST,
    are_numbers,
    check_known,
    check_name,
    hint_on_joined,
    named,
    rename_labels,
    wrong,
)
from dnaseq.errors import ConfigError, InputError, first_names
from dnaseq.prediction_task import CLASSIFICATION, MULTILABEL, PredictionTask

FEWEST = 2  # records of a class or a label, below which no split can hold it in two parts
COMMON = 20  # least records of a label set that is a stratum of its own
MANY_NUMBERS = 6  # classes; as many with numbers for names are hardly codes of classes
JOINT, NOTHING = ";", "-"  # the separator of a written label set, and the empty set
logger = logging.getLogger("dnaseq")


class LossFacts(TypedDict, total=False):
    """Facts about the training records, for the loss; a kind of targets gives some of them."""

    class_counts: np.ndarray  # (C,)
    label_counts: np.ndarray  # (C,), of `records` records
    records: int
    values: np.ndarray  # (m, T)


class Targets(Protocol):
    """The labels of n records."""

    prediction: PredictionTask
    task: str  # its name
    names: tuple[str, ...]
    strata: tuple[str, ...]  # names of the strata
    stratum: np.ndarray  # (n,) int32 index into strata
    settings: dict[str, str]  # spelling of the labels, to read other records for the same network

    def batch(self, windows: Windows) -> np.ndarray:
        """Return the targets of B windows for the loss, records first."""
        ...

    def facts(self, rows: np.ndarray) -> LossFacts:
        """Return the facts about the training records that the loss needs."""
        ...

    def texts(self, rows: np.ndarray) -> list[str]:
        """Write the labels as text."""
        ...

    def truths(self, rows: np.ndarray) -> dict[str, list]:
        """Return the columns of truth beside predictions."""
        ...

    def number_labels(self, windows: Windows, turned: np.ndarray) -> np.ndarray:
        """Number the labels: (n,) int32, equal for two copies with the same label; one window a record. (n,) bool
        `turned`: those read on the other strand."""
        ...

    def check(self, rows: np.ndarray) -> None:
        """Raise InputError where nothing can be learned from these records."""
        ...

    def missing(self, part: np.ndarray, trained: np.ndarray) -> str | None:
        """Name a label that is in the rows of a split but not in training; None where there is none."""
        ...


Reader = Callable[[Store, Sequence[str] | None, Mapping[str, str]], Targets]


class Classes:
    """One of several classes; those of `names` in this order, else sorted. `rename` is label -> class."""

    prediction = CLASSIFICATION

    def __init__(
        self, store: Store, names: Sequence[str] | None = None, rename: Mapping[str, str] | None = None
    ):
        found = rename_labels(store.label_names, rename)
        for number, label in enumerate(found):
            check_name(store, number, label)
        self.names = named(names, found)
        check_known(found, self.names)
        self.task = CLASSIFICATION.names[len(self.names) != 2]
        index = np.array([self.names.index(label) for label in found], dtype=np.int32)
        self.stratum = look_up(index, store.labels)
        self.strata = self.names
        self.settings: dict[str, str] = {}

    def batch(self, windows: Windows) -> np.ndarray:
        """(B,) int64 class."""
        return self.stratum[windows.record].astype(np.int64)

    def facts(self, rows: np.ndarray) -> LossFacts:
        """Return class_counts (C,)."""
        return {"class_counts": counted(self.stratum[rows], len(self.names))}

    def texts(self, rows: np.ndarray) -> list[str]:
        return np.array(self.names)[self.stratum[rows]].tolist()

    def truths(self, rows: np.ndarray) -> dict[str, list]:
        return {"truth": self.texts(rows)}

    def number_labels(self, windows: Windows, turned: np.ndarray) -> np.ndarray:
        return self.stratum

    def check(self, rows: np.ndarray) -> None:
        """Require two classes at least, of FEWEST records each."""
        counts = self.facts(rows)["class_counts"]
        each = format_counts(self.names, counts)
        if len(self.names) < 2:
            fix = "A classifier needs records of at least two classes"
            raise InputError(f"only one class ({each})", fix=fix)
        if counts.min() < FEWEST:
            if are_numbers(self.names):
                fix = "If the labels are measured numbers, write task=regression"
                raise InputError(
                    f"the labels are {len(self.names)} different numbers, some of one record", fix=fix
                )
            what = f"a class has fewer than {FEWEST} records ({first_names(each.split(', '), MOST)})"
            raise InputError(what, fix="Add records or leave the class out")
        if len(self.names) >= MANY_NUMBERS and are_numbers(self.names):
            what = (
                "note: the labels are %d numbers, each taken as a class. To predict numbers: task=regression"
            )
            logger.warning(what, len(self.names))

    def missing(self, part: np.ndarray, trained: np.ndarray) -> str | None:
        counts = [self.facts(rows)["class_counts"] for rows in (part, trained)]
        return first_missing("class", self.names, *counts)


class LabelSets:
    """Any number of labels a record, joined by `separator`; `none` stands for none of them.

    `names` and `rename` are as for Classes, of single labels. A stratum is a label set; the rare ones of less than
    COMMON records are joined by their rarest label. Raises InputError for an unknown label.
    """

    prediction, task = MULTILABEL, MULTILABEL.names[0]

    def __init__(
        self,
        store: Store,
        names: Sequence[str] | None = None,
        rename: Mapping[str, str] | None = None,
        separator: str = JOINT,
        none: str = NOTHING,
    ):
        if not separator or not none:
            raise ConfigError("task.separator and task.none must be at least one letter each")
        self.settings = {"separator": separator, "none": none}
        typed = [
            [] if text == none else [label.strip() for label in text.split(separator)]
            for text in store.label_names
        ]
        single = sorted(set().union(*typed))
        new = dict(zip(single, rename_labels(single, rename), strict=True))
        found = [[new[label] for label in labels] for labels in typed]
        for number, labels in enumerate(found):
            if unwritten := [label for label in labels if label in ("", NOTHING) or JOINT in label]:
                what = f"{unwritten[0]!r} is no name of a label"
                raise wrong(
                    store, number, what, f"Join labels by {separator!r}; {none!r} stands for none of them"
                )
            for label in labels:
                check_name(store, number, label)
        self.names = named(names, [label for labels in found for label in labels])
        place = {name: c for c, name in enumerate(self.names)}
        table = np.zeros((len(found), len(self.names)), dtype=bool)  # of each text
        for number, labels in enumerate(found):
            check_known(labels, self.names)
            table[number, [place[label] for label in labels]] = True
        self.sets, of_text = np.unique(table, axis=0, return_inverse=True)
        self.of_record = look_up(of_text.reshape(-1).astype(np.int32), store.labels)  # (n,) index into sets
        self.strata, self.stratum = self._strata()

    def has(self, rows: np.ndarray) -> np.ndarray:
        """(m,) rows -> (m, C) bool: which labels each record has."""
        return self.sets[self.of_record[rows]]

    def batch(self, windows: Windows) -> np.ndarray:
        """(B, C) float32, 1 for a label that is there."""
        return self.has(windows.record).astype(np.float32)

    def facts(self, rows: np.ndarray) -> LossFacts:
        """Return label_counts (C,), of `records` records."""
        return {"label_counts": self._counts(rows), "records": len(rows)}

    def texts(self, rows: np.ndarray) -> list[str]:
        written = [written_set(self.names, one) for one in self.sets]
        return [written[number] for number in self.of_record[rows].tolist()]

    def truths(self, rows: np.ndarray) -> dict[str, list]:
        return {"truth": self.texts(rows)}

    def number_labels(self, windows: Windows, turned: np.ndarray) -> np.ndarray:
        return self.of_record

    def check(self, rows: np.ndarray) -> None:
        """Require one label at least, and FEWEST records of each. Log labels that look like several."""
        counts, hint = self._counts(rows), hint_on_joined(self.names)
        if not len(counts) or counts.min() < FEWEST:
            what = f"a label is on fewer than {FEWEST} records ({format_counts(self.names, counts)})"
            fix = hint[:1].upper() + hint[1:] or "Add records, or leave it out"
            raise InputError(what if len(counts) else "no record has a label", fix=fix)
        if hint:
            logger.warning("note: %s", hint)

    def missing(self, part: np.ndarray, trained: np.ndarray) -> str | None:
        return first_missing("label", self.names, self._counts(part), self._counts(trained))

    def _counts(self, rows: np.ndarray) -> np.ndarray:
        return counted(self.of_record[rows], len(self.sets)) @ self.sets.astype(np.int64)

    def _strata(self) -> tuple[tuple[str, ...], np.ndarray]:
        n_sets = len(self.sets)
        counts = counted(self.of_record, n_sets)
        rare = (counts < COMMON) & self.sets.any(axis=1)
        stratum = np.arange(n_sets)
        if rare.any():
            of_label = counts @ self.sets.astype(np.int64)
            stratum[rare] = n_sets + np.where(self.sets[rare], of_label, np.inf).argmin(axis=1)
        kept, of_set = np.unique(stratum, return_inverse=True)
        names = [
            written_set(self.names, self.sets[s]) if s < n_sets else f"{self.names[s - n_sets]}{JOINT}..."
            for s in kept.tolist()
        ]
        return tuple(names), look_up(of_set.astype(np.int32), self.of_record)


def written_set(names: Sequence[str], present: np.ndarray) -> str:
    """(C,) bool -> the names of the labels that are there."""
    return JOINT.join(names[c] for c in np.flatnonzero(present).tolist()) or NOTHING


def format_counts(names: Sequence[str], counts: np.ndarray) -> str:
    return ", ".join(f"{name} {count}" for name, count in zip(names, counts, strict=True))


def first_missing(kind: str, names: Sequence[str], part: np.ndarray, trained: np.ndarray) -> str | None:
    strange = np.flatnonzero((np.asarray(part) > 0) & (np.asarray(trained) == 0))
    return f"{kind} {names[strange[0]]!r}" if strange.size else None
