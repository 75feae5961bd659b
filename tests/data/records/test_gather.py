import numpy as np

from dnaseq.data.records.batching import gather
from dnaseq.encode.alphabet import PAD

CODES = np.arange(12, dtype=np.uint8)


def test_equal_lengths_are_plain_slices():
    batch = gather(CODES, np.array([8, 0]), np.array([3, 3]))
    assert batch.tolist() == [[8, 9, 10], [0, 1, 2]]


def test_short_records_are_padded_at_the_end():
    batch = gather(CODES, np.array([8, 0]), np.array([4, 2]))
    assert batch.tolist() == [[8, 9, 10, 11], [0, 1, PAD, PAD]]


def test_a_batch_keeps_one_byte_a_base():
    assert gather(CODES, np.array([0]), np.array([5])).dtype == np.uint8
