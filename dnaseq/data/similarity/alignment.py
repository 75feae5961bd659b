"""Edit distance of records, one inside the other, by edlib (Šošić and Šikić 2017)."""

import edlib
import numpy as np

from dnaseq.data.similarity.packed import Packed
from dnaseq.encode.alphabet import COMPLEMENT

_OTHER_STRAND = COMPLEMENT.tobytes().ljust(256, b"\0")


def edits_inside(
    records: Packed, a: np.ndarray, b: np.ndarray, reverse: np.ndarray, most: np.ndarray
) -> np.ndarray:
    """(m,) fewest edits that turn the shorter of two records into a stretch of the longer, -1 for more than `most`.

    `reverse` marks the pairs that are compared with b on the other strand. Of two equally long records either may be
    inside the other, so the order of a pair does not count. An ambiguous letter equals itself alone.
    """
    found = np.empty(len(a), dtype=np.int64)
    for i, (one, two, turned, limit) in enumerate(
        zip(a.tolist(), b.tolist(), reverse.tolist(), most.tolist(), strict=True)
    ):
        other = _sequence(records, two)
        if turned:
            other = other.translate(_OTHER_STRAND)[::-1]
        found[i] = _edits(_sequence(records, one), other, limit)
    return found


def _sequence(records: Packed, row: int) -> bytes:
    start = records.start[row]
    return records.codes[start : start + records.length[row]].tobytes()


def _edits(one: bytes, two: bytes, most: int) -> int:
    shorter, longer = (one, two) if len(one) <= len(two) else (two, one)
    edits = _inside(shorter, longer, most)
    if len(one) == len(two) and edits != 0:
        swapped = _inside(longer, shorter, most)
        return max(edits, swapped) if min(edits, swapped) < 0 else min(edits, swapped)
    return edits


def _inside(shorter: bytes, longer: bytes, most: int) -> int:
    return edlib.align(shorter, longer, mode="HW", task="distance", k=most)["editDistance"]
