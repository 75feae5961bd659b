"""Batches of codes out of packed records, by whole-array operations."""

import numpy as np

from dnaseq.encode import alphabet


def gather(codes: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Packed codes, (B,) first bases and (B,) lengths -> (B, longest) uint8, short ones padded at the end."""
    longest = int(lengths.max(initial=0))
    position = np.arange(longest)
    if len(lengths) and (lengths == longest).all():
        return np.asarray(codes)[starts[:, None] + position]
    real = position < lengths[:, None]
    batch = np.full(real.shape, alphabet.PAD, dtype=np.uint8)
    batch[real] = np.asarray(codes)[(starts[:, None] + position)[real]]
    return batch
