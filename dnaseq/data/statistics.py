"""Statistics of a data set: counts, lengths, composition, copies and leaks. The cheap part of an audit."""

import numpy as np

from dnaseq.audit_record import (
    Audit,
    ClassComposition,
    Groups,
    LabelFacts,
    LeakPair,
    Leaks,
    LengthRange,
    Relatives,
    Repeated,
)
from dnaseq.data.composition import Composition, describe_records, measure_composition, spread
from dnaseq.data.dataset import LabelledSet
from dnaseq.data.records.chunked_arrays import counted, distinct, look_up, present, stretches
from dnaseq.data.records.store import PARTS
from dnaseq.data.splits.leaks import KINDS
from dnaseq.data.splits.splits import ALL, DROPPED, fractions
from dnaseq.prediction_task import CLASSIFICATION


def compute_statistics(data: LabelledSet) -> Audit:
    """Compute the statistics in audit.json: records by split and class, lengths, GC, ambiguous letters, copies, leaks.

    Classes are those that the records are stratified by, see LabelledSet. "gc" is the share of G and C among the
    unambiguous bases of a class; "imbalance" the largest class over the smallest, None where a class has no record;
    "fractions" the shares of the splits among the records in use. "groups" are from group_facts for similar records.
    "repeated" counts the copies of another record of the same split, "two_labels_within" the sequences with two labels
    in one split, both before anything is dropped. "leaks" counts training-side records by the closest kind; "judges"
    there the test and validation records with a relative in training, "selection" the test records with one in
    validation.
    """
    found = _count_letters(data)
    letters = found.letters.reshape(len(ALL), len(data.classes), -1)
    of_class = letters.sum(axis=0)
    lengths = data.store.lengths
    given, conflicting = _before_dropping(data), conflicting_rows(data)
    return Audit(
        classes=list(data.classes),
        records={
            part: dict(zip(data.classes, data.class_counts(part).tolist(), strict=True)) for part in ALL
        },
        records_read=len(data.store) + sum(data.store.rejected.values()),
        rejected=data.rejected,
        lengths=LengthRange(int(lengths.min()), float(np.median(lengths)), int(lengths.max())),
        gc={
            name: round(float(own[1:3].sum() / max(own[:4].sum(), 1)), 4)
            for name, own in zip(data.classes, of_class, strict=True)
        },
        labels=_labels(data, found.gc),
        ambiguous_letters=int(of_class[:, 4:].sum()),
        repeated_sequences=len(data.copies) - distinct(data.copies),
        sequences_with_two_labels=distinct(data.copies[conflicting]),
        records_with_two_labels=len(conflicting),
        imbalance=_imbalance(counted(data.y, len(data.classes))),
        fractions={part: round(share, 4) for part, share in fractions(data.part).items()},
        composition=_composition(data, lengths, found.gc, letters),
        repeated={name: _repeated(data.copies[given == part]) for part, name in enumerate(PARTS)},
        two_labels_within={
            name: distinct(data.copies[_conflicting(data, given == part)]) for part, name in enumerate(PARTS)
        },
        groups=group_facts(data.group, data.part),
        leaks=_leaks(data, given),
    )


def group_facts(group: np.ndarray, split: np.ndarray) -> Groups:
    """Count groups, records in the largest, records in groups of more than one, groups in several splits.

    (n,) group numbers from 0, (n,) splits; dropped records are in no split.
    """
    sizes = counted(group)
    parts = np.zeros(len(sizes), dtype=np.int8)  # that each group is in
    for part in range(len(PARTS)):
        parts += present(group[split == part], len(sizes))
    return Groups(
        number=int(np.count_nonzero(sizes)),
        largest=int(sizes.max()),
        records_in_groups=int(sizes[sizes > 1].sum()),
        straddling=int(np.count_nonzero(parts > 1)),
    )


def leak_counts(data: LabelledSet) -> dict[str, int | None]:
    """Count the training-side records that are also, or nearly, in a test or validation set, by the closest kind.

    None for a kind that was not looked for: near-duplicates by the settings, all kinds without training records.
    """
    closest: dict[int, int] = {}
    for leak in data.leaks:
        kind = KINDS.index(leak.kind)
        closest[leak.row] = min(kind, closest.get(leak.row, kind))
    found = list(closest.values())
    if not found and not len(data.rows("train")):
        return dict.fromkeys(KINDS)
    counts: dict[str, int | None] = {kind: found.count(number) for number, kind in enumerate(KINDS)}
    return counts if data.similarity.identity is not None else counts | {"near": None}


def leaks_dropped(data: LabelledSet) -> dict[str, int]:
    """Count the records left out because they are in a test or validation set, by the split that they were in.

    "of_train" is the size of the training part before; "test" are those that the bundle at hand has learnt.
    """
    out = [leak for leak in data.leaks if data.part[leak.row] == DROPPED]
    dropped = {part: len({leak.row for leak in out if leak.part == part}) for part in ("train", "val")}
    learned = {"test": data.shared.left_out} if data.shared else {}
    return dropped | {"of_train": data.n_train} | learned


def conflicting_rows(data: LabelledSet) -> np.ndarray:
    """Find the records whose sequence, on either strand unless stranded, occurs with two labels; group by group."""
    return _conflicting(data, np.ones(len(data.y), dtype=bool))


def _conflicting(data: LabelledSet, among: np.ndarray) -> np.ndarray:
    """Find conflicting_rows among some of the records: (n,) bool."""
    copies, n_groups = data.copies, int(data.copies.max()) + 1
    one = np.zeros(n_groups, dtype=data.labels.dtype)  # a label of each group, any
    for some in stretches(len(copies)):
        one[copies[some][among[some]]] = data.labels[some][among[some]]
    others = copies[among & (look_up(one, copies) != data.labels)]
    rows = np.flatnonzero(look_up(present(others, n_groups), copies) & among)
    return rows[np.argsort(copies[rows], kind="stable")]


def _before_dropping(data: LabelledSet) -> np.ndarray:
    """Return the (n,) splits as they were before relatives of test and validation records were dropped."""
    given = data.part.copy()
    for leak in data.leaks:
        if data.part[leak.row] == DROPPED:
            given[leak.row] = ALL.index(leak.part)
    return given


def _count_letters(data: LabelledSet) -> Composition:
    """Count the letters by split, then class."""
    n_classes = len(data.classes)

    def kinds(some: slice) -> np.ndarray:
        return data.part[some].astype(np.int64) * n_classes + data.y[some]

    return measure_composition(data.store, kinds, len(ALL) * n_classes)


def _labels(data: LabelledSet, gc: np.ndarray) -> dict[str, LabelFacts] | None:
    """Count records and GC of each label as the training files spell it, before anything is dropped.

    Without training files, as the other files spell it. None where labels are classes."""
    names = data.store.label_names
    if len(names) == len(data.classes) or data.targets.prediction is not CLASSIFICATION:
        return None
    labels, parts = np.asarray(data.store.labels), np.asarray(data.store.parts)
    read_first = parts == parts.min()
    of_label = {name: gc[read_first & (labels == number)] for number, name in enumerate(names)}
    return {name: LabelFacts(len(own), spread(own).mean) for name, own in sorted(of_label.items())}


def _imbalance(counts: np.ndarray) -> float | None:
    return round(float(counts.max() / counts.min()), 3) if counts.min() else None


def _composition(
    data: LabelledSet, lengths: np.ndarray, gc: np.ndarray, letters: np.ndarray
) -> dict[str, dict[str, ClassComposition]]:
    """Describe each class in each split that has records: (n,) lengths and GC shares, (splits, C, 16) letters."""

    def of(part: int, c: int) -> ClassComposition:
        chosen = (data.part == part) & (data.y == c)
        return describe_records(lengths[chosen], gc[chosen], letters[part, c])

    return {
        ALL[part]: {name: of(part, c) for c, name in enumerate(data.classes)}
        for part in np.flatnonzero(present(data.part, len(ALL))).tolist()
    }


def _leaks(data: LabelledSet, given: np.ndarray) -> Leaks:
    exact, reverse_complement, near = leak_counts(data).values()
    return Leaks(
        exact=exact,
        reverse_complement=reverse_complement,
        near=near,
        held_out={split: _leaks_between(data, given, "train", split) for split in ("test", "val")},
        selection=_leaks_between(data, given, "val", "test"),
        ids=[
            LeakPair(data.store.id(leak.row), data.store.id(leak.held_out_row), leak.kind, leak.identity)
            for leak in data.leaks
        ],
    )


def _repeated(group: np.ndarray) -> Repeated:
    return Repeated(len(group), len(group) - distinct(group))


def _leaks_between(data: LabelledSet, given: np.ndarray, part: str, held_out: str) -> Relatives:
    """Count the records of `held_out`, and those with a copy or a near-duplicate in `part`, by the closest kind."""
    unknown, n_groups = given == ALL.index(held_out), int(data.copies.max()) + 1
    n, counts = int(np.count_nonzero(unknown)), {}
    for kind in KINDS:
        relatives = [
            leak.held_out_row
            for leak in data.leaks
            if (leak.part, leak.held_out, leak.kind) == (part, held_out, kind)
        ]
        # of several copies a leak names the first
        found = unknown & look_up(present(data.copies[relatives], n_groups), data.copies)
        unknown &= ~found
        counts[kind] = int(np.count_nonzero(found))
    return Relatives(n, **counts)
