"""Where a batch ends: after so many records, or before its padded size outgrows the memory."""

from collections.abc import Iterator

import numpy as np

# Positions of a batch, padding included; a network keeps numbers for each. Measured with the cnn model on a CPU,
# 24 records of 100,000 bases in batches of 256: a peak of 0.53 GB, 0.30 of which is the program itself; 0.84 GB
# with twice as many positions and 2.8 GB without a limit, which is also four times slower. 1000 records of 200
# bases still are one batch.
MOST_POSITIONS = 1 << 18

# With fewer rows, matrix kernels of another kind are used, whose rounding 200 steps of a simple RNN amplify to 5e-6,
# more than rounding.SAME_WITHIN. From this many on, what is left between batch sizes depends on processor and network:
# nothing for RNN, LSTM and BiLSTM on one Intel CPU, 3e-7 for a transformer there, 1.5e-8 for a dilated convolution on
# one AMD CPU.
FEWEST_ROWS = 16


def batches(lengths: np.ndarray, most_records: int) -> Iterator[slice]:
    """(n,) lengths in ascending order -> consecutive slices of them, one a batch.

    A batch has at most `most_records` records and count x longest <= MOST_POSITIONS, but at least one record.
    It follows from the lengths alone, so the same records are always batched alike.
    """
    at = 0
    while at < len(lengths):
        longest = lengths[at : at + most_records].astype(np.int64)  # of a batch that ends with each record
        padded = longest * np.arange(1, len(longest) + 1)
        count = max(int(np.searchsorted(padded, MOST_POSITIONS, side="right")), 1)
        yield slice(at, at + count)
        at += count
