"""Records in memory for comparison: codes, and both strands at two bits a base, readable from any position."""

import os
from tempfile import TemporaryFile
from typing import NamedTuple

import numpy as np

from dnaseq.encode.alphabet import PAD
from dnaseq.encode.counting import steps

IN_MEMORY = 1 << 26  # bytes


def scratch(n: int, dtype: type) -> np.ndarray:
    """(n,) zeros: of more than IN_MEMORY bytes mapped from a temporary file without a name, which goes with the array.

    In memory too where the folder of temporary files ($TMPDIR) has no room.
    """
    size = n * np.dtype(dtype).itemsize
    if size > IN_MEMORY:
        with TemporaryFile() as file:
            try:
                os.posix_fallocate(file.fileno(), 0, size)  # else a full disk would kill the process later
            except (OSError, AttributeError):  # no room, or no such call on this system
                return np.zeros(n, dtype)
            return np.memmap(file, dtype, "r+", shape=(n,))
    return np.zeros(n, dtype)


WORD = 32  # bases in a word of 64 bits
_WORDS_AT_ONCE = 1 << 17
_EVERY_BASE = np.uint64(0x5555555555555555)


class Packed(NamedTuple):
    """n records, each from a word boundary on and followed by padding, with a word of padding before and after all.

    About 1.7 bytes a base, in temporary files where these are many. In `strands` padding and ambiguous bases are
    random bases, which match by chance only.
    """

    codes: np.ndarray  # (bases,) uint8; bases = 32 x words
    strands: np.ndarray  # (2 x words + 1,) uint64: the words of `codes`, then those of its reverse complement
    record: np.ndarray  # (words,) int32: whose word it is; -1 at both ends
    start: np.ndarray  # (n,) first base of each record in `codes`
    length: np.ndarray  # (n,)


def packed(codes: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> Packed:
    """Pack the stretches [start, start + length) of `codes`, at least one, in the order given."""
    words = lengths // WORD + 1  # at least one base of padding, so that no seed spans two records
    last = 1 + np.cumsum(words)
    total = int(last[-1]) + 1
    record, flat = scratch(total, np.int32), scratch(total * WORD, np.uint8)
    record[0] = record[-1] = -1
    start = (last - words) * WORD
    for at in range(0, total * WORD, _WORDS_AT_ONCE):
        flat[at : at + _WORDS_AT_ONCE] = PAD
    for at in range(0, len(lengths), 4096):
        part = slice(at, at + 4096)
        own = np.arange(at, min(at + 4096, len(lengths)), dtype=np.int32)
        record[start[at] // WORD : last[own[-1]]] = np.repeat(own, words[part])
        within = steps(lengths[part])
        flat[np.repeat(start[part], lengths[part]) + within] = codes[
            np.repeat(starts[part], lengths[part]) + within
        ]
    return Packed(flat, _both_strands(flat), record, start, lengths)


def _both_strands(flat: np.ndarray) -> np.ndarray:
    words = len(flat) // WORD
    strands = scratch(2 * words + 1, np.uint64)  # the last one lets words_at read one too far
    rng = np.random.default_rng(0)
    for at in range(0, words, _WORDS_AT_ONCE):
        end = min(at + _WORDS_AT_ONCE, words)
        bases = flat[at * WORD : end * WORD]
        bases = np.where(bases < 4, bases, rng.integers(0, 4, len(bases), dtype=np.uint8))
        strands[at:end] = _pack_words(bases)
        strands[2 * words - end : 2 * words - at] = _pack_words((3 - bases)[::-1])
    return strands


def _pack_words(bases: np.ndarray) -> np.ndarray:
    """(32 m,) bases 0 to 3 -> (m,) uint64, the first base in the highest bits."""
    four = bases[0::4] << 6 | bases[1::4] << 4 | bases[2::4] << 2 | bases[3::4]
    return four.view(">u8").astype(np.uint64)


def words_at(strands: np.ndarray, position: np.ndarray) -> np.ndarray:
    """Return the 32 bases from each position on, as uint64 with the first base in the highest bits."""
    word, shift = position >> 5, ((position & 31) << 1).astype(np.uint64)
    # a shift by 64 is not defined, so the second word is shifted in two steps
    return strands[word] << shift | strands[word + 1] >> (np.uint64(63) - shift) >> np.uint64(1)


def words_from(strands: np.ndarray, start: int, n: int) -> np.ndarray:
    """Return words_at of n positions in a row."""
    word, skipped = divmod(start, WORD)
    end = word + -(-(skipped + n) // WORD)
    shift = np.arange(0, 2 * WORD, 2, dtype=np.uint64)
    this, following = strands[word:end, None], strands[word + 1 : end + 1, None]
    return (this << shift | following >> (np.uint64(63) - shift) >> np.uint64(1)).ravel()[
        skipped : skipped + n
    ]


def equal_bases(x: np.ndarray, y: np.ndarray, which: np.uint64) -> np.ndarray:
    """Count the bases under the mask `which` that are equal in two arrays of words."""
    differing = x ^ y
    differing = (differing | differing >> np.uint64(1)) & _EVERY_BASE & which
    return np.bitwise_count(_EVERY_BASE & which) - np.bitwise_count(differing)
