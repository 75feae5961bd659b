"""Genomes in the 2bit format of UCSC: a base in two bits, with lists of the stretches that are N or soft-masked."""

import mmap
import struct
from typing import NamedTuple

import numpy as np

from dnaseq.errors import InputError
from dnaseq.io.os_errors import access

_MAGIC = 0x1A412743
MAGICS = (struct.pack("<I", _MAGIC), struct.pack(">I", _MAGIC))
_BASES = np.frombuffer(b"TCAG", np.uint8)
_FOUR = _BASES[(np.arange(256)[:, None] >> np.array([6, 4, 2, 0])) & 3]  # (256, 4): the letters of each byte
_LOWER = 32  # from an upper-case letter to its lower case


class Stretches(NamedTuple):
    """Stretches of a sequence in ascending order, 0-based; (n,) int64 each."""

    starts: np.ndarray
    sizes: np.ndarray

    def mark(self, start: int, end: int) -> np.ndarray:
        """(end - start,) bool: positions that are in a stretch."""
        marked = np.zeros(end - start, dtype=bool)
        first = max(int(np.searchsorted(self.starts, start, side="right")) - 1, 0)
        last = int(np.searchsorted(self.starts, end))
        for begin, size in zip(
            self.starts[first:last].tolist(), self.sizes[first:last].tolist(), strict=True
        ):
            marked[max(begin - start, 0) : max(begin + size - start, 0)] = True
        return marked


class Sequence(NamedTuple):
    """A sequence of a 2bit file: its bases, the byte they begin at, and its stretches."""

    length: int
    offset: int
    unknown: Stretches
    masked: Stretches


class TwoBit:
    """The letters of a 2bit file. Raises InputError for a damaged file."""

    def __init__(self, path: str):
        self._path = path
        with access(path), open(path, "rb") as handle:
            self._bytes = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
        self._order = "<" if self._bytes[:4] == MAGICS[0] else ">"
        try:
            self.names, self._sequences = self._read_sequences()
        except (struct.error, ValueError, UnicodeDecodeError) as error:
            raise InputError(f"not a readable 2bit file ({error})", file=path) from error
        self.lengths = [one.length for one in self._sequences]

    def read(self, number: int, start: int, end: int) -> np.ndarray:
        """(end - start,) uint8 ASCII letters, lower case where soft-masked."""
        own = self._sequences[number]
        first = start // 4
        packed = np.frombuffer(self._bytes[own.offset + first : own.offset + (end + 3) // 4], np.uint8)
        letters = _FOUR[packed].reshape(-1)[start - 4 * first : end - 4 * first]
        letters[own.unknown.mark(start, end)] = ord("N")
        letters[own.masked.mark(start, end)] += _LOWER
        return letters

    def _read_sequences(self) -> tuple[list[str], list[Sequence]]:
        version, count = struct.unpack_from(f"{self._order}II", self._bytes, 4)
        if version > 1:
            raise ValueError(f"version {version} is unknown")
        form = f"{self._order}{'Q' if version else 'I'}"
        names, places, at = [], [], 16
        for _ in range(count):
            size = self._bytes[at] if at < len(self._bytes) else 0
            names.append(self._bytes[at + 1 : at + 1 + size].decode())
            places.append(struct.unpack_from(form, self._bytes, at + 1 + size)[0])
            at += 1 + size + struct.calcsize(form)
        if not names:
            raise ValueError("it has no sequences")
        if len(set(names)) < len(names):
            raise ValueError("two sequences have one name")
        return names, [self._read_sequence(place) for place in places]

    def _read_sequence(self, at: int) -> Sequence:
        length = self._number(at)
        unknown, at = self._read_stretches(at + 4, length)
        masked, at = self._read_stretches(at, length)
        offset = at + 4  # four reserved bytes
        if offset + (length + 3) // 4 > len(self._bytes):
            raise ValueError("it is too short for its bases")
        return Sequence(length, offset, unknown, masked)

    def _read_stretches(self, at: int, length: int) -> tuple[Stretches, int]:
        """Return the stretches that begin at a byte, and the byte after them."""
        n = self._number(at)
        if at + 4 + 8 * n > len(self._bytes):
            raise ValueError("it is too short for its stretches")
        numbers = np.frombuffer(self._bytes, f"{self._order}u4", 2 * n, at + 4).astype(np.int64)
        found = Stretches(numbers[:n], numbers[n:])
        if n and ((np.diff(found.starts) < 0).any() or int((found.starts + found.sizes).max()) > length):
            raise ValueError("its stretches are out of order or beyond a sequence")
        return found, at + 4 + 8 * n

    def _number(self, at: int) -> int:
        return int(struct.unpack_from(f"{self._order}I", self._bytes, at)[0])
