"""Letters to codes and back."""

import numpy as np
import pytest
from Bio.Data.IUPACData import ambiguous_dna_complement, ambiguous_dna_values
from hypothesis import given
from hypothesis import strategies as st

from dnaseq.encode.alphabet import (
    BASES,
    COMPLEMENT,
    EXPECTED_BASE,
    INVALID,
    LETTERS,
    PAD,
    N,
    to_codes,
    to_letters,
)
from dnaseq.errors import InputError

IUPAC = LETTERS.replace("-", "")
sequences = st.text(IUPAC, max_size=50)


def test_bases_are_numbered_so_that_complements_add_up_to_three():
    assert to_codes("ACGT").tolist() == [0, 1, 2, 3]


def test_codes_of_every_letter_are_as_documented():
    assert to_codes("NRYSWKMBDHV").tolist() == [4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]


@given(sequences)
def test_letters_come_back_from_their_codes(sequence):
    assert to_letters(to_codes(sequence)) == sequence


@given(sequences)
def test_lower_case_reads_as_upper_case(sequence):
    assert np.array_equal(to_codes(sequence.lower()), to_codes(sequence))


@pytest.mark.parametrize("letter", ["U", "u"])
def test_u_reads_as_t(letter):
    assert to_letters(to_codes(letter)) == "T"


def test_empty_sequence_has_no_codes():
    assert to_codes("").shape == (0,)


def test_codes_take_one_byte_each():
    assert to_codes("ACGT").dtype == np.uint8


@pytest.mark.parametrize("letter", [*"-.*?XEFIJLOPQZ0 \n\t\0éΩ😀", "\ud800"])
def test_anything_else_is_refused_with_its_position(letter):
    with pytest.raises(InputError, match=r"at position 3 is not a nucleotide$"):
        to_codes(f"AC{letter}ACGTACGTAC")


def test_refused_letter_is_named():
    with pytest.raises(InputError, match=r"^letter '7' at position 4 is not a nucleotide"):
        to_codes("ACG7ACGTACGTAC")


def test_refused_letters_are_counted():
    with pytest.raises(InputError, match=r"position 2 is not a nucleotide \(3 such letters\)$"):
        to_codes("A!CGT!ACGT!")


def test_protein_is_recognised():
    with pytest.raises(InputError, match=r"; this looks like protein$"):
        to_codes("MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQ")


@given(st.text(st.characters(codec="utf-8"), max_size=50))
def test_any_text_is_either_encoded_letter_by_letter_or_refused(text):
    good = set(IUPAC + IUPAC.lower() + "Uu")
    if set(text) <= good:
        assert len(to_codes(text)) == len(text)
    else:
        with pytest.raises(InputError, match="is not a nucleotide"):
            to_codes(text)


@pytest.mark.parametrize("letter", IUPAC)
def test_expected_base_shares_out_the_meaning_of_the_letter(letter):
    meaning = ambiguous_dna_values[letter]
    expected = [1 / len(meaning) if base in meaning else 0 for base in BASES]
    assert EXPECTED_BASE[to_codes(letter)[0]].tolist() == pytest.approx(expected)


def test_padding_is_no_base_at_all():
    assert not EXPECTED_BASE[PAD].any()


@pytest.mark.parametrize("letter", IUPAC)
def test_complement_of_every_letter_is_that_of_biopython(letter):
    assert to_letters(COMPLEMENT[to_codes(letter)]) == ambiguous_dna_complement[letter]


def test_complement_of_a_base_is_three_minus_its_code():
    assert COMPLEMENT[:N].tolist() == [3, 2, 1, 0]


def test_padding_is_its_own_complement():
    assert COMPLEMENT[PAD] == PAD


def test_no_letter_has_the_code_of_padding():
    with pytest.raises(InputError, match="letter '-' at position 1"):
        to_codes("-")


def test_the_mark_of_an_invalid_byte_is_no_code():
    assert len(LETTERS) <= INVALID
