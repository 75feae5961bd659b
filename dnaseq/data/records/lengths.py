"""Rules for records whose length is not the expected one, and the windows that follow from them."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dnaseq.data.records.chunked_arrays import index_type
from dnaseq.encode.counting import steps
from dnaseq.errors import ConfigError

POLICIES = ("error", "pad", "trim", "tile")


class Windows(NamedTuple):
    """The stretches that the model reads: window i is bases [start, start + length) of a record (0-based)."""

    record: np.ndarray  # (m,) index of the record; every record has at least one window, in order
    start: np.ndarray  # (m,)
    length: np.ndarray  # (m,)


@dataclass(frozen=True)
class LengthPolicy:
    """The rule by which records become windows.

    error: every record must have `length` bases (or, without one, the length of the first record).
    pad:   records stay whole; shorter ones are padded in their batch; longer than `length` is an error.
    trim:  the middle `length` bases of longer records; shorter ones are padded.
    tile:  longer records are cut into windows of `length` bases, the last one ending with the record.
    """

    policy: str = "pad"
    length: int | None = None

    def __post_init__(self) -> None:
        if self.policy not in POLICIES:
            raise ConfigError(f"length_policy must be one of {', '.join(POLICIES)}; got {self.policy!r}")
        if self.length is not None and (type(self.length) is not int or self.length < 1):
            raise ConfigError(f"length must be a whole number of bases, at least 1; got {self.length!r}")
        if self.length is None and self.policy in ("trim", "tile"):
            raise ConfigError(f"length_policy={self.policy} needs a length, for example data.length=200")

    def refused(self, lengths: np.ndarray) -> np.ndarray:
        """(n,) record lengths -> (n,) bool, True for those that cannot be used."""
        if self.length is None or self.policy in ("trim", "tile"):
            return np.zeros(len(lengths), dtype=bool)
        return lengths != self.length if self.policy == "error" else lengths > self.length

    def refusal(self, length: int) -> str:
        """Describe the fault of a record of a refused length."""
        if self.policy == "error":
            return f"length {length}, expected {self.length}"
        return f"length {length} is over {self.length}"

    def resolved(self, lengths: np.ndarray) -> "LengthPolicy":
        """Return the same policy with `error` pinned to the length of the first record where none was given."""
        if self.policy == "error" and self.length is None and len(lengths):
            return LengthPolicy("error", int(lengths[0]))
        return self

    def at_most(self, longest: int) -> "LengthPolicy":
        """Return the same policy with a greatest length, so that a longer record is refused."""
        return self if self.length is not None else LengthPolicy(self.policy, longest)

    def windows(self, lengths: np.ndarray) -> Windows:
        """(n,) record lengths -> their windows, in record order, start and length of the type of the lengths."""
        if self.policy == "tile":
            assert self.length is not None  # __post_init__ has checked it
            return tiles(lengths, self.length, self.length)
        record = np.arange(len(lengths), dtype=index_type(len(lengths)))
        if self.policy == "trim":
            kept = np.minimum(lengths, lengths.dtype.type(self.length))
            return Windows(record, (lengths - kept) // 2, kept)
        return Windows(record, np.broadcast_to(lengths.dtype.type(0), len(lengths)), lengths)


def tiles(lengths: np.ndarray, length: int, stride: int) -> Windows:
    """(n,) record lengths -> windows of `length` bases that begin `stride` apart; shorter records are one window."""
    counts = tile_counts(lengths, length, stride)
    record = np.repeat(np.arange(len(lengths)), counts)
    number = steps(counts)
    # the last window ends with the record, so that it is as long as the others
    start = np.minimum(number * stride, np.maximum(lengths[record] - length, 0))
    return Windows(record, start, np.minimum(lengths[record], length))


def tile_counts(lengths: np.ndarray, length: int, stride: int) -> np.ndarray:
    """(n,) how many windows tiles() makes of each record."""
    return 1 + np.maximum(-(-(lengths - length) // stride), 0)
