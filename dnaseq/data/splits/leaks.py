"""Leaks: copies and near-duplicates of a record, on either strand, in another split."""

import logging
from typing import NamedTuple

import numpy as np
import torch

from dnaseq.data.records.chunked_arrays import look_up, present
from dnaseq.data.records.lengths import Windows
from dnaseq.data.records.store import Store
from dnaseq.data.similarity.duplicates import Duplicates, find_duplicates
from dnaseq.data.similarity.similar import near_pairs
from dnaseq.data.splits.splits import ALL, DROPPED
from dnaseq.encode.revcomp import reverse_complement
from dnaseq.errors import InputError

AUTO, DROP, FAIL, KEEP = HANDLING = ("auto", "drop", "fail", "keep")
MOST_DROPPED = 0.5  # share of the training part; auto drops no more
MUCH_DROPPED = 0.1  # share of the training part that is worth a warning
KINDS = ("exact", "reverse_complement", "near")
LEAKS_INTO = {
    "train": ("test", "val"),
    "val": ("test",),
}  # a record is compared with the splits that it may leak into
logger = logging.getLogger("dnaseq")


class Strands(NamedTuple):
    """One window of bases a record, and the duplicates among them."""

    windows: Windows
    duplicates: Duplicates

    @property
    def group(self) -> np.ndarray:
        """(n,) int32: copies and, unless the data are stranded, reverse complements share one."""
        return self.duplicates.number


class Leak(NamedTuple):
    """A training-side record that is also, or nearly, in a test or validation set."""

    row: int
    part: str  # train or val, where `row` is
    kind: str  # one of KINDS
    held_out_row: int
    held_out: str  # val or test, where `held_out_row` is
    identity: float = 1.0  # 1 - edits / bases of the shorter record


def strands(store: Store, windows: Windows, stranded: bool) -> Strands:
    """Group records whose windows are equal; with `stranded`, a reverse complement is another sequence."""
    return Strands(windows, find_duplicates(store, windows, stranded))


def find_leaks(
    store: Store, known: Strands, split: np.ndarray, stranded: bool, identity: float | None = None
) -> list[Leak]:
    """Find training-side records with a copy in the test or validation set, test first; then near-duplicates.

    `split` is (n,) index into splits.ALL. Equal hashes are confirmed letter by letter. Near-duplicates are records
    of at least that `identity` (see similar.py), contained ones among them; of several the most alike is named.
    None looks for copies only.
    """
    leaks = _copies(store, known, split, stranded)
    if identity is None:
        return leaks
    found = {(leak.row, leak.held_out): leak for leak in leaks}
    for near in _near(store, known, split, stranded, identity):
        if (near.row, near.held_out) not in found:
            found[near.row, near.held_out] = near
            leaks.append(near)
    return leaks


def rows_to_drop(leaks: list[Leak], handling: str, n_train: int) -> np.ndarray:
    """Return the rows to leave out, `keep` none; `n_train` is the size of the training part.

    A part of more than MUCH_DROPPED is worth a warning. Raises InputError where there is any leak with `fail`, and
    where it is more than MOST_DROPPED with `auto`.
    """
    rows = sorted({leak.row for leak in leaks})
    if handling == KEEP or not rows:
        return np.empty(0, dtype=np.int64)
    if handling == FAIL:
        raise InputError(
            f"{len(rows)} training records are copies or near-duplicates of {leaks[0].held_out} records",
            fix="Remove them, or let leaks=drop leave them out",
        )
    count = len({leak.row for leak in leaks if leak.part == "train"})
    share = count / max(n_train, 1)
    what = (
        f"{count:,} of {n_train:,} training records ({share:.0%}) are copies or near-duplicates of test or "
        "validation records"
    )
    if handling == AUTO and share > MOST_DROPPED:
        raise InputError(
            f"{what}, so most of the training part would be left out",
            fix="Leave them out with leaks=drop, train on them with leaks=keep (the scores will be too high), or "
            "divide all records anew with split=grouped",
        )
    if share > MUCH_DROPPED:
        logger.warning("warning: %s, and are left out", what)
    return np.array(rows, dtype=np.int64)


def _copies(store: Store, known: Strands, split: np.ndarray, stranded: bool) -> list[Leak]:
    leaks, (group, first, turned) = [], known.duplicates
    for part, others in LEAKS_INTO.items():
        for held_out in others:
            rows, relatives = _sharing(
                group, len(first), split == ALL.index(part), split == ALL.index(held_out)
            )
            strand = zip(
                group[relatives].tolist(), turned[relatives].tolist(), relatives.tolist(), strict=True
            )
            there = {(number, turn): row for number, turn, row in reversed(list(strand))}
            for row in rows.tolist():
                number, turn = int(group[row]), bool(turned[row])
                exact, other = there.get((number, turn)), there.get((number, not turn))
                if exact is not None and np.array_equal(
                    _codes(store, known, row), _codes(store, known, exact)
                ):
                    leaks.append(Leak(row, part, "exact", exact, held_out))
                elif not stranded and other is not None and _is_other_strand(store, known, row, other):
                    leaks.append(Leak(row, part, "reverse_complement", other, held_out))
    return leaks


def _sharing(
    group: np.ndarray, n_groups: int, one: np.ndarray, two: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of each of two (n,) bool that have a group in common with the other."""
    both = present(group[one], n_groups) & present(group[two], n_groups)
    shared = look_up(both, group)
    return np.flatnonzero(one & shared), np.flatnonzero(two & shared)


def _near(store: Store, known: Strands, split: np.ndarray, stranded: bool, identity: float) -> list[Leak]:
    """List the similar pairs of records of two splits, the most similar first."""
    sides = np.where(split == DROPPED, np.int8(-1), split)
    if len(np.unique(sides[sides >= 0])) < 2:
        return []
    pairs = near_pairs(store, known.windows, stranded, identity, sides)
    order = np.argsort(-pairs.identity, kind="stable")
    a, b = pairs.a[order], pairs.b[order]
    train, held_out = np.where(sides[a] < sides[b], a, b), np.where(sides[a] < sides[b], b, a)
    alike = pairs.identity[order]
    return [
        Leak(row, ALL[split[row]], "near", other, ALL[split[other]], round(float(share), 4))
        for row, other, share in zip(train.tolist(), held_out.tolist(), alike, strict=True)
    ]


def _codes(store: Store, known: Strands, row: int) -> np.ndarray:
    start = store.offsets[row] + known.windows.start[row]
    return store.codes[start : start + known.windows.length[row]]


def _is_other_strand(store: Store, known: Strands, row: int, other: int) -> bool:
    codes = torch.from_numpy(_codes(store, known, row).copy())[None]
    flipped = reverse_complement(codes, torch.tensor([codes.shape[1]]))[0].numpy()
    return np.array_equal(flipped, _codes(store, known, other))
