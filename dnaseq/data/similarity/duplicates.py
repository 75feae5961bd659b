"""Duplicates: records that are the same sequence, on either strand, so that each sequence is compared once."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from dnaseq.data.records.chunked_arrays import index_type, look_up
from dnaseq.data.records.hashing import canonical_hashes
from dnaseq.data.records.lengths import Windows
from dnaseq.data.records.store import Store
from dnaseq.encode.counting import steps

SORTED_AT_ONCE = 1 << 18


class Duplicates(NamedTuple):
    """n records in f families of duplicates, equal by hash (hashing.py); with `stranded`, other strands are apart."""

    number: np.ndarray  # (n,) int32 family of each record, numbered by hash
    first: np.ndarray  # (f,) int32 the first record of each family
    turned: np.ndarray  # (n,) bool: the reverse complement of its family's first record


def find_duplicates(store: Store, windows: Windows, stranded: bool) -> Duplicates:
    """Group the windows that are the same sequence."""
    hashes, turned = canonical_hashes(store, windows, stranded)
    number = np.empty(len(hashes), dtype=index_type(len(hashes)))
    firsts: list[np.ndarray] = []
    f = 0
    for rows in _by_range(hashes):
        _, first, own = np.unique(hashes[rows], return_index=True, return_inverse=True)
        number[rows] = f + own
        firsts.append(rows[first].astype(number.dtype))
        f += len(first)
    del hashes
    first = np.concatenate([np.empty(0, number.dtype), *firsts])
    turned ^= look_up(turned[first], number)
    return Duplicates(number, first, turned)


def _by_range(hashes: np.ndarray) -> Iterator[np.ndarray]:
    """Yield rows by the first bits of their hash, ascending: a sort of all at once takes 40 bytes a record."""
    bits = (len(hashes) // SORTED_AT_ONCE).bit_length()
    width = (1 << 64) >> bits
    for low in range(0, 1 << 64, width):
        yield np.flatnonzero((hashes >= np.uint64(low)) & (hashes <= np.uint64(low + width - 1)))


class Blocks(NamedTuple):
    """The records of each family on each side, next to each other."""

    members: np.ndarray  # (n,) records, block by block
    start: np.ndarray  # (k,) where in `members` each block starts; blocks of a family follow each other
    size: np.ndarray  # (k,)
    side: np.ndarray  # (k,)
    first: np.ndarray  # (f + 1,) the first block of each family


def blocks(known: Duplicates, sides: np.ndarray) -> Blocks:
    """Sort n records by family, then side."""
    members = np.lexsort((sides, known.number))
    number, side = known.number[members], sides[members]
    new = np.r_[True, (number[1:] != number[:-1]) | (side[1:] != side[:-1])]
    start = np.flatnonzero(new)
    first = np.searchsorted(number[start], np.arange(len(known.first) + 1))
    return Blocks(members, start, np.diff(np.r_[start, len(members)]), side[start], first)


def block_pairs(found: Blocks, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pair every block of family a[i] with every block of family b[i]: the block of each, and i."""
    counts_a, counts_b = np.diff(found.first)[a], np.diff(found.first)[b]
    i, at = _enumerate_each(counts_a * counts_b)
    return found.first[a][i] + at // counts_b[i], found.first[b][i] + at % counts_b[i], i


def product(
    found: Blocks, one: np.ndarray, two: np.ndarray, partners: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pair records of block one[i] with records of another block two[i]: the record of each, and i.

    All with all, unless both blocks have more than `partners` records: then every record is with that many.
    """
    swap = found.size[one] < found.size[two]
    large, small = np.where(swap, two, one), np.where(swap, one, two)
    each = np.minimum(found.size[small], partners)
    i, at = _enumerate_each(found.size[large] * each)
    row, step = at // each[i], at % each[i]
    large_record = found.members[found.start[large][i] + row]
    small_record = found.members[found.start[small][i] + (row + step) % found.size[small][i]]
    return large_record, small_record, i


def within(found: Blocks, partners: int) -> tuple[np.ndarray, np.ndarray]:
    """Pair the records of each block: all, in blocks of more than `partners` each with the next `partners`."""
    each = np.minimum(found.size - 1, partners)
    i, at = _enumerate_each(found.size * each)
    row, step = at // each[i], 1 + at % each[i]
    inside = row + step < found.size[i]
    start = found.start[i][inside]
    return found.members[start + row[inside]], found.members[start + (row + step)[inside]]


def _enumerate_each(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return i and 0, 1, ..., counts[i] - 1, for every i."""
    return np.repeat(np.arange(len(counts)), counts), steps(counts)
