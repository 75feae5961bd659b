"""What is in a data set: counts, lengths, composition, copies and leaks. The cheap part of an audit."""

import numpy as np

from dnaseq.data.composition import described, gc_shares, letter_counts, spread
from dnaseq.data.labelled_set import LabelledSet
from dnaseq.data.leaks import KINDS
from dnaseq.data.splits import fractions
from dnaseq.data.store_writer import PARTS
from dnaseq.data.targets import CLASSIFICATION

ALL = (*PARTS, "dropped")


def census(data: LabelledSet) -> dict:
    """Plain data for audit.json: records by part and class, lengths, GC and ambiguous letters, copies, leaks.

    Classes are those that records are dealt by, see LabelledSet. "gc" is the share of G and C among the unambiguous
    bases of a class; "imbalance" the largest class over the smallest, None where a class has no record; "fractions"
    the shares of the parts in what is used. "groups" are those of group_facts for similar records. "repeated" counts
    the copies of another record of the same part, "two_labels_within" the sequences with two labels in one part, both
    before anything is dropped. "leaks" counts records of the training side by the closest kind; "judges" there the
    test and validation records with a relative in training, "selection" the test records with one in validation.
    """
    counts = letter_counts(data.store)
    bases = counts[:, :4].sum(axis=1)
    lengths = np.asarray(data.store.lengths)
    given, copies, conflicting = _before_dropping(data), np.unique(data.copies), conflicting_rows(data)
    return {
        "classes": list(data.classes),
        "records": {
            part: dict(zip(data.classes, data.class_counts(part).tolist(), strict=True)) for part in ALL
        },
        "records_read": len(data.store) + sum(data.store.rejected.values()),
        "rejected": data.rejected,
        "lengths": {
            "min": int(lengths.min()),
            "median": float(np.median(lengths)),
            "max": int(lengths.max()),
        },
        "gc": {
            name: round(float(counts[data.y == c, 1:3].sum() / max(bases[data.y == c].sum(), 1)), 4)
            for c, name in enumerate(data.classes)
        },
        "labels": _labels(data, counts),
        "ambiguous_letters": int(lengths.sum() - bases.sum()),
        "repeated_sequences": len(data.copies) - len(copies),
        "sequences_with_two_labels": len(np.unique(data.copies[conflicting])),
        "records_with_two_labels": len(conflicting),
        "imbalance": _imbalance(np.bincount(data.y, minlength=len(data.classes))),
        "fractions": {part: round(share, 4) for part, share in fractions(data.split).items()},
        "composition": _composition(data, counts),
        "repeated": {part: _repeated(data.copies[given == part]) for part in PARTS},
        "two_labels_within": {
            part: len(np.unique(data.copies[_conflicting(data, given == part)])) for part in PARTS
        },
        "groups": group_facts(data.group, data.split),
        "leaks": leak_counts(data)
        | {
            "judges": {judge: _leaks_between(data, given, "train", judge) for judge in ("test", "val")},
            "selection": _leaks_between(data, given, "val", "test"),
            "ids": _leak_ids(data),
        },
    }


def group_facts(group: np.ndarray, split: np.ndarray) -> dict[str, int]:
    """Number of groups, records in the largest, records in groups of more than one, groups in several parts.

    (n,) group numbers, (n,) part names; dropped records are in no part.
    """
    _, member, sizes = np.unique(group, return_inverse=True, return_counts=True)
    present = np.zeros((len(sizes), 3), dtype=bool)
    for column, part in enumerate(PARTS):
        present[member[split == part], column] = True
    return {
        "number": len(sizes),
        "largest": int(sizes.max()),
        "records_in_groups": int(sizes[sizes > 1].sum()),
        "straddling": int((present.sum(axis=1) > 1).sum()),
    }


def leak_counts(data: LabelledSet) -> dict[str, int | None]:
    """How many training-side records are also, or nearly, in a part that judges, by the closest kind.

    None for a kind that was not looked for: near-duplicates by the settings, all where there is nothing to learn from.
    """
    closest: dict[int, int] = {}
    for leak in data.leaks:
        kind = KINDS.index(leak.kind)
        closest[leak.row] = min(kind, closest.get(leak.row, kind))
    found = list(closest.values())
    if not found and not len(data.rows("train")):
        return dict.fromkeys(KINDS)
    counts = {kind: found.count(number) for number, kind in enumerate(KINDS)}
    return counts if data.similarity.identity is not None else counts | {"near": None}


def leaks_dropped(data: LabelledSet) -> dict[str, int]:
    """Records that were left out because they are in a part that judges, by the part that they were in."""
    out = set(data.rows("dropped").tolist())
    return {
        part: len({leak.row for leak in data.leaks if leak.part == part} & out) for part in ("train", "val")
    }


def conflicting_rows(data: LabelledSet) -> np.ndarray:
    """Records whose sequence, on either strand unless stranded, occurs with two labels; group by group."""
    return _conflicting(data, np.ones(len(data.y), dtype=bool))


def _conflicting(data: LabelledSet, among: np.ndarray) -> np.ndarray:
    """conflicting_rows among some of the records: (n,) bool."""
    shown = np.unique(np.stack([data.copies[among], data.labels[among]]), axis=1)
    groups, labels = np.unique(shown[0], return_counts=True)
    rows = np.flatnonzero(np.isin(data.copies, groups[labels > 1]) & among)
    return rows[np.argsort(data.copies[rows], kind="stable")]


def _before_dropping(data: LabelledSet) -> np.ndarray:
    """(n,) parts as they were before relatives of judging records were dropped."""
    given = data.split.copy()
    for leak in data.leaks:
        if data.split[leak.row] == "dropped":
            given[leak.row] = leak.part
    return given


def _labels(data: LabelledSet, counts: np.ndarray) -> dict[str, dict] | None:
    """Records and GC of each label as the training files spell it (or the others, if there is none of these), before
    anything is dropped; None where labels are classes."""
    names = data.store.label_names
    if len(names) == len(data.classes) or data.targets.task not in CLASSIFICATION:
        return None
    labels, parts = np.asarray(data.store.labels), np.asarray(data.store.parts)
    read_first = parts == parts.min()
    of_label = {name: counts[read_first & (labels == number)] for number, name in enumerate(names)}
    return {
        name: {"records": len(own), "gc": spread(gc_shares(own))["mean"]}
        for name, own in sorted(of_label.items())
    }


def _imbalance(counts: np.ndarray) -> float | None:
    return round(float(counts.max() / counts.min()), 3) if counts.min() else None


def _composition(data: LabelledSet, counts: np.ndarray) -> dict[str, dict[str, dict]]:
    """part -> class -> what composition.described says of its records; parts without records are left out."""
    return {
        part: {
            name: described(counts[(data.split == part) & (data.y == c)])
            for c, name in enumerate(data.classes)
        }
        for part in ALL
        if len(data.rows(part))
    }


def _repeated(group: np.ndarray) -> dict[str, int]:
    return {"records": len(group), "copies": len(group) - len(np.unique(group))}


def _leaks_between(data: LabelledSet, given: np.ndarray, part: str, judge: str) -> dict[str, int]:
    """Records of a judging part, and how many have a copy or a near-duplicate in another part, by closest kind."""
    rows = np.flatnonzero(given == judge)
    known, told = np.zeros(len(rows), dtype=bool), {"records": len(rows)}
    for kind in KINDS:
        judging = [
            leak.judge_row for leak in data.leaks if (leak.part, leak.judge, leak.kind) == (part, judge, kind)
        ]
        # of several copies in the judging part a leak names the first
        found = np.isin(data.copies[rows], data.copies[judging] if judging else []) & ~known
        known |= found
        told[kind] = int(found.sum())
    return told


def _leak_ids(data: LabelledSet) -> list[list]:
    """[id on the training side, id in the judging part, kind, identity], one a leak."""
    return [
        [data.store.id(leak.row), data.store.id(leak.judge_row), leak.kind, leak.identity]
        for leak in data.leaks
    ]
