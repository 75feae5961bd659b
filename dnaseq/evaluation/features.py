"""What simple models see of a sequence: length, GC content, k-mer frequencies, the base at each position."""

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_array, vstack

LETTERS_AT_ONCE = 1_000_000  # 16 bytes of working memory each


def gc_and_length(sequences: list[str]) -> np.ndarray:
    """(n, 2): the share of G, C and S among all letters, and the length in bases."""
    gc = [sum(s.count(letter) for letter in "GCS") / max(len(s), 1) for s in sequences]
    return np.column_stack([gc, [len(s) for s in sequences]])


def log_length(sequences: list[str]) -> np.ndarray:
    """(n, 1): the logarithm of the length, so that one very long record does not outweigh the others."""
    return np.array([[math.log(max(len(s), 1))] for s in sequences])


def kmer_frequencies(sequences: list[str], k: int) -> csr_array:
    """(n, 4^k) float32: occurrences of each k-mer of A, C, G, T, overlapping, divided by the length.

    Columns are in alphabetical order. A k-mer that holds another letter is not counted.
    """
    return vstack([_kmer_frequencies(some, k) for some in _stretches(sequences)], format="csr")


def base_at_position(sequences: list[str], positions: int) -> csr_array:
    """(n, 4 * positions) float32: 1 where a position holds A, C, G or T, in this order; zeros beyond the end."""
    beginnings = [s[:positions] for s in sequences]
    return vstack([_base_at_position(some, positions) for some in _stretches(beginnings)], format="csr")


def _kmer_frequencies(sequences: list[str], k: int) -> csr_array:
    codes, lengths = _letters(sequences)
    record = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    windows = max(len(codes) - k + 1, 0)
    ids, known = np.zeros(windows, dtype=np.int32), record[:windows] == record[len(record) - windows :]
    for j in range(k):
        ids = 4 * ids + codes[j : j + windows]
        known &= codes[j : j + windows] < 4
    counts = _indicators(record[:windows][known], ids[known], (len(sequences), 4**k))
    counts.data /= np.repeat(np.maximum(lengths, 1), np.diff(counts.indptr)).astype(np.float32)
    return counts


def _base_at_position(sequences: list[str], positions: int) -> csr_array:
    codes, lengths = _letters(sequences)
    position = np.arange(len(codes)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    known = codes < 4
    record = np.repeat(np.arange(len(lengths)), lengths)[known]
    return _indicators(record, 4 * position[known] + codes[known], (len(sequences), 4 * positions))


def _stretches(sequences: list[str]) -> Iterator[list[str]]:
    """The sequences in order, about LETTERS_AT_ONCE at a time; one stretch at least."""
    at = np.cumsum([len(s) for s in sequences]) // LETTERS_AT_ONCE
    edges = [0, *(np.flatnonzero(np.diff(at)) + 1).tolist(), len(sequences)]
    yield from (sequences[start:stop] for start, stop in pairwise(edges))


def _letters(sequences: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """All letters in a row, 0 to 3 for A, C, G, T and 4 for any other; (n,) lengths."""
    code = np.full(256, 4, dtype=np.int32)
    code[list(b"ACGT")] = range(4)
    letters = np.frombuffer("".join(sequences).encode("latin-1"), dtype=np.uint8)
    return code[letters], np.array([len(s) for s in sequences], dtype=np.int64)


def _indicators(rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> csr_array:
    """Ones at the given places; where a place is named several times, their sum."""
    return csr_array((np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=shape)
