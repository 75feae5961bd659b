"""What simple models see, against plain counts."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lettered import examples

from dnaseq.evaluation.baselines import features
from dnaseq.evaluation.baselines.features import base_at_position, gc_and_length, kmer_frequencies, log_length

sequences = st.lists(st.text(alphabet="ACGTN", max_size=12), min_size=1, max_size=8)


def counted(sequence: str, k: int) -> np.ndarray:
    """Frequencies by looking at one window after the other."""
    counts = np.zeros(4**k)
    for i in range(len(sequence) - k + 1):
        window = sequence[i : i + k]
        if "N" not in window:
            counts[int("".join(str("ACGT".index(base)) for base in window), 4)] += 1
    return counts / max(len(sequence), 1)


@given(sequences, st.integers(1, 4))
def test_kmer_frequencies_match_a_plain_count(sequences, k):
    got = kmer_frequencies(examples(sequences), k).toarray()
    assert got == pytest.approx(np.array([counted(s, k) for s in sequences]), abs=1e-6)


@given(sequences)
def test_base_at_position_is_the_letter_itself(sequences):
    got = base_at_position(examples(sequences), 5).toarray().reshape(len(sequences), 5, 4)
    for sequence, rows in zip(sequences, got, strict=True):
        for at, row in enumerate(rows):
            letter = sequence[at] if at < len(sequence) else "N"
            assert row.tolist() == [float(letter == base) for base in "ACGT"]


def test_features_do_not_depend_on_how_many_letters_are_taken_at_once(monkeypatch):
    some = examples(["ACGTACGT", "", "GG", "NACGTT" * 5, "T"])
    whole = [kmer_frequencies(some, 3).toarray(), base_at_position(some, 9).toarray()]
    monkeypatch.setattr(features, "LETTERS_AT_ONCE", 4)
    assert (kmer_frequencies(some, 3).toarray() == whole[0]).all()
    assert (base_at_position(some, 9).toarray() == whole[1]).all()


def test_gc_fraction_and_length_by_hand():
    assert gc_and_length(examples(["ACGS", "AT", ""])).tolist() == [[0.75, 4], [0, 2], [0, 0]]


def test_log_length_by_hand():
    assert log_length(examples(["AC", ""]))[:, 0] == pytest.approx([math.log(2), 0])
