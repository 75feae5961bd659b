"""What is in a data set: counts, lengths and composition by class and part. The cheap part of an audit."""

import numpy as np

from dnaseq.data.labelled_set import LabelledSet
from dnaseq.data.store import Store

PARTS = ("train", "val", "test", "dropped")
RECORDS_AT_ONCE = 8192


def census(data: LabelledSet) -> dict:
    """Plain data for audit.json: records by part and class, lengths, GC and ambiguous letters, copies, leaks.

    GC is the share of G and C among the unambiguous bases of a class.
    """
    gc, bases = _composition(data.store)
    lengths = np.asarray(data.store.lengths)
    first = np.unique(data.group, return_index=True)[1]
    shown = np.unique(np.stack([data.group, data.y]), axis=1)
    return {
        "classes": list(data.classes),
        "records": {
            part: dict(zip(data.classes, data.class_counts(part).tolist(), strict=True)) for part in PARTS
        },
        "rejected": data.rejected,
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


def _composition(store: Store) -> tuple[np.ndarray, np.ndarray]:
    """(n,) G and C, (n,) unambiguous bases of every record; a stretch of the store at a time."""
    gc, bases = np.zeros(len(store), dtype=np.int64), np.zeros(len(store), dtype=np.int64)
    for at in range(0, len(store), RECORDS_AT_ONCE):
        offsets = np.asarray(store.offsets[at : at + RECORDS_AT_ONCE + 1])
        codes = np.asarray(store.codes[offsets[0] : offsets[-1]])
        starts = offsets[:-1] - offsets[0]
        chosen = slice(at, at + len(starts))
        gc[chosen] = np.add.reduceat((codes == 1) | (codes == 2), starts, dtype=np.int64)
        bases[chosen] = np.add.reduceat(codes <= 3, starts, dtype=np.int64)
    return gc, bases


def _leak_ids(data: LabelledSet) -> list[list[str]]:
    """[id on the training side, id in the judging part, kind], one a leak."""
    return [[data.store.id(leak.row), data.store.id(leak.judge_row), leak.kind] for leak in data.leaks]
