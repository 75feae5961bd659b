"""Counts of k-mers, against a plain loop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnaseq.encode import counting
from dnaseq.encode.alphabet import to_codes
from dnaseq.encode.counting import joined, kmer_counts, kmer_table, width

SEQUENCES = st.lists(st.text("ACGTNR", max_size=14), min_size=1, max_size=7)


def packed(sequences: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    lengths = np.array([len(s) for s in sequences])
    return to_codes("".join(sequences)), np.cumsum(lengths) - lengths, lengths


def other_strand(kmer: str) -> str:
    return kmer[::-1].translate(str.maketrans("ACGT", "TGCA"))


def plain(sequence: str, places: list[int], canonical: bool) -> dict[str, int]:
    found: dict[str, int] = {}
    for i in range(len(sequence) - places[-1]):
        kmer = "".join(sequence[i + place] for place in places)
        if set(kmer) <= set("ACGT"):
            kmer = min(kmer, other_strand(kmer)) if canonical else kmer
            found[kmer] = found.get(kmer, 0) + 1
    return found


def names(k: int, canonical: bool) -> list[str]:
    every = ["".join("ACGT"[i // 4**j % 4] for j in reversed(range(k))) for i in range(4**k)]
    return [kmer for kmer in every if not canonical or kmer <= other_strand(kmer)]


@given(SEQUENCES, st.integers(1, 4), st.booleans(), st.sampled_from([3, 64, 1 << 16]))
def test_counts_are_those_of_a_plain_loop(sequences, k, canonical, at_once):
    columns = names(k, canonical)
    assert width(k, canonical) == len(columns)
    expected = [[plain(s, list(range(k)), canonical).get(kmer, 0) for kmer in columns] for s in sequences]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "WINDOWS_AT_ONCE", at_once)
        assert kmer_table(*packed(sequences), k, canonical).tolist() == expected
        assert kmer_counts(*packed(sequences), k, canonical).toarray().tolist() == expected


@given(SEQUENCES, st.booleans())
def test_letters_with_gaps_between_them_are_counted_alike(sequences, canonical):
    places = [0, 2, 3, 5]
    columns = names(4, canonical)
    expected = [[plain(s, places, canonical).get(kmer, 0) for kmer in columns] for s in sequences]
    found = kmer_counts(*packed(sequences), 4, canonical, places)
    assert found.toarray().tolist() == expected


def test_stretches_may_lie_anywhere():
    codes, starts, lengths = packed(["ACGT", "GGGG", "TTTA"])
    rows = np.array([2, 0, 2])
    found = kmer_table(codes, starts[rows], lengths[rows], 2)
    assert found.tolist() == kmer_table(*packed(["TTTA", "ACGT", "TTTA"]), 2).tolist()
    assert joined(codes, starts[rows], lengths[rows]).tolist() == to_codes("TTTAACGTTTTA").tolist()


def test_no_records_have_no_counts():
    none = np.zeros(0, dtype=np.int64)
    assert kmer_counts(np.zeros(0, np.uint8), none, none, 3).shape == (0, 64)
    assert kmer_table(np.zeros(0, np.uint8), none, none, 3).shape == (0, 64)
