"""What of a record the model sees, as the features that novelty is judged by."""

import numpy as np

from dnaseq.data.lengths import LengthPolicy
from dnaseq.evaluation.novelty import composition
from dnaseq.io.block import Block


def seen_composition(block: Block, rows: np.ndarray, policy: LengthPolicy) -> np.ndarray:
    """(n,) rows of a block, ascending -> (n, 33) features: of the middle where records are trimmed, else of all.

    A record that is cut into windows counts as no longer than a window, for the model sees nothing longer.
    """
    starts, lengths = block.offsets[rows], np.diff(block.offsets)[rows]
    if policy.policy == "tile":
        return composition(block.codes, starts, lengths, longest=policy.length)
    windows = policy.windows(lengths)  # one a record
    return composition(block.codes, starts + windows.start, windows.length)
