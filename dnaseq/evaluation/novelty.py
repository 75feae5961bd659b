"""Is a record unlike those that a model was trained on? Its composition and length against theirs.

A record is 33 numbers: the shares of the 32 pairs of a 3-mer and its reverse complement, so that both strands are
alike, and the logarithm of the length. How far it lies from the training records is the Mahalanobis distance. This
finds other genomes, other kinds of region, adapters and repeats; a record of the usual composition with another
meaning looks as usual.

A description is plain data (JSON), as novelty_reference.py fits it:

    {"rate": 0.005, "cut_off": 9.1, "n": 287, "n_train": 2583, "mean": [33 numbers], "whitening": [[1], ... [33]]}

Row i of the lower triangle `whitening` gives the coordinate i: distance = |whitening (features - mean)|.
"""

import numpy as np

from dnaseq.encode.counting import kmer_table

K = 3  # odd, so that no k-mer is its own reverse complement
N_PAIRS = 4**K // 2
N_FEATURES = N_PAIRS + 1


def composition(
    codes: np.ndarray, starts: np.ndarray, lengths: np.ndarray, longest: int | None = None
) -> np.ndarray:
    """(n, 33) features of the stretches codes[start:start + length], which are in order and do not overlap.

    Codes are 0 to 3 for A, C, G, T; 3-mers with a higher one do not count. Shares are of those that count, all 0
    where none does. Lengths above `longest` count as that.
    """
    counts = kmer_table(codes, starts, lengths, K, canonical=True)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    capped = np.clip(lengths, 1, longest)
    return np.column_stack([shares, np.log(capped)])


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
