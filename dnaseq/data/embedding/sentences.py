"""The k-mers of sequence files as sentences of words, read from the files anew in each pass."""

from collections.abc import Iterator
from itertools import product

import numpy as np

from dnaseq.encode.alphabet import BASES, COMPLEMENT, N
from dnaseq.errors import ConfigError
from dnaseq.io.reading_options import DEFAULT, Reading
from dnaseq.io.sequences.block import Block
from dnaseq.io.sequences.reading import read_blocks

LONGEST_K = 10  # a million words; each takes some 500 bytes while vectors of 64 numbers are trained
LONGEST_SENTENCE = 10_000  # words; of a longer sentence gensim reads no more than so many
STRANDS = ("one", "both")


class Sentences:
    """An iterable of lists of k-mers; memory holds one block of one file, however large the files are.

    A sentence is a stretch of A, C, G and T in one record: a letter that is not one base ends it, for no k-mer
    holds it. A stretch of more than LONGEST_SENTENCE k-mers is several sentences. With strands="both" the reverse
    complements of all records follow those of a block, for a k-mer and its neighbours mean the same on either
    strand. `stride` steps from the first base of a stretch. Raises ConfigError for a value out of range, and the
    errors of read_blocks.
    """

    def __init__(
        self, sources: list[str], k: int, stride: int = 1, strands: str = "both", reading: Reading = DEFAULT
    ):
        if not 1 <= k <= LONGEST_K:
            raise ConfigError(f"encoding.k must be from 1 to {LONGEST_K}; got {k}")
        if stride < 1:
            raise ConfigError(f"encoding.stride must be at least 1; got {stride}")
        if strands not in STRANDS:
            raise ConfigError(f"strands must be one of {', '.join(STRANDS)}; got {strands!r}")
        self.sources, self.k, self.stride, self.strands, self.reading = sources, k, stride, strands, reading
        self.words = np.array(["".join(letters) for letters in product(BASES, repeat=k)], dtype=object)

    def __iter__(self) -> Iterator[list[str]]:
        for ids in self._ids():
            yield self.words[ids].tolist()

    def counts(self) -> tuple[np.ndarray, int, int]:
        """Count each k-mer, (4^k,) int64 in alphabetical order, the sentences, and the rejected records."""
        counts, n, rejected = np.zeros(len(self.words), dtype=np.int64), 0, 0
        for block in read_blocks(self.sources, self.reading):
            rejected += len(block.rejected)
            for ids in self._ids_of(block):
                np.add.at(counts, ids, 1)
                n += 1
        return counts, n, rejected

    def _ids(self) -> Iterator[np.ndarray]:
        for block in read_blocks(self.sources, self.reading):
            yield from self._ids_of(block)

    def _ids_of(self, block: Block) -> Iterator[np.ndarray]:
        """Yield the sentences of a block as ids: AA..A is 0, alphabetical."""
        # one letter between records that no k-mer may hold keeps them apart
        codes = np.insert(block.codes, block.offsets[1:-1], N)
        place = 4 ** np.arange(self.k)  # of a base in an id, last base first: a convolution turns it round
        step = LONGEST_SENTENCE * self.stride
        for strand in (codes, COMPLEMENT[codes[::-1]])[: 2 if self.strands == "both" else 1]:
            for start, stop in stretches(strand, self.k):
                for first in range(start, stop - self.k + 1, step):
                    letters = strand[first : min(first + step + self.k - 1, stop)]
                    yield np.convolve(letters, place, "valid")[:: self.stride]


def stretches(codes: np.ndarray, shortest: int) -> np.ndarray:
    """(n, 2) first position and end of every stretch of A, C, G and T that has at least `shortest` letters."""
    plain = np.concatenate([[False], codes < N, [False]])
    edges = np.flatnonzero(plain[1:] != plain[:-1]).reshape(-1, 2)
    return edges[edges[:, 1] - edges[:, 0] >= shortest]
