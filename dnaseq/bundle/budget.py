"""Where a batch ends: after so many records, or before its padded size outgrows the memory."""

from collections.abc import Iterator

import numpy as np

# Positions of a batch, padding included; a network keeps numbers for each. Measured with the cnn model on a CPU,
# 24 records of 100,000 bases in batches of 256: a peak of 0.53 GB, 0.30 of which is the program itself; 0.84 GB
# with twice as many positions and 2.8 GB without a limit, which is also four times slower. 1000 records of 200
# bases still are one batch.
MOST_POSITIONS = 1 << 18

# From this many rows on, matrix kernels round every row alike; with fewer they differ, by 5e-6 after 200 steps of
# a simple RNN. Measured on a CPU with RNN, LSTM, BiLSTM and transformer: batches of 16, 32, 64 and 512 give the
# same bits, batches of 1, 2, 4 and 8 do not.
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
