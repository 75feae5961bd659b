"""Pairs of records that may be near-duplicates, and pairs that share a stretch, without comparing all with all."""

from collections.abc import Iterator

import numpy as np

from dnaseq.data.similarity.packed import WORD, Packed, equal_bases, words_at
from dnaseq.data.similarity.seeds import PARTNERS, Meetings, first_bases, meetings, spaced_seed, whole_seed

FLANK = 16  # bases looked at on each side of a seed
BY_CHANCE = 0.25  # share of bases that are equal in unrelated records
FEWEST_TRIPLETS = (
    10  # different triplets in a stretch that counts; random stretches of 24 bases have about 19
)
PAIRS_AT_ONCE = 1 << 18


def allowed_edits(lengths: np.ndarray, identity: float) -> np.ndarray:
    """(n,) whole edits that leave the given share of so many bases unedited."""
    return np.floor((1 - identity) * lengths + 1e-9).astype(np.int64)


def near_candidates(
    records: Packed, stranded: bool, identity: float, sides: np.ndarray | None = None
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield batches of pairs (a, b, b on the other strand), a < b, each pair and strand once.

    They agree in a seed, about half-way or more in the bases on one side of it, and laid over each other at the
    seed the shorter record does not stand out of the longer by more than the edits that `identity` allows.
    `sides`: (n,) uint64, a bit for every side that a record is on; pairs that are on one side only are left out.
    """
    seed = spaced_seed(int(records.length.sum()))

    def pairs() -> Iterator[np.ndarray]:
        for met in meetings(records, seed, stranded, PARTNERS, sides):
            if sides is not None:
                met = _select(met, np.bitwise_count(sides[met.first] | sides[met.second]) > 1)
            met = _select(met, _flanks_agree(records, met, seed.span, identity))
            yield _pair_numbers(records, _select(met, _fits(records, met, identity)))

    for numbers in _drop_repeats(pairs()):
        yield _decode_pairs(records, numbers)


def shared_stretches(
    records: Packed, stranded: bool, overlap: int
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield batches of pairs (a, b, b on the other strand) with `overlap` equal bases in a row, enough to join groups.

    Of the records that share one stretch each is paired with the next few. Stretches of low complexity (fewer than
    FEWEST_TRIPLETS different triplets in their first 32 bases) are in unrelated records too and do not count.
    """
    seed = whole_seed(overlap)

    def pairs() -> Iterator[np.ndarray]:
        # equal stretches are neighbours once sorted; only the middle of long ones can differ
        for met in meetings(records, seed, stranded, 2 if overlap <= 2 * WORD else PARTNERS):
            met = _select(met, _triplets(words_at(records.strands, met.x), overlap) >= FEWEST_TRIPLETS)
            yield _pair_numbers(records, _select(met, _all_equal(records, met, overlap)))

    for numbers in _drop_repeats(pairs()):
        yield _decode_pairs(records, numbers)


def _select(met: Meetings, which: np.ndarray) -> Meetings:
    return Meetings(*(column[which] for column in met))


def _flanks_agree(records: Packed, met: Meetings, span: int, identity: float) -> np.ndarray:
    """Compare the bases next to the seed: enough of them agree on one side, or three quarters of that on both.

    Enough is half-way between chance and `identity`. There may be an insertion, or an end, on one side or on both.
    """
    shorter = np.minimum(records.length[met.first], records.length[met.second])
    in_record = np.clip((shorter - span) // 2, 0, FLANK)  # the least bases of one of the sides
    enough = np.ceil(in_record * (identity + BY_CHANCE) / 2)
    right = first_bases(FLANK)
    left = right >> np.uint64(2 * (WORD - FLANK))
    before, after = (
        equal_bases(words_at(records.strands, met.x + shift), words_at(records.strands, met.y + shift), bases)
        for shift, bases in ((-WORD, left), (span, right))
    )
    return (np.maximum(before, after) >= enough) | (before + after >= 1.5 * enough)


def _fits(records: Packed, met: Meetings, identity: float) -> np.ndarray:
    """Count the bases that stand out of the longer record, each a certain edit, and compare with the allowed edits."""
    lengths_x, lengths_y = records.length[met.first], records.length[met.second]
    before_x = met.x - records.start[met.first]
    start_y = records.start[met.second]
    # on the other strand the last base of a record comes first
    start_y = np.where(met.reverse, 2 * len(records.codes) - start_y - lengths_y, start_y)
    before_y = met.y - start_y
    out_before = before_x - before_y
    out_after = (lengths_x - before_x) - (lengths_y - before_y)
    sign = np.where(lengths_x <= lengths_y, 1, -1)
    out = np.maximum(sign * out_before, 0) + np.maximum(sign * out_after, 0)
    return out <= allowed_edits(np.minimum(lengths_x, lengths_y), identity)


def _all_equal(records: Packed, met: Meetings, length: int) -> np.ndarray:
    equal = np.ones(len(met.x), dtype=bool)
    for at in range(0, length, WORD):
        which = first_bases(min(length - at, WORD))
        x, y = words_at(records.strands, met.x + at), words_at(records.strands, met.y + at)
        equal &= (x ^ y) & which == 0
    return equal


def _triplets(words: np.ndarray, length: int) -> np.ndarray:
    """Count the different triplets in the first `length` bases of each word."""
    found = np.zeros(len(words), dtype=np.uint64)
    for at in range(min(length, WORD) - 2):
        found |= np.uint64(1) << (words >> np.uint64(58 - 2 * at) & np.uint64(63))
    return np.bitwise_count(found)


def _pair_numbers(records: Packed, met: Meetings) -> np.ndarray:
    """Encode pair and strand as one int64."""
    a, b = np.minimum(met.first, met.second).astype(np.int64), np.maximum(met.first, met.second)
    return 2 * (a * len(records.length) + b) + met.reverse


def _decode_pairs(records: Packed, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    a, b = np.divmod(numbers >> 1, len(records.length))
    return a, b, (numbers & 1).astype(bool)


def _drop_repeats(batches: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """Join batches of numbers to larger ones, without those that have come before."""
    known, waiting, n = np.empty(0, dtype=np.int64), [], 0
    for batch in batches:
        waiting.append(batch)
        n += len(batch)
        if n >= max(PAIRS_AT_ONCE, len(known) // 2):
            fresh = _fresh(waiting, known)
            known, waiting, n = np.sort(np.concatenate([known, fresh])), [], 0
            yield fresh
    if n:
        yield _fresh(waiting, known)


def _fresh(waiting: list[np.ndarray], known: np.ndarray) -> np.ndarray:
    """Return sorted numbers that are not among the known; several times faster than setdiff1d."""
    numbers = np.sort(np.concatenate(waiting))
    numbers = numbers[np.r_[True, numbers[1:] != numbers[:-1]]]
    if not len(known):
        return numbers
    at = np.minimum(np.searchsorted(known, numbers), len(known) - 1)
    return numbers[known[at] != numbers]
