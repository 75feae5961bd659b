"""What is in a data set: counts, lengths and composition by class and part. The cheap part of an audit."""

import numpy as np

from dnaseq.data.labelled_set import LabelledSet

PARTS = ("train", "val", "test", "dropped")


def census(data: LabelledSet) -> dict:
    """Plain data for audit.json: records by part and class, lengths, GC and ambiguous letters, copies, leaks.

    GC is the share of G and C among the unambiguous bases of a class.
    """
    codes, offsets = np.asarray(data.store.codes), np.asarray(data.store.offsets)
    gc, bases = _per_record((codes == 1) | (codes == 2), offsets), _per_record(codes <= 3, offsets)
    lengths = np.asarray(data.store.lengths)
    first = np.unique(data.group, return_index=True)[1]
    shown = np.unique(np.stack([data.group, data.y]), axis=1)
    return {
        "classes": list(data.classes),
        "records": {
            part: dict(zip(data.classes, data.class_counts(part).tolist(), strict=True)) for part in PARTS
        },
        "rejected": data.store.rejected,
        "lengths": {
            "min": int(lengths.min()),
            "median": float(np.median(lengths)),
            "max": int(lengths.max()),
        },
        "gc": {
            name: round(float(gc[data.y == c].sum() / max(bases[data.y == c].sum(), 1)), 4)
            for c, name in enumerate(data.classes)
        },
        "ambiguous_letters": int(lengths.sum() - bases.sum()),
        "repeated_sequences": len(data.group) - len(first),
        "sequences_with_two_labels": int(shown.shape[1] - len(first)),
        "leaks": leak_counts(data) | {"ids": _leak_ids(data)},
    }


def leak_counts(data: LabelledSet) -> dict:
    """How many training-side records are also in a part that judges, by kind; `near` is not looked for here."""
    rows = {
        kind: {leak.row for leak in data.leaks if leak.kind == kind}
        for kind in ("exact", "reverse_complement")
    }
    return {kind: len(found) for kind, found in rows.items()} | {"near": None}


def _per_record(chosen: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    return np.diff(np.concatenate([[0], np.cumsum(chosen)])[offsets])


def _leak_ids(data: LabelledSet) -> list[list[str]]:
    """[id on the training side, id in the judging part, kind], one a leak."""
    return [[data.store.id(leak.row), data.store.id(leak.judge_row), leak.kind] for leak in data.leaks]
