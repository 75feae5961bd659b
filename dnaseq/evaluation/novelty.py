"""Is a record unlike those that a model was trained on? Its composition and length against theirs.

A record is 33 numbers: the shares of the 32 pairs of a 3-mer and its reverse complement, so that both strands are
alike, and the logarithm of the length. How far it lies from the training records is the Mahalanobis distance. This
finds other genomes, other kinds of region, adapters and repeats; a record of the usual composition with another
meaning looks as usual.

A description is plain data (JSON), as novelty_reference.py fits it:

    {"rate": 0.005, "cut_off": 9.1, "n": 287, "n_train": 2583, "mean": [33 numbers], "whitening": [[1], ... [33]]}

Row i of the lower triangle `whitening` gives the coordinate i: distance = |whitening (features - mean)|.
"""

from itertools import product

import numpy as np

K = 3  # odd, so that no k-mer is its own reverse complement
N_PAIRS = 4**K // 2
N_FEATURES = N_PAIRS + 1
POSITIONS_AT_ONCE = (
    1 << 16
)  # small enough for the processor's cache; four times as many take 5 x longer at 30 bases
_SYMBOLS = 5  # A, C, G, T and any other


def _pairs() -> np.ndarray:
    """(125,) uint8: which pair a 3-mer of five symbols belongs to, 0 to 31; 32 where it holds another letter."""
    table = np.full(_SYMBOLS**K, N_PAIRS, dtype=np.uint8)
    numbers: dict[tuple, int] = {}
    for kmer in product(range(4), repeat=K):
        other = tuple(3 - base for base in reversed(kmer))
        code = np.ravel_multi_index(kmer, [_SYMBOLS] * K)
        table[code] = numbers.setdefault(min(kmer, other), len(numbers))
    return table


_PAIR_OF = _pairs()


def composition(
    codes: np.ndarray, starts: np.ndarray, lengths: np.ndarray, longest: int | None = None
) -> np.ndarray:
    """(n, 33) features of the stretches codes[start:start + length], which are in order and do not overlap.

    Codes are 0 to 3 for A, C, G, T; 3-mers with a higher one do not count. Shares are of those that count, all 0
    where none does. Lengths above `longest` count as that.
    """
    counts = _kmer_counts(codes, starts, lengths)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    capped = np.clip(lengths, 1, longest)
    return np.column_stack([shares, np.log(capped)])


def _kmer_counts(codes: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """(n, 32) how often each pair occurs: runs of positions inside and between stretches are counted in turn."""
    stops = starts + np.maximum(lengths - K + 1, 0)
    edges = np.column_stack(
        [starts, stops]
    ).ravel()  # run 2i + 1 is stretch i, even runs are what lies between
    counts = np.zeros((len(starts), N_PAIRS), dtype=np.int64)
    total = min(stops[-1], len(codes) - K + 1) if len(stops) else 0
    for start in range(0, total, POSITIONS_AT_ONCE):
        stop = min(start + POSITIONS_AT_ONCE, total)
        first, last = np.searchsorted(edges, start, side="right"), np.searchsorted(edges, stop)
        runs = np.arange(first, last + 1)
        sizes = np.diff(edges[first:last], prepend=start, append=stop)
        cells = np.repeat((N_PAIRS + 1) * np.arange(len(runs)), sizes)
        cells += _PAIR_OF.take(_kmers(codes[start : stop + K - 1]))
        table = np.bincount(cells, minlength=(N_PAIRS + 1) * len(runs)).reshape(len(runs), -1)
        inside = runs % 2 == 1
        counts[runs[inside] // 2] += table[inside, :N_PAIRS]
    return counts


def _kmers(codes: np.ndarray) -> np.ndarray:
    """(m + 2,) codes -> (m,) uint8, the 3-mer of five symbols at each position."""
    symbols = np.minimum(codes, _SYMBOLS - 1)
    n = len(symbols) - K + 1
    return symbols[:n] * np.uint8(_SYMBOLS**2) + symbols[1 : n + 1] * np.uint8(_SYMBOLS) + symbols[2:]


class Novelty:
    """A description, ready to judge records."""

    def __init__(self, description: dict):
        self.cut_off = float(description["cut_off"])
        self.mean = np.array(description["mean"])
        self.whitening = np.zeros((N_FEATURES, N_FEATURES))
        for i, row in enumerate(description["whitening"]):
            self.whitening[i, : i + 1] = row

    def distances(self, features: np.ndarray) -> np.ndarray:
        """(n, 33) features -> (n,) distances from the training records."""
        return np.linalg.norm((features - self.mean) @ self.whitening.T, axis=1)

    def unlike(self, features: np.ndarray) -> np.ndarray:
        """(n, 33) features -> (n,) bool, True for records that lie beyond the cut-off."""
        return self.distances(features) > self.cut_off
