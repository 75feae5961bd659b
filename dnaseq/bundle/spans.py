"""What a prediction has a row for: stretches of a block, which are its records, or windows of them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dnaseq.io.block import Block


class Spans(NamedTuple):
    """Stretch i is codes[starts[i]:starts[i] + lengths[i]]; they are in order and may overlap.

    `begin` is of windows: (n,) the first base of each in its record, 0-based, or -1 where the record is rejected.
    """

    headers: Sequence[bytes]  # of the record that each is of
    codes: np.ndarray
    starts: np.ndarray  # (n,) int64
    lengths: np.ndarray  # (n,) int64
    rejected: dict[int, str]  # index -> reason
    begin: np.ndarray | None = None


def records(block: Block) -> Spans:
    """Every record as a whole."""
    starts, lengths = block.offsets[:-1], np.diff(block.offsets)
    return Spans(block.headers, block.codes, starts, lengths, block.rejected)
