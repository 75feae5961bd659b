"""Features of simple models: length, GC content, k-mers, gapped k-mers, the base at each position."""

from collections.abc import Callable
from itertools import combinations

import numpy as np
from scipy.sparse import csr_array, hstack, vstack

from dnaseq.encode.alphabet import BASES, LETTERS
from dnaseq.encode.counting import joined, kmer_counts, steps
from dnaseq.evaluation.baselines.fitting import Examples, select_rows, stretches

LETTERS_AT_ONCE = 1_000_000
LONGEST_K = 6
GAPPED_WINDOW, GAPPED_K = 10, 6  # bases, of which so many count
_IS_GC = np.isin(np.arange(len(LETTERS)), [LETTERS.index(letter) for letter in "GCS"])


def gc_and_length(examples: Examples) -> np.ndarray:
    """(n, 2): the share of G, C and S among all letters, and the length in bases."""
    gc = np.zeros(len(examples.lengths))
    for some in stretches(examples.lengths, LETTERS_AT_ONCE):
        lengths = examples.lengths[some]
        is_gc = _IS_GC[joined(examples.codes, examples.starts[some], lengths)]
        ends = np.cumsum(lengths)
        upto = np.concatenate([[0], np.cumsum(is_gc)])
        gc[some] = (upto[ends] - upto[ends - lengths]) / np.maximum(lengths, 1)
    return np.column_stack([gc, examples.lengths])


def log_length(examples: Examples) -> np.ndarray:
    """(n, 1): the logarithm of the length, so that one very long record does not outweigh the others."""
    return np.log(np.maximum(examples.lengths, 1))[:, None]


def kmer_frequencies(examples: Examples, k: int) -> csr_array:
    """(n, 4^k) float32: occurrences of each k-mer of A, C, G, T, overlapping, divided by the length."""
    counts = kmer_counts(examples.codes, examples.starts, examples.lengths, k)
    return _divide_rows(counts, np.maximum(examples.lengths, 1))


def kmer_profile(examples: Examples, canonical: bool = False) -> csr_array:
    """(n, 5460) float32: 1- to 6-mers; with `canonical`, (n, 2772), one column for a k-mer and its reverse complement.

    Logarithms of counts + 1, the k-mers of each k divided by their Euclidean norm: so a k-mer that is there once tells
    much, the tenth of a repeat little, and a long record no more than a short one.
    """
    ks = range(1, LONGEST_K + 1)
    return _in_stretches(
        examples,
        lambda e: [_log_profile(kmer_counts(e.codes, e.starts, e.lengths, k, canonical)) for k in ks],
    )


def gapped_profile(examples: Examples, canonical: bool = False) -> csr_array:
    """(n, 10 x 4^6) float32: 6-mers with gaps, the bases at 6 places within 10, counted as in kmer_profile.

    Of the 210 patterns of the gapped k-mer kernel (Ghandi et al. 2014) these are the ten that read the same from
    both ends.
    """
    return _in_stretches(
        examples,
        lambda e: [
            _log_profile(kmer_counts(e.codes, e.starts, e.lengths, GAPPED_K, canonical, places))
            for places in gapped_patterns()
        ],
    )


def base_at_position(examples: Examples, positions: int) -> csr_array:
    """(n, 4 * positions) float32: 1 where a position holds A, C, G or T, in this order; zeros beyond the end."""

    def of(some: Examples) -> list[csr_array]:
        lengths = np.minimum(some.lengths, positions)
        codes, position = joined(some.codes, some.starts, lengths), steps(lengths)
        known = codes < len(BASES)
        record = np.repeat(np.arange(len(lengths)), lengths)[known]
        column = len(BASES) * position[known] + codes[known]
        ones = np.ones(len(column), dtype=np.float32)
        return [csr_array((ones, (record, column)), shape=(len(lengths), len(BASES) * positions))]

    return _in_stretches(examples, of)


def gapped_patterns() -> list[tuple[int, ...]]:
    """Places from 0 of the patterns of 6 bases, at most 10 long, that read the same from either end."""
    half = GAPPED_WINDOW // 2
    left = combinations(range(half), GAPPED_K // 2)
    whole = [(*some, *(GAPPED_WINDOW - 1 - place for place in reversed(some))) for some in left]
    return [tuple(place - some[0] for place in some) for some in whole]


def _log_profile(counts: csr_array) -> csr_array:
    """log(count + 1), each row divided by its Euclidean norm."""
    counts.data = np.log1p(counts.data)
    norms = np.sqrt(counts.multiply(counts).sum(axis=1))
    return _divide_rows(counts, np.where(norms > 0, norms, 1))


def _divide_rows(table: csr_array, by: np.ndarray) -> csr_array:
    """Rows divided by (n,) numbers."""
    table.data /= np.repeat(by, np.diff(table.indptr)).astype(np.float32)
    return table


def _in_stretches(examples: Examples, of: Callable[[Examples], list[csr_array]]) -> csr_array:
    """Blocks of columns side by side, made for some records at a time."""
    codes = examples._replace(ids=None)
    found = [
        hstack(of(select_rows(codes, some)), format="csr")
        for some in stretches(examples.lengths, LETTERS_AT_ONCE)
    ]
    return vstack(found, format="csr")
