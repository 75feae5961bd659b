"""Weight matrices of profiles: scores of every place of a sequence, on both strands, and the score that is a match."""

from typing import NamedTuple

import numpy as np

from dnaseq.encode.alphabet import BASES

PSEUDOCOUNT = 0.5  # sites that are added to each position, shared out like the background
MATCH_RATE = 2.5e-4  # share of the places in random bases that match; one 6-mer of 4096
_BINS = 100  # a weight of 1 bit
_NONE = -1e6  # score of a place with a letter that is not one base, or beyond the end

Scores = np.ndarray  # float32


class Best(NamedTuple):
    """The best place of each sequence."""

    scores: np.ndarray  # (n,) bits
    starts: np.ndarray  # (n,) first base of the place, from 0
    reverse: np.ndarray  # (n,) bool: on the other strand


def base_shares(codes: np.ndarray) -> np.ndarray:
    """(...) codes -> (4,) shares of A, C, G and T, each as its complement: both strands are read. None is 0."""
    counts = np.bincount(codes[codes < len(BASES)].ravel(), minlength=len(BASES)) + 1.0
    both = counts + counts[::-1]
    return both / both.sum()


def weights(counts: np.ndarray, background: np.ndarray) -> np.ndarray:
    """(w, 4) counts -> (w, 4) log2 of the odds of each base against the (4,) background."""
    shares = (counts + PSEUDOCOUNT * background) / (counts.sum(axis=1, keepdims=True) + PSEUDOCOUNT)
    return np.log2(shares / background)


def reverse_complement(matrix: np.ndarray) -> np.ndarray:
    """(w, 4) a value for each base -> the same on the other strand."""
    return matrix[::-1, ::-1]


def information(counts: np.ndarray, background: np.ndarray) -> np.ndarray:
    """(w, 4) counts -> (w,) bits by which the bases of a position differ from the (4,) background."""
    shares = (counts + PSEUDOCOUNT * background) / (counts.sum(axis=1, keepdims=True) + PSEUDOCOUNT)
    return (shares * np.log2(shares / background)).sum(axis=1)


def cut_off(matrix: np.ndarray, background: np.ndarray, rate: float = MATCH_RATE) -> float:
    """Find the score that a share of `rate` of the places in random bases reaches, exact to _BINS for a bit; the
    highest score, where even that is more frequent.

    The distribution of the score is the convolution of those of the positions (Staden 1989).
    """
    steps = np.round(matrix * _BINS).astype(np.int64)  # (w, 4)
    lowest = steps.min(axis=1)
    chances = np.ones(1)
    for row, low in zip(steps, lowest, strict=True):
        wider = np.zeros(len(chances) + int(row.max() - low))
        for step, share in zip(row - low, background, strict=True):
            wider[step : step + len(chances)] += share * chances
        chances = wider
    tail = np.cumsum(chances[::-1])[::-1]  # the chance of each score or a higher one
    reached = np.flatnonzero(tail <= rate)
    first = reached[0] if reached.size else len(tail) - 1
    slack = 0.5 * len(matrix)  # of the roundings
    return float((first + lowest.sum() - slack) / _BINS)


def scan(matrix: np.ndarray, codes: np.ndarray) -> tuple[Scores, Scores]:
    """(w, 4) weights and (n, L) codes -> (n, L - w + 1) scores of every place, read forward and on the other strand."""
    return _scores(matrix, codes), _scores(reverse_complement(matrix), codes)


def best_places(matrix: np.ndarray, codes: np.ndarray) -> Best:
    """Find the place with the highest score in each of (n, L) sequences, the forward one of two that are equal."""
    n = len(codes)
    if codes.shape[1] < len(matrix) or not n:
        return Best(np.full(n, _NONE), np.zeros(n, dtype=np.int64), np.zeros(n, dtype=bool))
    both = np.stack(scan(matrix, codes))  # (2, n, places)
    places = both.argmax(axis=2)  # (2, n)
    highest = np.take_along_axis(both, places[:, :, None], axis=2)[:, :, 0]
    reverse = highest[1] > highest[0]
    return Best(highest.max(axis=0), np.where(reverse, places[1], places[0]), reverse)


def _scores(matrix: np.ndarray, codes: np.ndarray) -> Scores:
    table = np.concatenate([matrix, np.full((len(matrix), 1), _NONE)], axis=1).astype(np.float32)
    known = np.minimum(codes, len(BASES))
    places = max(codes.shape[1] - len(matrix) + 1, 0)
    scores = np.zeros((len(codes), places), dtype=np.float32)
    for j, row in enumerate(table):
        scores += row[known[:, j : j + places]]
    return scores
