"""FASTQ gives the same records as the FASTA of it."""

import re
from io import StringIO

import pytest
from Bio import SeqIO

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


def test_a_damaged_record_of_four_lines_can_be_kept_as_one_that_says_why():
    text = TEXT.replace(b"+>@", b"+>")
    with pytest.raises(InputError, match=r"^x:8: record 'b': 2 qualities for 3 letters"):
        records(text)
    assert records(text, bad_records="keep") == [(b"a one", "ACGT", 1), (b"b", "", 5), (b"c", "A", 9)]


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


# What sequencers and programs write beside four lines a record
ODD = {
    "sequence and quality on several lines": "@a x\nACGT\nAC\n+\nIIII\nII\n@b\nGGC\n+b\nI\nII\n",
    "broken at other places": "@a\nACGTAC\n+\nII\nIIII\n@b\nGG\nC\n+\nIII\n",
    "lines of quality that begin as other lines do": "@a\nACGT\nACGT\n+a\n@III\n+@II\n@b\nAC\nG\n+\n@\n@+\n",
    "blank lines between records": "@a\nACGT\n+\nIIII\n\n@b\nGGC\n+\nIII\n",
    "blank lines within a record": "@a\n\nACGT\n\n+\n\nIIII\n\n\n@b\nGGC\n+\nIII\n\n",
    "blanks at the ends of lines": "@a \nACGT \n+ \nIIII\n@b\nGGC\n+b\t\nIII \n",
    "four lines and then others": "@a\nACGT\n+\nIIII\n@b\nGG\nC\n+\nIII\n@c\nA\n+\nI\n",
}
# The kinds of Biopython's Tests/Quality/error_*.fastq and more; `kept` if the other records can still be read
GOOD = "@a x\nACGTACGT\n+\nIIIIIIII\n@b\nGGCC\n+\nIIII\n@c\nTTAA\n+c\nIIII\n"
DAMAGED = {
    "other id": (GOOD.replace("C\n+\n", "C\n+bb\n"), "b"),
    "short quality": (GOOD.replace("CC\n+\nIIII", "CC\n+\nIII"), "b"),
    "long quality": (GOOD.replace("CC\n+\nIIII", "CC\n+\nIIIII"), "b"),
    "no quality": (GOOD.replace("CC\n+\nIIII", "CC\n+\n"), "b"),
    "short quality in the first record": (GOOD.replace("IIIIIIII", "II"), "a x"),
    "blank in a sequence": (GOOD.replace("GGCC\n+\nIIII", "GG CC\n+\nIIIII"), "b"),
    "blank without a quality": (GOOD.replace("GGCC", "GG CC"), "b"),
    "tab in a sequence": (GOOD.replace("GGCC\n+\nIIII", "GG\tCC\n+\nIIIII"), "b"),
    "blank at the end with a quality": (GOOD.replace("GGCC\n+\nIIII", "GGCC \n+\nIIIII"), "b"),
    "two lines of sequence": (GOOD.replace("GGCC", "GGCC\nGGCC"), None),
    "two lines of quality": (GOOD.replace("C\n+\nIIII", "C\n+\nIIII\nIIII"), None),
    "no '+' line": (GOOD.replace("CC\n+\nIIII\n", "CC\n"), None),
    "no '+' line at the end": (GOOD.replace("+c\nIIII\n", "IIII\n"), None),
    "no '@'": (GOOD.replace("@b", "b"), None),
    "cut in the id": (GOOD[: GOOD.index("@c") + 2], None),
    "cut in the sequence": (GOOD[: GOOD.index("TTAA") + 2], None),
    "cut at the '+' line": (GOOD[: GOOD.index("+c")], None),
    "cut in the '+' line": (GOOD[: GOOD.index("+c") + 1], None),
    "cut before the quality": (GOOD[: GOOD.index("+c") + 3], None),
    "cut in the quality": (GOOD[:-3], None),
    **{
        f"{character!r} in a quality": (GOOD.replace("CC\n+\nIIII", f"CC\n+\nI{character}II"), "b")
        for character in "\0\t\x0b\x1b\x1f \x7f"
    },
}


def by_biopython(text):
    return [(r.description.encode(), str(r.seq)) for r in SeqIO.parse(StringIO(text), "fastq")]


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
@pytest.mark.parametrize("name", ODD)
def test_records_of_any_lines_are_those_of_biopython(name, size):
    text = ODD[name]
    found = records(text.encode(), size)
    assert [record[:2] for record in found] == by_biopython(text)
    assert [text.split("\n")[line - 1].rstrip().encode() for *_, line in found] == [
        b"@" + r[0] for r in found
    ]


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
@pytest.mark.parametrize("name", DAMAGED)
def test_damage_that_biopython_refuses_is_refused(name, size):
    text, damaged = DAMAGED[name]
    with pytest.raises(ValueError, match=r"."):
        by_biopython(text)
    with pytest.raises(InputError, match=r"^x:\d+: ") as fail:
        records(text.encode(), size)
    if damaged is None:
        with pytest.raises(InputError, match=f"^{re.escape(str(fail.value))}$"):
            records(text.encode(), size, bad_records="keep")
    else:
        kept = {name: letters for name, letters, _ in records(text.encode(), size, bad_records="keep")}
        good = dict(by_biopython(GOOD))
        assert kept == {name: "" if name == damaged.encode() else good[name] for name in good}


@pytest.mark.parametrize("end", range(1, len(ODD["broken at other places"])))
def test_wrapped_records_cut_anywhere_are_an_error_or_whole(end):
    text = ODD["broken at other places"]
    try:
        found = records(text[:end].encode())
    except InputError:
        return
    assert [record[:2] for record in found] == by_biopython(text)[: len(found)]


def test_a_fault_in_a_wrapped_record_has_its_line():
    with pytest.raises(InputError, match=r"^x:3: record 'a': letter '-' at position 6"):
        records(b"@a\nACGT\nA-\n+\nIIII\nII\n")
    with pytest.raises(InputError, match=r"^x:6: record 'a': ' ' is not a quality"):
        records(b"@a\nACGT\nAC\n+\nIIII\nI I\n".replace(b"I I", b" I"))
