import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnaseq.data.datamodule import SequenceDataModule
from dnaseq.data.dataset import Plan
from dnaseq.data.records.lengths import LengthPolicy
from dnaseq.data.sources.files import Fasta
from dnaseq.data.splits.splits import Given
from dnaseq.data.validation import AMBIGUOUS, LENGTH, SHORT, check_windows, problems
from dnaseq.encode.alphabet import to_codes
from dnaseq.encode.kmer import Kmer
from dnaseq.encode.onehot import OneHot
from dnaseq.errors import ConfigError, InputError
from dnaseq.io.sequences.reading import Reading


def found(sequences, policy=LengthPolicy(), encoding=OneHot()) -> dict:  # noqa: B008
    offsets = np.concatenate([[0], np.cumsum([len(s) for s in sequences])]).astype(np.int64)
    return problems(to_codes("".join(sequences)), offsets, policy, encoding)


def test_records_without_a_problem_are_absent():
    assert found(["ACGT", "N", "ACGTNN"]) == {}


def test_a_record_shorter_than_k_says_both():
    assert found(["ACGT", "AC", "A"], encoding=Kmer(3)) == {
        1: (SHORT, "2 bases, shorter than k = 3"),
        2: (SHORT, "1 bases, shorter than k = 3"),
    }


def test_a_length_that_the_policy_refuses_is_told():
    assert found(["ACGT", "ACGTA"], LengthPolicy("error", 4)) == {1: (LENGTH, "length 5, expected 4")}


def test_too_short_for_k_comes_before_another_length_for_no_policy_mends_it():
    assert found(["AC"], LengthPolicy("error", 4), Kmer(3))[0].kind == SHORT


def test_an_ambiguous_letter_is_told_with_its_position_and_how_many_the_record_has():
    said = found(["ACGT", "ACNRA", "", "YA"], encoding=OneHot("error"))
    assert said[1] == (AMBIGUOUS, "ambiguous letter at position 3 (2 in all)")
    assert said[3] == (AMBIGUOUS, "ambiguous letter at position 1 (1 in all)")


@given(st.lists(st.text("ACGTNR", max_size=8), max_size=12), st.integers(1, 6))
def test_the_answer_is_that_of_each_record_alone(sequences, k):
    policy, encoding = LengthPolicy("pad", 6), Kmer(k, ambiguous="error")
    alone = {
        i: found([s], policy, encoding)[0] for i, s in enumerate(sequences) if found([s], policy, encoding)
    }
    assert found(sequences, policy, encoding) == alone


@pytest.mark.parametrize("policy", ["pad", "trim", "tile"])
def test_windows_shorter_than_k_are_refused_with_both_keys(policy):
    with pytest.raises(ConfigError, match=r"data.length=2 is less than encoding.k=3"):
        check_windows(LengthPolicy(policy, 2), Kmer(3))


def test_windows_as_long_as_k_will_do():
    assert check_windows(LengthPolicy("trim", 3), Kmer(3)) is None


def set_up(folder, sequences, lengths, encoding) -> None:
    """Set up a DataModule of these records, labelled a and b in turn."""
    records = [f">r{i} label={'ab'[i % 2]}\n{s}\n" for i, s in enumerate(sequences)]
    (folder / "a.fa").write_text("".join(records))
    plan = Plan(Given(val=0.2, test=0.2, seed=0), lengths)
    SequenceDataModule(Fasta(train=str(folder / "a.fa")), Reading(), plan, encoding).setup()


def test_windows_shorter_than_k_stop_a_training_before_it_begins(tmp_path, random_sequence):
    sequences = [random_sequence(20, i) for i in range(20)]
    with pytest.raises(ConfigError, match=r"data.length=2 is less than encoding.k=3"):
        set_up(tmp_path, sequences, LengthPolicy("trim", 2), Kmer(3))


def test_a_first_record_too_short_for_k_is_the_records_fault(tmp_path, random_sequence):
    sequences = [random_sequence(6, i) for i in range(20)]
    with pytest.raises(InputError, match=r"^record 'r0': 6 bases, shorter than k = 7, the first of 20 such"):
        set_up(tmp_path, sequences, LengthPolicy("error"), Kmer(7))


def test_a_training_is_told_how_many_records_and_what_helps(tmp_path, random_sequence):
    sequences = [random_sequence(20, i) for i in range(20)]
    sequences[7] = sequences[11] = "ACG"
    with pytest.raises(
        InputError,
        match=r"^record 'r7': length 3, expected 20, the first of 2 such records. Choose data.length_policy=pad",
    ):
        set_up(tmp_path, sequences, LengthPolicy("error"), OneHot())
