"""Features of novelty: composition and length of the part of a record that the model reads."""

import numpy as np

from dnaseq.data.records.batching import gather
from dnaseq.data.records.lengths import LengthPolicy
from dnaseq.evaluation.decisions.novelty import N_FEATURES, composition
from dnaseq.io.sequences.block import Block

_AT_ONCE = 256  # windows that are copied for counting


def record_composition(block: Block, rows: np.ndarray, policy: LengthPolicy) -> np.ndarray:
    """(n,) rows of a block, ascending -> (n, 33) features: of the middle where records are trimmed, else of all.

    A record that is cut into windows counts as no longer than a window, for the model reads nothing longer.
    """
    starts, lengths = block.offsets[rows], np.diff(block.offsets)[rows]
    if policy.policy == "tile":
        return composition(block.codes, starts, lengths, longest=policy.length)
    windows = policy.windows(lengths)  # one a record
    return composition(block.codes, starts + windows.start, windows.length)


def windows_composition(codes: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """(n,) stretches of codes, which may overlap -> (n, 33) features, each of all of its bases."""
    found = [np.empty((0, N_FEATURES))]
    for first in range(0, len(starts), _AT_ONCE):
        some = lengths[first : first + _AT_ONCE]
        rows = gather(codes, starts[first : first + _AT_ONCE], some)
        found.append(composition(rows.reshape(-1), np.arange(len(rows)) * rows.shape[1], some))
    return np.concatenate(found)
