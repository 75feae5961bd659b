import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnaseq.data.similarity.alignment import edits_inside
from dnaseq.data.similarity.packed import packed
from dnaseq.encode.alphabet import to_codes

sequences = st.text("ACGT", min_size=1, max_size=40)


def edits(one: str, two: str, most: int = 1000, reverse: bool = False) -> int:
    codes = [to_codes(one), to_codes(two)]
    sizes = np.array([len(one), len(two)])
    records = packed(np.concatenate(codes), np.array([0, len(one)]), sizes)
    return int(edits_inside(records, *(np.array([v]) for v in (0, 1, reverse, most)))[0])


def by_table(inner: str, outer: str) -> int:
    """Sellers 1980: the edit distance of `inner` to the nearest stretch of `outer`."""
    row = [0] * (len(outer) + 1)
    for i, x in enumerate(inner, 1):
        above, row = row, [i]
        for j, y in enumerate(outer, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (x != y)))
    return min(row)


@given(sequences, sequences)
def test_edits_are_those_of_the_shorter_inside_the_longer(one, two):
    shorter, longer = sorted((one, two), key=len)
    expected = by_table(shorter, longer)
    if len(one) == len(two):
        expected = min(expected, by_table(longer, shorter))
    assert edits(one, two) == edits(two, one) == expected


@given(sequences, sequences)
def test_the_other_strand_is_turned_first(one, two):
    turned = two[::-1].translate(str.maketrans("ACGT", "TGCA"))
    assert edits(one, two, reverse=True) == edits(one, turned)


@given(sequences, sequences, st.integers(0, 30))
def test_more_than_allowed_is_minus_one(one, two, most):
    found = edits(one, two)
    assert edits(one, two, most) == (found if found <= most else -1)


def test_equally_long_records_do_not_depend_on_their_order():
    assert by_table("AAC", "ATA") == 2
    assert by_table("ATA", "AAC") == 1  # AA, with one insertion
    assert edits("AAC", "ATA") == edits("ATA", "AAC") == 1


@pytest.mark.parametrize(
    ("one", "two", "expected"), [("ANA", "CANAC", 0), ("ANA", "CARAC", 1), ("NNN", "ACG", 3)]
)
def test_an_ambiguous_letter_equals_itself_alone(one, two, expected):
    assert edits(one, two) == expected


def test_the_complement_of_an_ambiguous_letter_is_its_own():
    assert edits("ACRGG", "CCYGT", reverse=True) == 0
