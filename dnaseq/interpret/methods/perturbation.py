"""Explanations by what the logit loses when bases are changed. They need no gradient, so they suit every model."""

from collections.abc import Iterator

import numpy as np

from dnaseq.data.records.chunked_arrays import stretches
from dnaseq.encode.alphabet import N
from dnaseq.interpret.logit import Logit
from dnaseq.interpret.methods.explanation import Explanation, MethodSettings, at_bases, is_one_base

AT_ONCE = 4096  # changed records that are made in one go
STRETCH = 3  # bases that are hidden together


def mutagenesis(
    logit: Logit, codes: np.ndarray, lengths: np.ndarray, settings: MethodSettings
) -> Explanation:
    """Average what the logit loses by the three other bases at a position (in-silico mutagenesis, Zhou & Troyanskaya
    2015). The hypothetical number of a base is that of the record that has it, beside the three others."""
    hypothetical = np.zeros((*codes.shape, 4), dtype=np.float32)
    record, position = np.nonzero(is_one_base(codes))
    own = logit.of_codes(codes, lengths)
    scores = np.repeat(own[record], 4).reshape(-1, 4)  # of the four bases at each position
    for some in _pieces(3 * len(record)):
        place, step = np.divmod(some, 3)
        rows, columns = record[place], position[place]
        base = (codes[rows, columns] + 1 + step) % 4
        changed = codes[rows]
        changed[np.arange(len(rows)), columns] = base
        scores[place, base] = logit.of_codes(changed, lengths[rows])
    hypothetical[record, position] = (scores - scores.mean(axis=1, keepdims=True)) * (4 / 3)
    return at_bases(hypothetical, codes)


def occlusion(logit: Logit, codes: np.ndarray, lengths: np.ndarray, settings: MethodSettings) -> Explanation:
    """Average what the logit loses when the stretches that hold a position are N (occlusion, Zeiler & Fergus 2014).

    A stretch has STRETCH bases, fewer at the ends of a record.
    """
    around = STRETCH // 2
    record, middle = np.nonzero(np.arange(codes.shape[1]) < lengths[:, None])
    own = logit.of_codes(codes, lengths)
    losses = np.zeros((len(codes), codes.shape[1] + 2 * around))  # beyond either end: none
    counts = np.zeros_like(losses)
    for some in _pieces(len(record)):
        rows, columns = record[some], middle[some]
        hidden = np.abs(np.arange(codes.shape[1]) - columns[:, None]) <= around
        hidden &= np.arange(codes.shape[1]) < lengths[rows, None]
        changed = np.where(hidden, N, codes[rows]).astype(np.uint8)
        losses[rows, columns + around] = own[rows] - logit.of_codes(changed, lengths[rows])
        counts[rows, columns + around] = 1
    of_stretches = [
        np.lib.stride_tricks.sliding_window_view(a, STRETCH, axis=1).sum(axis=2) for a in (losses, counts)
    ]
    values = of_stretches[0] / np.maximum(of_stretches[1], 1)
    return Explanation(np.where(is_one_base(codes), values, 0).astype(np.float32))


def _pieces(n: int) -> Iterator[np.ndarray]:
    """Yield the numbers below n, AT_ONCE at a time."""
    yield from (np.arange(some.start, some.stop) for some in stretches(n, AT_ONCE))
