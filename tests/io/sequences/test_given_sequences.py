"""Sequences given from Python: they are checked as those of a file."""

import pytest

from dnaseq.encode.alphabet import to_letters
from dnaseq.errors import InputError
from dnaseq.io.sequences import plain as module
from dnaseq.io.sequences.plain import sequence_blocks
from dnaseq.io.sequences.reading import Reading

KEEP = Reading(bad_records="keep")


def told(sequences, reading=KEEP) -> list[tuple]:
    return [
        (
            header.decode(),
            to_letters(block.codes[block.offsets[i] : block.offsets[i + 1]]),
            block.rejected.get(i),
        )
        for block in sequence_blocks(sequences, reading)
        for i, header in enumerate(block.headers)
    ]


def test_ids_are_numbers_from_one_through_all_blocks(monkeypatch):
    monkeypatch.setattr(module, "GIVEN_AT_ONCE", 2)
    assert told(["A", "C", "G", "T", "A"]) == [(str(i), "ACGTA"[i - 1], None) for i in range(1, 6)]


def test_blanks_and_line_ends_are_left_out_as_in_files():
    assert told(["AC GT\r\n", "\tAC\nGT"]) == [("1", "ACGT", None), ("2", "ACGT", None)]


@pytest.mark.parametrize(
    ("sequence", "reason"),
    [
        ("", "empty sequence"),
        (" \n", "empty sequence"),
        ("NNNN", "every letter is N"),
        ("AC7T", "letter '7' at position 3 is not a nucleotide"),
        ("ACéT", "letter 'é' at position 3 is not a nucleotide"),
    ],
)
def test_what_a_file_would_reject_is_rejected(sequence, reason):
    (_, _, good), (name, letters, bad) = told(["ACGT", sequence])
    assert good is None
    assert (name, letters) == ("2", "")
    assert bad.startswith(reason)


def test_the_first_bad_one_is_named_without_a_file():
    with pytest.raises(InputError, match=r"^record '2': empty sequence"):
        told(["ACGT", "", "N"], Reading())


def test_what_is_no_string_is_named():
    with pytest.raises(InputError, match=r"record '2': bytes instead of a string of letters"):
        told(["ACGT", b"ACGT"])


def test_a_generator_is_read_too():
    assert len(told(s for s in ("ACGT", "GGCC"))) == 2
