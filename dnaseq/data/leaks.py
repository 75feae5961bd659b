"""Copies and near-duplicates of a record, on either strand, in another part of the split: found and dropped."""

from typing import NamedTuple

import numpy as np
import torch

from dnaseq.data.fingerprints import strand_hashes
from dnaseq.data.lengths import Windows
from dnaseq.data.similar import near_pairs
from dnaseq.data.store import Store
from dnaseq.data.store_writer import PARTS
from dnaseq.encode.revcomp import reverse_complement
from dnaseq.errors import InputError

HANDLING = ("drop", "fail", "keep")
KINDS = ("exact", "reverse_complement", "near")
JUDGES = {"train": ("test", "val"), "val": ("test",)}  # a record is compared with the parts that judge it


class Strands(NamedTuple):
    """What is compared: one window of bases a record, its hashes on both strands, and a group number."""

    windows: Windows
    forward: np.ndarray  # (n,) uint64
    backward: np.ndarray  # (n,) uint64
    group: np.ndarray  # (n,) int64: copies and, unless the data are stranded, reverse complements share one


class Leak(NamedTuple):
    """One record of the training side that is also, or nearly, in a part that judges the model."""

    row: int
    part: str  # train or val, where `row` is
    kind: str  # one of KINDS
    judge_row: int
    judge: str  # val or test, where `judge_row` is
    identity: float = 1.0  # 1 - edits / bases of the shorter record


def strands(store: Store, windows: Windows, stranded: bool) -> Strands:
    """Group records whose windows are equal; with `stranded`, a reverse complement is another sequence."""
    forward, backward = strand_hashes(store, windows)
    canonical = forward if stranded else np.minimum(forward, backward)
    return Strands(windows, forward, backward, np.unique(canonical, return_inverse=True)[1])


def find_leaks(
    store: Store, known: Strands, split: np.ndarray, stranded: bool, identity: float | None = None
) -> list[Leak]:
    """Every training-side record with a copy in the test or validation part, test first; then near-duplicates.

    `split` is (n,) part names. Equal hashes are confirmed letter by letter. Near-duplicates are records of at
    least that `identity` (see similar.py), contained ones among them; of several the most alike is named.
    None looks for copies only.
    """
    leaks = _copies(store, known, split, stranded)
    if identity is None:
        return leaks
    found = {(leak.row, leak.judge): leak for leak in leaks}
    for near in _near(store, known, split, stranded, identity):
        if (near.row, near.judge) not in found:
            found[near.row, near.judge] = near
            leaks.append(near)
    return leaks


def dropped(leaks: list[Leak], handling: str) -> np.ndarray:
    """Rows to leave out. `fail` raises InputError instead where there is any leak; `keep` leaves none out."""
    rows = sorted({leak.row for leak in leaks})
    if handling == "fail" and rows:
        raise InputError(
            f"{len(rows)} training records are copies or near-duplicates of {leaks[0].judge} records",
            fix="Remove them, or let leaks=drop leave them out",
        )
    return np.array(rows if handling == "drop" else [], dtype=np.int64)


def _copies(store: Store, known: Strands, split: np.ndarray, stranded: bool) -> list[Leak]:
    leaks = []
    for part, judges in JUDGES.items():
        for judge in judges:
            rows, judging = np.flatnonzero(split == part), np.flatnonzero(split == judge)
            same = np.isin(known.forward[rows], known.forward[judging])
            flipped = np.isin(known.backward[rows], known.forward[judging]) & (not stranded)
            rows = rows[same | flipped]
            hashes = np.concatenate([known.forward[rows], known.backward[rows]])
            judging = judging[np.isin(known.forward[judging], hashes)]
            there = {int(known.forward[row]): int(row) for row in judging[::-1]}
            for row in rows.tolist():
                exact, other = there.get(int(known.forward[row])), there.get(int(known.backward[row]))
                if exact is not None and np.array_equal(
                    _codes(store, known, row), _codes(store, known, exact)
                ):
                    leaks.append(Leak(row, part, "exact", exact, judge))
                elif not stranded and other is not None and _is_other_strand(store, known, row, other):
                    leaks.append(Leak(row, part, "reverse_complement", other, judge))
    return leaks


def _near(store: Store, known: Strands, split: np.ndarray, stranded: bool, identity: float) -> list[Leak]:
    """Pairs of records of two parts that are alike, the most alike first."""
    sides = np.select([split == part for part in PARTS], range(len(PARTS)), default=-1)
    if len(np.unique(sides[sides >= 0])) < 2:
        return []
    pairs = near_pairs(store, known.windows, stranded, identity, sides)
    order = np.argsort(-pairs.identity, kind="stable")
    a, b = pairs.a[order], pairs.b[order]
    train, judge = np.where(sides[a] < sides[b], a, b), np.where(sides[a] < sides[b], b, a)
    alike = pairs.identity[order]
    return [
        Leak(row, str(split[row]), "near", other, str(split[other]), round(float(share), 4))
        for row, other, share in zip(train.tolist(), judge.tolist(), alike, strict=True)
    ]


def _codes(store: Store, known: Strands, row: int) -> np.ndarray:
    start = store.offsets[row] + known.windows.start[row]
    return store.codes[start : start + known.windows.length[row]]


def _is_other_strand(store: Store, known: Strands, row: int, other: int) -> bool:
    codes = torch.from_numpy(_codes(store, known, row).copy())[None]
    flipped = reverse_complement(codes, torch.tensor([codes.shape[1]]))[0].numpy()
    return np.array_equal(flipped, _codes(store, known, other))
