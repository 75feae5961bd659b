"""Checks of records against a length policy and an encoding, the same in training and prediction."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

import numpy as np

from dnaseq.data.records.chunked_arrays import stretches
from dnaseq.data.records.lengths import LengthPolicy
from dnaseq.encode import alphabet
from dnaseq.encode.encoding import Encoding
from dnaseq.errors import ConfigError

SHORT, LENGTH, AMBIGUOUS = "short", "length", "ambiguous"


class Problem(NamedTuple):
    """A reason why a record cannot be used. The fix depends on the kind, and on the command."""

    kind: str  # SHORT, LENGTH or AMBIGUOUS
    reason: str


def check_windows(policy: LengthPolicy, encoding: Encoding) -> None:
    """Raise ConfigError where no record can have a window that is long enough for the encoding."""
    if policy.length is not None and policy.length < encoding.shortest:
        raise ConfigError(
            f"data.length={policy.length} is less than encoding.k={encoding.shortest}, so no record would hold"
            " a k-mer. Raise the one or lower the other"
        )


def problems(
    codes: np.ndarray,
    offsets: np.ndarray,
    policy: LengthPolicy,
    encoding: Encoding,
    rejected: Collection[int] = (),
) -> dict[int, Problem]:
    """Map each row to its first problem. Rows without a problem and rows that are rejected already are absent.

    Row i is codes[offsets[i]:offsets[i + 1]]. Positions in the reasons count from 1. That a window which the
    policy cuts is long enough follows from check_windows.
    """
    lengths = np.diff(offsets)
    found: dict[int, Problem] = {}
    asked = np.ones(len(lengths), dtype=bool)
    asked[list(rejected)] = False
    for row in np.flatnonzero(asked & (lengths < encoding.shortest)).tolist():
        found[row] = Problem(SHORT, f"{lengths[row]} bases, shorter than k = {encoding.shortest}")
    for row in np.flatnonzero(asked & policy.refused(lengths)).tolist():
        found.setdefault(row, Problem(LENGTH, policy.refusal(int(lengths[row]))))
    if encoding.ambiguous == "error":
        for row, reason in _ambiguous(codes, offsets):
            found.setdefault(row, Problem(AMBIGUOUS, reason))
    return found


def _ambiguous(codes: np.ndarray, offsets: np.ndarray) -> Iterator[tuple[int, str]]:
    """Yield each row that has an ambiguous letter, with the position of the first."""
    found = [some.start + np.flatnonzero(codes[some] >= alphabet.N) for some in stretches(len(codes))]
    places = np.concatenate([np.empty(0, dtype=np.int64), *found])
    owners = np.searchsorted(offsets, places, side="right") - 1
    rows, first, counts = np.unique(owners, return_index=True, return_counts=True)
    positions = places[first] - np.asarray(offsets)[rows] + 1
    for row, position, count in zip(rows.tolist(), positions.tolist(), counts.tolist(), strict=True):
        yield row, f"ambiguous letter at position {position} ({count} in all)"
