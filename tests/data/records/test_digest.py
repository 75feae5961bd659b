import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnaseq.data.records import hashing
from dnaseq.data.records.hashing import lines_sha256

LINES = st.lists(
    st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=5), max_size=20
)


@pytest.fixture(autouse=True, scope="module")
def few_at_once():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashing, "LINES_AT_ONCE", 3)
        yield


@given(LINES)
def test_merged_pieces_have_the_hash_of_all_lines_sorted_in_memory(lines):
    assert lines_sha256(iter(lines)) == hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
