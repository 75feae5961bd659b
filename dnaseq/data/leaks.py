"""Copies of a record, on either strand, in another part of the split: found, reported and dropped."""

from typing import NamedTuple

import numpy as np

from dnaseq.data.fingerprints import strand_hashes
from dnaseq.data.store import Store
from dnaseq.errors import ConfigError, InputError

HANDLING = ("drop", "fail", "keep")
JUDGES = {"train": ("test", "val"), "val": ("test",)}  # a record is compared with the parts that judge it


class Strands(NamedTuple):
    """Hashes of every record: as it stands, of its other strand, and a group number for equal sequences."""

    forward: np.ndarray  # (n,) uint64
    backward: np.ndarray  # (n,) uint64
    group: np.ndarray  # (n,) int64: copies and, unless the data are stranded, reverse complements share one


class Leak(NamedTuple):
    """One record of the training side that is also in a part that judges the model."""

    row: int
    part: str  # train or val, where `row` is
    kind: str  # exact or reverse_complement
    judge_row: int
    judge: str  # val or test, where `judge_row` is


def strands(store: Store, stranded: bool) -> Strands:
    """Group equal sequences; with `stranded`, a reverse complement is another sequence."""
    forward, backward = strand_hashes(store)
    canonical = forward if stranded else np.minimum(forward, backward)
    return Strands(forward, backward, np.unique(canonical, return_inverse=True)[1])


def find_leaks(store: Store, known: Strands, split: np.ndarray, stranded: bool) -> list[Leak]:
    """Every training-side record with a copy in the test or validation part, test first.

    `split` is (n,) part names. Equal hashes are confirmed letter by letter.
    """
    leaks = []
    for part, judges in JUDGES.items():
        for judge in judges:
            there = {int(h): int(r) for r, h in reversed(list(_rows(known.forward, split == judge)))}
            for row in np.flatnonzero(split == part):
                found = _copy_of(int(row), known, there, store, stranded)
                if found:
                    leaks.append(Leak(int(row), part, found[0], found[1], judge))
    return leaks


def dropped(leaks: list[Leak], handling: str) -> np.ndarray:
    """Rows to leave out. `fail` raises InputError instead where there is any leak; `keep` leaves none out."""
    if handling not in HANDLING:
        raise ConfigError(f"leaks must be one of {', '.join(HANDLING)}; got {handling!r}")
    if handling == "fail" and leaks:
        raise InputError(
            f"{len(leaks)} training records are also in the {leaks[0].judge} part",
            fix="Remove them, or let leaks=drop leave them out",
        )
    rows = {leak.row for leak in leaks} if handling == "drop" else set()
    return np.array(sorted(rows), dtype=np.int64)


def _copy_of(row: int, known: Strands, there: dict, store: Store, stranded: bool) -> tuple[str, int] | None:
    exact = there.get(int(known.forward[row]))
    if exact is not None and np.array_equal(_codes(store, row), _codes(store, exact)):
        return "exact", exact
    other = None if stranded else there.get(int(known.backward[row]))
    if other is not None and known.backward[other] == known.forward[row]:
        return "reverse_complement", other
    return None


def _codes(store: Store, row: int) -> np.ndarray:
    return store.codes[store.offsets[row] : store.offsets[row + 1]]


def _rows(hashes: np.ndarray, chosen: np.ndarray):
    rows = np.flatnonzero(chosen)
    return zip(rows, hashes[rows], strict=True)
