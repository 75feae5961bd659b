import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnaseq.bundle.inference import rechunk
from dnaseq.bundle.inference.rechunk import MOST_POSITIONS, batches


def sizes(lengths, most_records) -> list[int]:
    return [len(lengths[batch]) for batch in batches(np.asarray(lengths), most_records)]


@pytest.mark.parametrize("batch_size", [1, 64, 256, 1000])
def test_records_of_200_bases_fill_their_batches(batch_size):
    assert sizes([200] * 2500, batch_size)[:-1] == [batch_size] * ((2500 - 1) // batch_size)


def test_long_records_end_a_batch_early():
    assert sizes([100_000] * 5, 256) == [2, 2, 1]


def test_a_record_over_the_budget_is_a_batch_of_its_own():
    assert sizes([10, MOST_POSITIONS + 1, MOST_POSITIONS + 2], 256) == [1, 1, 1]


def test_no_records_no_batches():
    assert sizes([], 256) == []


@given(st.lists(st.integers(1, 40), max_size=60), st.integers(1, 20))
def test_every_record_once_within_both_limits(lengths, most_records):
    lengths = np.sort(np.array(lengths, dtype=np.int64))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rechunk, "MOST_POSITIONS", 100)
        cut = [lengths[batch] for batch in batches(lengths, most_records)]
    assert np.concatenate([[], *cut]).tolist() == lengths.tolist()
    assert all(1 <= len(batch) <= most_records for batch in cut)
    assert all(len(batch) * batch.max() <= 100 for batch in cut)
