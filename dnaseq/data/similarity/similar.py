"""Similar records: near-duplicates between splits, and groups that must stay together.

Near: the shorter of two records, on either strand, lies within the longer with at most (1 - identity) x its length
edits (edlib's infix alignment), so copies, reverse complements, contained and slightly shifted records are one kind.
Overlapping: two records share a stretch of equal bases on either strand, as neighbouring windows of a genome do.

Only pairs with an equal seed (seeds.py) are aligned: nearly all that differ by substitutions, shifts and ends, and
fewer of those with an insertion or deletion every ten bases or less (benchmarks/RESULTS.md). Records shorter than a
seed, 8 bases in a small set and 15 among a million of 200 bases, are found as exact copies only. Takes about 2 bytes
a base, in temporary files where they are many, and up to 0.3 GB of memory for the seeds.
"""

import logging
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from dnaseq.data.records.chunked_arrays import by_first, look_up
from dnaseq.data.records.lengths import Windows
from dnaseq.data.records.store import Store
from dnaseq.data.similarity.alignment import edits_inside
from dnaseq.data.similarity.candidates import allowed_edits, near_candidates, shared_stretches
from dnaseq.data.similarity.duplicates import (
    Blocks,
    Duplicates,
    block_pairs,
    blocks,
    find_duplicates,
    product,
    within,
)
from dnaseq.data.similarity.packed import Packed, packed
from dnaseq.data.similarity.seeds import PARTNERS
from dnaseq.errors import ConfigError

LOWEST_IDENTITY, SHORTEST_OVERLAP = 0.5, 16
MOST_SIDES = 63  # numbered from 0, a bit each
ALIGNED_AT_ONCE = 1 << 14
MANY = 200_000  # records among which looking takes a minute
logger = logging.getLogger("dnaseq")


@dataclass(frozen=True)
class Similarity:
    """Criteria that put two records into one group; None: not used. Copies always are in one group.

    `identity` is a share, 0.5 to 1: under about 0.6 unrelated records are alike too. `overlap` is in bases.
    """

    identity: float | None = 0.8
    overlap: int | None = 24

    def __post_init__(self) -> None:
        if self.identity is not None and not _is_identity(self.identity):
            raise ConfigError(
                f"similarity.identity must be from {LOWEST_IDENTITY} to 1, or null; got {self.identity!r}"
            )
        if self.overlap is not None and (type(self.overlap) is not int or self.overlap < SHORTEST_OVERLAP):
            raise ConfigError(
                f"similarity.overlap must be a whole number of bases from {SHORTEST_OVERLAP}, or null; "
                f"got {self.overlap!r}"
            )


class Pairs(NamedTuple):
    """m pairs of records that are near, in order of a, then b."""

    a: np.ndarray  # (m,) int64 row
    b: np.ndarray  # (m,) int64 row, a < b
    identity: np.ndarray  # (m,) float64: 1 - edits / length of the shorter
    reverse: np.ndarray  # (m,) bool: alike, or more alike, with one of them on the other strand


def near_pairs(
    store: Store, windows: Windows, stranded: bool, identity: float, sides: np.ndarray | None = None
) -> Pairs:
    """Find pairs of rows whose windows are at least that similar, confirmed by alignment; one window a record.

    `sides`: (n,) whole numbers up to 63; only pairs between two sides are looked for, and -1 is on no side. With
    `stranded`, the other strand is another sequence. Where more than 32 records are copies of each other, or share
    a seed, each is paired with 32 of them, and with 32 of the other sides, not with all. Raises ValueError for an
    identity that is not from 0.5 to 1 and for a side over 63.
    """
    if not _is_identity(identity):
        raise ValueError(f"identity must be from {LOWEST_IDENTITY} to 1; got {identity!r}")
    if sides is not None and sides.max(initial=0) > MOST_SIDES:
        raise ValueError(f"sides must be at most {MOST_SIDES}; got {sides.max()}")
    rows = np.arange(len(windows.record)) if sides is None else np.flatnonzero(sides >= 0)
    if not len(rows):
        return Pairs(rows, rows, np.empty(0), np.empty(0, dtype=bool))
    windows = Windows(*(column[rows] for column in windows))
    known = find_duplicates(store, windows, stranded)
    found = blocks(known, np.zeros(len(rows), dtype=np.int64) if sides is None else sides[rows])
    copies = _copies(known, found, sides is None)
    others = _near(store, windows, known, found, stranded, identity, sides is None)
    a, b, share, reverse = (np.concatenate(columns) for columns in zip(copies, others, strict=True))
    return _sorted_pairs(rows[a], rows[b], share, reverse)


def similarity_groups(
    store: Store, windows: Windows, stranded: bool, similarity: Similarity, known: Duplicates | None = None
) -> np.ndarray:
    """(n,) int32 group of every record, numbered by first record; one window a record.

    Single linkage: records joined by a chain of copies, near pairs and overlaps are one group. `known` are the
    duplicates of the windows, where they are known already.
    """
    known = known or find_duplicates(store, windows, stranded)
    if not len(known.number) or similarity == Similarity(None, None):
        return by_first(known.number)
    if len(known.first) >= MANY:
        logger.info(
            "looking for similar records among %d: about 4 minutes a million"
            " (similarity.identity=null similarity.overlap=null looks for copies only)",
            len(known.first),
        )
    records, order = _pack_duplicates(store, windows, known)
    group = np.arange(len(order), dtype=order.dtype)
    if similarity.overlap is not None:
        for a, b, _ in shared_stretches(records, stranded, similarity.overlap):
            group = _join_groups(group, a, b)
    if similarity.identity is not None:
        group = _join_near(records, group, stranded, similarity.identity)
    of_family = np.empty(len(group), dtype=known.number.dtype)
    of_family[order] = group
    return by_first(look_up(of_family, known.number))


def _is_identity(value: object) -> bool:
    return (type(value) is int or type(value) is float) and LOWEST_IDENTITY <= value <= 1


def _pack_duplicates(store: Store, windows: Windows, known: Duplicates) -> tuple[Packed, np.ndarray]:
    """Pack the first record of each family, and return their order: random, so that a record with few links has any."""
    order = np.arange(len(known.first), dtype=known.first.dtype)
    np.random.default_rng(0).shuffle(order)
    chosen = known.first[order]
    starts = np.asarray(store.offsets)[windows.record[chosen]] + windows.start[chosen]
    return packed(store.codes, starts, windows.length[chosen]), order


def _copies(known: Duplicates, found: Blocks, any_side: bool) -> tuple[np.ndarray, ...]:
    """Pair records of one family: rows, identity 1, strand."""
    if any_side:
        a, b = within(found, PARTNERS)
    else:
        every = np.arange(len(known.first))
        one, two, _ = block_pairs(found, every, every)
        a, b, _ = product(found, one[one < two], two[one < two], PARTNERS)
    return a, b, np.ones(len(a)), known.turned[a] != known.turned[b]


def _near(
    store: Store,
    windows: Windows,
    known: Duplicates,
    found: Blocks,
    stranded: bool,
    identity: float,
    any_side: bool,
) -> tuple[np.ndarray, ...]:
    """Pair similar records of two families: rows, identity, strand."""
    records, order = _pack_duplicates(store, windows, known)
    sides = None
    if not any_side:
        sides = np.bitwise_or.reduceat(np.uint64(1) << found.side.astype(np.uint64), found.first[:-1])[order]
    parts = [
        _confirm_pairs(records, a, b, reverse, identity)
        for a, b, reverse in near_candidates(records, stranded, identity, sides)
    ]
    if not parts:
        return np.empty(0, int), np.empty(0, int), np.empty(0), np.empty(0, bool)
    a, b, share, reverse = _better_strand(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    one, two, i = block_pairs(found, order[a], order[b])
    wanted = (found.side[one] != found.side[two]) | any_side
    row_a, row_b, j = product(found, one[wanted], two[wanted], PARTNERS)
    i = i[wanted][j]
    return row_a, row_b, share[i], reverse[i] ^ known.turned[row_a] ^ known.turned[row_b]


def _confirm_pairs(
    records: Packed, a: np.ndarray, b: np.ndarray, reverse: np.ndarray, identity: float
) -> tuple[np.ndarray, ...]:
    shorter = np.minimum(records.length[a], records.length[b])
    edits = edits_inside(records, a, b, reverse, allowed_edits(shorter, identity))
    near = edits >= 0
    return a[near], b[near], 1 - edits[near] / shorter[near], reverse[near]


def _better_strand(
    a: np.ndarray, b: np.ndarray, share: np.ndarray, reverse: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Keep each pair once, with the strand on which it is more similar; the given one where both are equal."""
    order = np.lexsort((reverse, -share, b, a))
    a, b, share, reverse = a[order], b[order], share[order], reverse[order]
    new = np.ones(len(a), dtype=bool)
    new[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    return a[new], b[new], share[new], reverse[new]


def _join_near(records: Packed, group: np.ndarray, stranded: bool, identity: float) -> np.ndarray:
    """Join groups by near pairs. Pairs that one group holds already are not aligned."""
    for a, b, reverse in near_candidates(records, stranded, identity):
        for at in range(0, len(a), ALIGNED_AT_ONCE):
            batch = np.arange(at, min(at + ALIGNED_AT_ONCE, len(a)))
            batch = batch[group[a[batch]] != group[b[batch]]]
            near_a, near_b, _, _ = _confirm_pairs(records, a[batch], b[batch], reverse[batch], identity)
            group = _join_groups(group, near_a, near_b)
    return group


def _join_groups(group: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Join the groups of a[i] and b[i], for every i; groups are 0, 1, ..."""
    if not len(a):
        return group
    n = int(group.max()) + 1
    links = coo_array((np.ones(len(a), dtype=bool), (group[a], group[b])), shape=(n, n))
    return look_up(connected_components(links, directed=False)[1].astype(group.dtype, copy=False), group)


def _sorted_pairs(a: np.ndarray, b: np.ndarray, share: np.ndarray, reverse: np.ndarray) -> Pairs:
    low, high = np.minimum(a, b), np.maximum(a, b)
    order = np.lexsort((high, low))
    return Pairs(low[order], high[order], share[order], reverse[order])
