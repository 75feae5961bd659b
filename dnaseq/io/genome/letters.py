"""Places that the letters of a genome are read from, a stretch at a time."""

from collections.abc import Sequence
from typing import IO, Protocol

import numpy as np


class Letters(Protocol):
    """The sequences of a genome; case is kept, since lower case is soft-masking."""

    @property
    def names(self) -> Sequence[str]: ...

    @property
    def lengths(self) -> Sequence[int]: ...

    def read(self, number: int, start: int, end: int) -> np.ndarray:
        """(end - start,) uint8 ASCII letters of sequence `number`, 0-based and half-open, inside the sequence."""
        ...


class Unpacked:
    """Letters that stand one after the other in a scratch file, which may be closed and is removed then."""

    def __init__(self, names: list[str], lengths: list[int], file: IO[bytes]):
        self.names, self.lengths = names, lengths
        self._starts = np.concatenate([[0], np.cumsum(np.array(lengths, dtype=np.int64))]).tolist()
        file.flush()
        total = self._starts[-1]
        mapped = np.memmap(file, np.uint8, mode="r", shape=(total,)) if total else np.empty(0, np.uint8)
        self._letters = np.asarray(mapped)  # of a memmap every slice is slow

    def read(self, number: int, start: int, end: int) -> np.ndarray:
        first = self._starts[number]
        return self._letters[first + start : first + end]
