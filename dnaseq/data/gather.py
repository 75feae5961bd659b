"""Batches of codes out of packed records, by whole-array operations."""

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view

from dnaseq.encode import alphabet


def padded_lengths(lengths: np.ndarray) -> torch.Tensor | None:
    """(B,) lengths of what gather() makes a batch of, as models take them: None where nothing is padded."""
    return torch.from_numpy(lengths) if (lengths != lengths.max(initial=0)).any() else None


def gather(codes: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Packed codes, (B,) first bases and (B,) lengths -> (B, longest) uint8, short ones padded at the end."""
    codes, longest = np.asarray(codes), int(lengths.max(initial=0))
    if not longest:
        return np.empty((len(lengths), 0), dtype=np.uint8)
    last = len(codes) - longest  # no row may begin later
    rows = sliding_window_view(codes, longest)[np.minimum(starts, last)]  # copies whole rows, not letters
    for i in np.flatnonzero(starts > last).tolist():
        rows[i, : lengths[i]] = codes[starts[i] : starts[i] + lengths[i]]
    if (lengths != longest).any():
        rows[np.arange(longest) >= lengths[:, None]] = alphabet.PAD
    return rows
