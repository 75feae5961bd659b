"""Letters, GC content, lengths, k-mers and bases at positions, counted by class."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from dnaseq.audit_record import ClassComposition, GreatestDifference, KmerContrast, Positions, Spread
from dnaseq.data.records.store import Store
from dnaseq.encode.alphabet import BASES, LETTERS, N
from dnaseq.encode.counting import kmer_table

BASES_AT_ONCE = 250_000  # larger stretches leave the processor's cache: four times slower with 4 million
MOST_DIFFERENT = 10  # k-mers of each length that are named
SHOWN_POSITIONS = 200
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


class Composition(NamedTuple):
    """GC content and letters of n records."""

    gc: np.ndarray  # (n,) gc_shares
    letters: np.ndarray  # (K, 16) int64: how often each code occurs in the records of each kind


def measure_composition(store: Store, kinds: Callable[[slice], np.ndarray], n_kinds: int) -> Composition:
    """Measure GC content of every record and letters by kind; `kinds` returns those of some records, from 0."""
    gc, letters = np.empty(len(store)), np.zeros((n_kinds, len(LETTERS)), dtype=np.int64)
    for start, stop in _stretches(store):
        codes, record = _codes(store, start, stop)
        counts = np.bincount(record * len(LETTERS) + codes, minlength=(stop - start) * len(LETTERS))
        counts = counts.reshape(stop - start, -1)
        gc[start:stop] = gc_shares(counts)
        np.add.at(letters, kinds(slice(start, stop)), counts)
    return Composition(gc, letters)


def letter_counts(store: Store, rows: np.ndarray) -> np.ndarray:
    """(m,) rows -> (m, 16) int32: how often each code occurs in each of these records."""
    codes, ends = np.asarray(store.codes), zip(store.offsets[rows], store.offsets[rows + 1], strict=True)
    counts = np.empty((len(rows), len(LETTERS)), dtype=np.int32)
    for at, (start, stop) in enumerate(ends):
        counts[at] = np.bincount(codes[start:stop], minlength=len(LETTERS))
    return counts


def gc_shares(counts: np.ndarray) -> np.ndarray:
    """(n, 16) letter counts -> (n,) share of G and C among A, C, G and T; NaN for a record without any."""
    bases = counts[:, :4].sum(axis=1)
    return np.divide(counts[:, 1] + counts[:, 2], bases, out=np.full(len(bases), np.nan), where=bases > 0)


def spread(values: np.ndarray) -> Spread:
    """Compute mean, standard deviation, least, quantiles and greatest of the values but NaN; None without any."""
    values = values[~np.isnan(values)]
    if not len(values):
        return Spread(*[None] * 9)
    middle = np.quantile(values, QUANTILES)
    numbers = (values.mean(), values.std(), values.min(), *middle, values.max())
    return Spread(*(round(float(value), 4) for value in numbers))


def describe_records(lengths: np.ndarray, gc: np.ndarray, letters: np.ndarray) -> ClassComposition:
    """Describe a class in a split: (n,) lengths and GC shares of its records, (16,) counts of letters."""
    return ClassComposition(
        records=len(lengths),
        lengths=spread(lengths.astype(np.float64)),
        gc=spread(gc),
        n_share=round(float(letters[N] / max(letters.sum(), 1)), 6),
        letters={LETTERS[code]: int(letters[code]) for code in np.flatnonzero(letters)},
    )


def kmer_contrasts(store: Store, y: np.ndarray, classes: tuple[str, ...]) -> dict[str, list[KmerContrast]]:
    """Find the 1-, 2- and 3-mers whose frequency differs most between a class and the others, most different first.

    "1" to "3" -> the contrasts: the share of the class's k-mers that are this one, the share in all other classes
    together, and the logarithm of their ratio, one occurrence added to each. Of two classes the last is named.
    """
    return {str(k): _most_different(_kmer_counts(store, y, len(classes), k), classes, k) for k in (1, 2, 3)}


def position_contrasts(store: Store, y: np.ndarray, classes: tuple[str, ...]) -> Positions | None:
    """Compute shares of A, C, G and T at each position by class, and their greatest difference; None if lengths differ.

    The shares are those of the first 200 positions. The distance of two classes at a position is the total variation
    distance: half the sum of the differences, 0 to 1.
    """
    lengths = np.asarray(store.lengths)
    if len(np.unique(lengths)) != 1:
        return None
    counts = np.zeros((len(classes), int(lengths[0]), len(BASES)))
    for start, stop in _stretches(store):
        codes = np.asarray(store.codes[store.offsets[start] : store.offsets[stop]]).reshape(stop - start, -1)
        for c in range(len(classes)):
            of_class = codes[y[start:stop] == c]
            counts[c] += np.stack([(of_class == base).sum(axis=0) for base in range(len(BASES))], axis=1)
    shares = counts / np.maximum(counts.sum(axis=2, keepdims=True), 1)  # (C, L, 4)
    shown = {name: shares[c, :SHOWN_POSITIONS].round(4).tolist() for c, name in enumerate(classes)}
    return Positions(int(lengths[0]), shown, _greatest(shares, classes))


def _greatest(shares: np.ndarray, classes: tuple[str, ...]) -> GreatestDifference:
    """Find the position where two classes differ most: (C, L, 4) shares of the bases."""
    found = (-1.0, 0, 0, 0)
    for a in range(len(classes)):
        for b in range(a + 1, len(classes)):
            distances = np.abs(shares[a] - shares[b]).sum(axis=1) / 2
            at = int(distances.argmax())
            found = max(found, (float(distances[at]), at, a, b))
    distance, at, a, b = found
    return GreatestDifference(at + 1, round(distance, 4), [classes[a], classes[b]])


def _kmer_counts(store: Store, y: np.ndarray, n_classes: int, k: int) -> np.ndarray:
    """(C, 4^k) int64: occurrences by class; k-mers with an ambiguous letter are left out."""
    counts = np.zeros((n_classes, 4**k), dtype=np.int64)
    for start, stop in _stretches(store):
        offsets = np.asarray(store.offsets[start : stop + 1])
        table = kmer_table(store.codes, offsets[:-1], np.diff(offsets), k)
        np.add.at(counts, y[start:stop], table)
    return counts


def _most_different(counts: np.ndarray, classes: tuple[str, ...], k: int) -> list[KmerContrast]:
    others = counts.sum(axis=0) - counts
    inside, outside = (
        (c + 1) / (c.sum(axis=1, keepdims=True) + 4**k) for c in (counts, others)
    )  # one occurrence added to each
    ratio = np.log2(inside / outside)  # (C, 4^k)
    if len(classes) == 2:
        ratio[0] = 0  # the mirror image of the other class
    order = np.argsort(-np.abs(ratio), axis=None, kind="stable")[:MOST_DIFFERENT]
    return [
        KmerContrast(
            kmer="".join(BASES[kmer // 4**j % 4] for j in reversed(range(k))),
            class_=classes[c],
            frequency=round(float(inside[c, kmer]), 5),
            elsewhere=round(float(outside[c, kmer]), 5),
            log2_ratio=round(float(ratio[c, kmer]), 3),
        )
        for c, kmer in zip(*(at.tolist() for at in np.unravel_index(order, ratio.shape)), strict=True)
        if ratio[c, kmer]
    ]


def _stretches(store: Store) -> Iterator[tuple[int, int]]:
    """Yield first and last record (not included) of stretches of about BASES_AT_ONCE bases."""
    start = 0
    while start < len(store):
        # up to the first record that ends in another stretch of bases
        following = (store.offsets[start + 1] // BASES_AT_ONCE + 1) * BASES_AT_ONCE
        stop = int(np.searchsorted(store.offsets, following)) - 1
        yield start, max(stop, start + 1)
        start = max(stop, start + 1)


def _codes(store: Store, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the codes of some records in a row, and the record of each code, counted from 0."""
    offsets = np.asarray(store.offsets[start : stop + 1])
    record = np.repeat(np.arange(stop - start), np.diff(offsets))
    return np.asarray(store.codes[offsets[0] : offsets[-1]]).astype(np.int64), record
