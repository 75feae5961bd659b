"""Counts of the k-mers of packed codes in each record.

Columns are in alphabetical order: AA..A is the first. With `canonical` a k-mer and its reverse complement are one,
under the name that comes first in the alphabet, and columns are in the order of these names. A k-mer that holds a
ambiguous letter is not counted. k is at most 6.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from dnaseq.encode.alphabet import N

WINDOWS_AT_ONCE = 1 << 16  # in the processor's cache; four times as many take 5 x longer at 30 bases


def width(k: int, canonical: bool = False) -> int:
    """Return the number of different k-mers."""
    if not canonical:
        return 4**k
    return (4**k + (4 ** (k // 2) if k % 2 == 0 else 0)) // 2


def kmer_table(
    codes: np.ndarray, starts: np.ndarray, lengths: np.ndarray, k: int, canonical: bool = False
) -> np.ndarray:
    """(n, width) int64 counts of the stretches codes[start:start + length], for small k: memory is n x width."""
    columns = width(k, canonical)
    table = np.zeros((len(starts), columns), dtype=np.int64)
    column_of = _column_of(k, canonical)
    for record, windows, numbers in _kmers(codes, starts, lengths, tuple(range(k))):
        cells = np.repeat((columns + 1) * (record - record[0]), windows)
        cells += column_of.take(numbers)
        counts = np.bincount(cells, minlength=(columns + 1) * (record[-1] - record[0] + 1))
        table[record[0] : record[-1] + 1] += counts.reshape(-1, columns + 1)[:, :-1]
    return table


def kmer_counts(
    codes: np.ndarray,
    starts: np.ndarray,
    lengths: np.ndarray,
    k: int,
    canonical: bool = False,
    places: Sequence[int] | None = None,
) -> Any:
    """(n, width) float32 csr_array: counts of the stretches codes[start:start + length].

    `places`, ascending from 0, are those of the k letters in a window with gaps; without, they stand side by side.
    Both strands are alike with `canonical` if the window reads the same from either end.
    """
    from scipy.sparse import csr_array  # here, as a prediction needs no sparse table

    columns = width(k, canonical)
    column_of = _column_of(k, canonical)
    sizes = np.zeros(len(starts) + 1, dtype=np.int64)
    indices, data = [np.zeros(0, dtype=np.int32)], [np.zeros(0, dtype=np.float32)]
    for record, windows, numbers in _kmers(codes, starts, lengths, tuple(places or range(k))):
        cells = np.repeat((columns + 1) * (record - record[0]), windows) + column_of.take(numbers)
        cells, counts = _sorted_counts(cells.astype(np.uint32))
        row, column = np.divmod(cells, np.uint32(columns + 1))
        known = column < columns
        held = np.bincount(row[known])
        sizes[1 + record[0] : 1 + record[0] + len(held)] += held
        indices.append(column[known].astype(np.int32))
        data.append(counts[known].astype(np.float32))
    shape = (len(starts), columns)
    table = csr_array((np.concatenate(data), np.concatenate(indices), np.cumsum(sizes)), shape=shape)
    table.sum_duplicates()  # of records in several pieces
    return table


def _sorted_counts(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Count each value, at least one: the different values, ascending, and their counts."""
    values = np.sort(values)
    first = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))
    return values[first], np.diff(first, append=len(values))


def joined(codes: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Join the stretches codes[start:start + length]; without a copy where they follow each other."""
    if not len(starts):
        return np.asarray(codes[:0])
    if (starts[1:] == starts[:-1] + lengths[:-1]).all():
        return np.asarray(codes[starts[0] : starts[-1] + lengths[-1]])
    return np.asarray(codes)[np.repeat(starts, lengths) + steps(lengths)]


def steps(lengths: np.ndarray) -> np.ndarray:
    """Count 0, 1, ... for each of the lengths, one after the other."""
    return np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)


def _kmers(
    codes: np.ndarray, starts: np.ndarray, lengths: np.ndarray, places: tuple[int, ...]
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield records, ascending, the number of windows of each, and the number of the k-mer in every window.

    Windows that reach from one stretch into the next are included; they have a number without a column, like those
    with an ambiguous letter.
    """
    beyond = places[-1]  # letters of a window after its first
    record, starts, lengths = _pieces(np.asarray(starts), np.asarray(lengths), beyond)
    edges = np.flatnonzero(np.diff(np.cumsum(lengths) // WINDOWS_AT_ONCE, prepend=-1, append=-1))
    for first, last in pairwise(edges):
        sizes = lengths[first:last]
        letters = np.minimum(joined(codes, starts[first:last], sizes), N).astype(np.uint16)
        count = len(letters) - beyond
        numbers = np.zeros(count, dtype=np.uint16)
        for place in places:
            numbers *= np.uint16(5)
            numbers += letters[place : place + count]
        ends = np.cumsum(sizes)[:-1]
        for j in range(1, beyond + 1):
            numbers[ends - j] = 5 ** len(places) - 1  # N only
        windows = sizes.copy()
        windows[-1] -= beyond
        yield record[first:last], windows, numbers


def _pieces(
    starts: np.ndarray, lengths: np.ndarray, beyond: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut long stretches into overlapping pieces, without those shorter than a window: record, start, length."""
    record = np.flatnonzero(lengths > beyond)
    parts = -(-(lengths[record] - beyond) // WINDOWS_AT_ONCE)
    record, before = np.repeat(record, parts), WINDOWS_AT_ONCE * steps(parts)
    rest = lengths[record] - before
    return record, starts[record] + before, np.minimum(rest, WINDOWS_AT_ONCE + beyond)


@cache
def kmer_columns(k: int, canonical: bool) -> np.ndarray:
    """(4^k,) int64: the column of each k-mer of A, C, G, T; with `canonical` that of its reverse complement too."""
    number = np.arange(4**k)
    if canonical:
        other = sum(4**j * (3 - number // 4 ** (k - 1 - j) % 4) for j in range(k))
        number = np.minimum(number, other)
    return np.unique(number, return_inverse=True)[1]


@cache
def _column_of(k: int, canonical: bool) -> np.ndarray:
    """(5^k,) int64: the column of each k-mer of A, C, G, T and an ambiguous letter; width for those with the last."""
    bases = np.arange(5**k)[:, None] // 5 ** np.arange(k)[::-1] % 5  # (5^k, k)
    columns = kmer_columns(k, canonical)
    found = np.full(5**k, columns.max() + 1)
    found[(bases < N).all(axis=1)] = columns  # both in alphabetical order
    return found
