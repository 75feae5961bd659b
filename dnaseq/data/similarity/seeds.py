"""Pairs of places where records agree: equal seeds on either strand, found by sorting.

A seed is a pattern of positions, such as 1101011, laid at every place of every record; two places agree where all
positions marked 1 hold equal bases. Patterns with gaps find more of the relatives with substitutions than as many
bases in a row (Ma, Tromp and Li 2002). They read the same from both ends, so that a record and its reverse
complement have the same seeds.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from dnaseq.data.similarity.packed import WORD, Packed, words_from
from dnaseq.encode.alphabet import N
from dnaseq.encode.counting import steps

# For each number of bases the best pattern with two gaps: of stretches of 64 bases with independent substitutions
# (20 %) it finds most. More and wider gaps find a little more of those, and far fewer relatives with insertions.
PATTERNS = {
    6: "11011011",
    7: "111010111",
    8: "1110110111",
    9: "11110101111",
    10: "111101101111",
    11: "1111011101111",
    12: "11111011011111",
    13: "111110111011111",
    14: "1111101111011111",
    15: "11111101110111111",
    16: "111111011110111111",
}
CHANCE_PAIRS = 4  # a base: pairs of places that agree by chance, at most
PARTNERS = 32  # places of an equal seed are linked to so many others: repeats must not cost their square
SEEDS_AT_ONCE = 1 << 25  # 8 bytes each
PLACES_AT_ONCE = 1 << 17
_MIXER, _MIXER_OF_LAST = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)


class Seed(NamedTuple):
    """A stretch of `span` bases, of which those of `mask` in its first 32 count; of a longer one, also its last 32."""

    span: int
    mask: np.uint64


class Meetings(NamedTuple):
    """m pairs of places where seeds are equal.

    Positions count along `Packed.strands`: the first is on the given strand, the second is on whichever strand
    makes the two read alike.
    """

    first: np.ndarray  # (m,) record
    second: np.ndarray  # (m,) record
    reverse: np.ndarray  # (m,) bool: the second is read on the other strand
    x: np.ndarray  # (m,) position of the seed in the first record
    y: np.ndarray  # (m,) position of the seed in the second record, on its strand


def spaced_seed(bases: int) -> Seed:
    """Choose the pattern of fewest bases with which not too many places agree by chance among `bases` bases."""
    weight = next((w for w in PATTERNS if bases <= CHANCE_PAIRS * 4**w), max(PATTERNS))
    pattern = PATTERNS[weight]
    bits = "".join("11" if letter == "1" else "00" for letter in pattern)
    return Seed(len(pattern), np.uint64(int(bits.ljust(64, "0"), 2)))


def whole_seed(span: int) -> Seed:
    """Return the seed of all of `span` bases; of more than 64, of the first and the last 32."""
    return Seed(span, first_bases(span))


def first_bases(n: int) -> np.uint64:
    """Return the mask of the first n bases of a word, of all for n of 32 or more."""
    return np.uint64(((1 << 2 * n) - 1) << 2 * (WORD - n)) if n < WORD else ~np.uint64(0)


def meetings(
    records: Packed, seed: Seed, stranded: bool, partners: int, sides: np.ndarray | None = None
) -> Iterator[Meetings]:
    """Find equal seeds of two records, on either strand or, with `stranded`, on the given one.

    Places with the same seed are each linked to the next `partners` in the order of the records and, where records
    have `sides` (n,), to as many of another side. Seeds with an ambiguous base are left out; those that are their
    own reverse complement are read on the given strand.
    """
    bits = int(2 * len(records.codes)).bit_length()
    low = np.uint64((1 << bits) - 1)
    for keys in _sorted_keys(records, seed, stranded, bits):
        for a, b in _linked(records, keys, np.uint64(bits), partners, sides):
            found = _placed(records, seed, keys[a] & low, keys[b] & low)
            if len(found.x):
                yield found


def _sorted_keys(records: Packed, seed: Seed, stranded: bool, bits: int) -> Iterator[np.ndarray]:
    """Yield sorted uint64, a share of the seeds at a time: the seed's hash, 2 x its position, the hashed strand."""
    places = max(len(records.codes) - seed.span + 1, 0)
    shares = (places // SEEDS_AT_ONCE).bit_length()  # 2 to the power of it, by the first bits of the hash
    low = np.uint64((1 << bits) - 1)
    # no share is larger than the others by so much
    keys = np.empty(max((places >> shares) * 33 // 32, PLACES_AT_ONCE), dtype=np.uint64)
    for share in range(1 << shares):
        n = 0
        for at in range(0, places, PLACES_AT_ONCE):
            hashes, other, known = _hashes(records, seed, stranded, at, min(at + PLACES_AT_ONCE, places))
            if shares:
                known &= hashes >> np.uint64(64 - shares) == share
            chosen = np.flatnonzero(known)
            end = n + len(chosen)
            if end > len(keys):
                keys = np.concatenate([keys, np.empty(len(keys) // 2 + len(chosen), dtype=np.uint64)])
            position = (at + chosen).astype(np.uint64) << np.uint64(1)
            keys[n:end] = (hashes[chosen] << np.uint64(shares)) & ~low | position | other[chosen]
            n = end
        keys[:n].sort()
        yield keys[:n]


def _hashes(
    records: Packed, seed: Seed, stranded: bool, at: int, end: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hash the seeds at places at, ..., end - 1; bool: hash of the other strand; bool: all bases are known."""
    ambiguous = np.cumsum(np.r_[False, records.codes[at : end + seed.span - 1] >= N], dtype=np.int32)
    known = ambiguous[seed.span :] == ambiguous[: -seed.span]
    forward = _values(records, seed, at, end - at)
    if stranded:
        return forward * _MIXER, np.zeros(end - at, dtype=bool), known
    # the seeds of the other strand come in the opposite order
    backward = _values(records, seed, 2 * len(records.codes) - seed.span - end + 1, end - at)[::-1]
    return np.minimum(forward, backward) * _MIXER, backward < forward, known


def _values(records: Packed, seed: Seed, start: int, n: int) -> np.ndarray:
    values = words_from(records.strands, start, n) & seed.mask
    if seed.span > WORD:
        values *= _MIXER_OF_LAST
        values ^= values >> np.uint64(32)
        values += words_from(records.strands, start + seed.span - WORD, n)
    return values


def _equal_runs(keys: np.ndarray, bits: np.uint64, partners: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield indices of keys with one hash, at most `partners` apart."""
    for at in range(0, len(keys), PLACES_AT_ONCE):
        i = np.arange(at, min(at + PLACES_AT_ONCE, len(keys)))
        for step in range(1, partners + 1):
            i = i[: np.searchsorted(i, len(keys) - step)]
            i = i[(keys[i] ^ keys[i + step]) >> bits == 0]
            if not len(i):
                break
            yield i, i + step


def _linked(
    records: Packed, keys: np.ndarray, bits: np.uint64, partners: int, sides: np.ndarray | None
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    yield from _equal_runs(keys, bits, partners)
    if sides is None:
        return
    start, end = _long_runs(keys, bits, partners)
    low = (np.uint64(1) << bits) - np.uint64(1)
    batch = np.cumsum(end - start) // PLACES_AT_ONCE
    for number in np.unique(batch):
        chosen = batch == number
        i, run = _members(start[chosen], end[chosen])
        side = sides[records.record[((keys[i] & low) >> np.uint64(1)).astype(np.int64) >> 5]]
        yield from _across(i, run, side, partners)


def _long_runs(keys: np.ndarray, bits: np.uint64, partners: int) -> tuple[np.ndarray, np.ndarray]:
    """Find first and last (not included) index of the runs of one hash in which _equal_runs does not link all."""
    found = [np.empty(0, dtype=np.uint64)]
    for at in range(0, len(keys) - partners - 1, PLACES_AT_ONCE):
        i = np.arange(at, min(at + PLACES_AT_ONCE, len(keys) - partners - 1))
        i = i[(keys[i] ^ keys[i + partners + 1]) >> bits == 0]
        found.append(np.unique(keys[i] >> bits))
    hashes = np.unique(np.concatenate(found)) << bits
    last = hashes | ((np.uint64(1) << bits) - np.uint64(1))
    return np.searchsorted(keys, hashes), np.searchsorted(keys, last, side="right")


def _members(start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the indices of some runs, one run after the other, and the number of the run of each."""
    size = end - start
    run = np.repeat(np.arange(len(size)), size)
    return np.repeat(start, size) + steps(size), run


def _across(
    i: np.ndarray, run: np.ndarray, side: np.ndarray, partners: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pair each of (n,) indices with at most `partners` of its run that are on another side, in turn."""
    order = np.lexsort((side, run))
    i, run, side = i[order], run[order], side[order]
    place = np.arange(len(i))
    first, size = _extent(np.r_[True, run[1:] != run[:-1]])
    own_first, own_size = _extent(np.r_[True, (run[1:] != run[:-1]) | (side[1:] != side[:-1])])
    others = size - own_size
    for step in range(partners):
        at = np.flatnonzero(step < others)
        if not len(at):
            return
        other = first[at] + (place[at] + step) % others[at]
        other += own_size[at] * (other >= own_first[at])  # beyond its own side
        yield i[at], i[other]


def _extent(new: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n,) bool, whether a stretch begins -> (n,) where the stretch of each begins, (n,) its length."""
    start = np.flatnonzero(new)
    size = np.diff(np.r_[start, len(new)])
    return np.repeat(start, size), np.repeat(size, size)


def _placed(records: Packed, seed: Seed, a: np.ndarray, b: np.ndarray) -> Meetings:
    reverse = ((a ^ b) & np.uint64(1)).astype(bool)
    x, y = (a >> np.uint64(1)).astype(np.int64), (b >> np.uint64(1)).astype(np.int64)
    first, second = records.record[x >> 5], records.record[y >> 5]
    kept = first != second
    first, second, reverse, x, y = first[kept], second[kept], reverse[kept], x[kept], y[kept]
    return Meetings(first, second, reverse, x, np.where(reverse, 2 * len(records.codes) - seed.span - y, y))
