"""FASTQ gives the same records as the FASTA of it."""

import pytest

from dnaseq.encode.alphabet import to_letters
from dnaseq.errors import InputError
from dnaseq.io.sequences.fastq import fastq_blocks
from dnaseq.io.sequences.reading import Reading
from dnaseq.io.text import text_chunks

TEXT = b"@a one\nACGT\n+\n@@II\n@b \nTTG\n+b\n+>@\n@c\nA\n+\nI\n"


def records(data, size=1 << 20, **reading):
    found = []
    chunks = [data[i : i + size] for i in range(0, len(data), size)]
    for block in fastq_blocks(text_chunks(chunks, "x"), "x", Reading(**reading)):
        for i, header in enumerate(block.headers):
            letters = to_letters(block.codes[block.offsets[i] : block.offsets[i + 1]])
            found.append((header, letters, int(block.lines[i])))
    return found


@pytest.mark.parametrize("size", range(1, 21))
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_records_depend_on_neither_chunks_nor_line_ends(end, size):
    expected = [(b"a one", "ACGT", 1), (b"b", "TTG", 5), (b"c", "A", 9)]
    assert records(TEXT.replace(b"\n", end), size) == expected


@pytest.mark.parametrize("blank", [b"\n", b"\n" * 4, b"\n" * 9])
def test_blank_lines_at_the_end_are_accepted(blank):
    assert len(records(TEXT + blank)) == 3


@pytest.mark.parametrize("length", range(1, len(TEXT) - 1))
def test_a_file_cut_anywhere_is_an_error_or_has_whole_records(length):
    try:
        found = records(TEXT[:length])
    except InputError:
        return
    assert found == records(TEXT)[: len(found)]
    assert TEXT[:length].rstrip().count(b"\n") % 4 == 3


@pytest.mark.parametrize("size", range(1, 21))
def test_an_invalid_letter_is_named_with_its_line_for_every_chunk_size(size):
    with pytest.raises(InputError, match=r"^x:6: record 'b': letter '-' at position 2"):
        records(TEXT.replace(b"TTG", b"T-G"), size)


def test_a_damaged_record_is_an_error_even_where_bad_records_are_kept():
    with pytest.raises(InputError, match=r"^x:8: record 'b': 2 qualities for 3 letters"):
        records(TEXT.replace(b"+>@", b"+>"), bad_records="keep")


def test_reading_stops_at_a_line_without_end():
    def endless():
        yield b"@a\n"
        for _ in range(100_000):
            yield b"A" * (1 << 20)

    with pytest.raises(InputError, match="record 'a': record longer than 1,000 bases"):
        list(fastq_blocks(endless(), "x", Reading(max_length=1000)))


@pytest.mark.parametrize(
    ("sequence", "what"),
    [
        (b"ACGT ACGT", "letter ' ' at position 5"),
        (b"AC\tGT", r"letter '\\t' at position 3"),
        (b"ACGT ", "letter ' ' at position 5"),
        (b"AC GX", "letter ' ' at position 3 is not a nucleotide .2 such"),
    ],
)
def test_a_blank_in_a_sequence_is_a_letter_too_many(sequence, what):
    """It has a quality as well, so it cannot be left out."""
    text = b"@read1\n" + sequence + b"\n+\n" + b"I" * len(sequence) + b"\n@read2\nACG\n+\nIII\n"
    with pytest.raises(InputError, match=rf"x:2: record 'read1': {what}"):
        records(text)
    assert records(text, bad_records="keep") == [(b"read1", "", 1), (b"read2", "ACG", 5)]
