import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnaseq.data.records import chunked_arrays
from dnaseq.data.records.chunked_arrays import by_first, counted, distinct, index_type, look_up, present

NUMBERS = st.lists(st.integers(0, 12), max_size=60).map(lambda values: np.array(values, dtype=np.int32))


@pytest.fixture(autouse=True, scope="module")
def short_stretches():
    """So that what is done a stretch at a time crosses their borders."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunked_arrays, "AT_ONCE", 7)
        yield


@given(NUMBERS)
def test_numbers_are_counted_as_bincount_counts_them(number):
    assert counted(number, 5).tolist() == np.bincount(number, minlength=5).tolist()
    assert present(number, 13).tolist() == (np.bincount(number, minlength=13) > 0).tolist()
    assert distinct(number) == len(np.unique(number))


@given(NUMBERS)
def test_groups_are_numbered_by_their_first_record(group):
    number = by_first(group)
    rank = {value: at for at, value in enumerate(dict.fromkeys(group.tolist()))}
    assert number.tolist() == [rank[value] for value in group.tolist()]
    assert number.dtype == np.int32


@given(NUMBERS)
def test_what_is_looked_up_is_of_the_type_of_the_table(number):
    table = np.arange(13, dtype=np.int8) * 3
    found = look_up(table, number)
    assert (found == table[number]).all()
    assert found.dtype == np.int8


@pytest.mark.parametrize(("n", "kind"), [(5, np.int32), (2**31 - 1, np.int32), (2**31, np.int64)])
def test_numbers_have_four_bytes_where_these_are_enough(n, kind):
    assert index_type(n) is kind
