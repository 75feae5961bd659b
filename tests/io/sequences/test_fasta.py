"""The FASTA reader against a plain loop, Biopython, and every way to cut a file into chunks."""

import io

import numpy as np
import pytest
from Bio import SeqIO
from hypothesis import given, settings
from hypothesis import strategies as st

from dnaseq.encode.alphabet import to_letters
from dnaseq.errors import InputError
from dnaseq.io.sequences.fasta import LONG, fasta_blocks
from dnaseq.io.sequences.reading import Reading
from dnaseq.io.text import text_chunks

TEXT = b">a one\nACGTAC\nGTn\n>b  two \t\nTT GA\tC\n\n\n>c\nACGT\nACGT\nACGTACGTACGTACGTACGT\nR\n"
EXPECTED = [(b"a one", "ACGTACGTN", 1), (b"b  two", "TTGAC", 4), (b"c", "ACGTACGTACGTACGTACGTACGTACGTR", 8)]
BAD = TEXT.replace(b"TT GA", b"TT JA")


def pieces(data, size):
    return [data[i : i + size] for i in range(0, len(data), size)]


def records(data, size=1 << 20, long=LONG, **reading):
    """Header, letters, line of all records that are not rejected, and the reasons of those that are."""
    found, reasons = [], []
    for block in fasta_blocks(text_chunks(pieces(data, size), "x"), "x", Reading(**reading), long=long):
        assert block.offsets[-1] == len(block.codes)
        for i, header in enumerate(block.headers):
            letters = to_letters(block.codes[block.offsets[i] : block.offsets[i + 1]])
            found.append((header, letters, int(block.lines[i])))
        reasons += block.rejected.values()
    return found, reasons


@pytest.mark.parametrize("long", [3, 12, 25, LONG])
@pytest.mark.parametrize("size", range(1, 21))
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_records_depend_on_neither_chunks_nor_line_ends(end, size, long):
    long = max(long, 12)  # a header has to fit
    assert records(TEXT.replace(b"\n", end), size, long) == (EXPECTED, [])


@pytest.mark.parametrize("long", [12, LONG])
@pytest.mark.parametrize("size", range(1, 21))
def test_an_invalid_letter_is_named_with_its_line_for_every_chunk_size(size, long):
    with pytest.raises(InputError, match=r"^x:5: record 'b': letter 'J' at position 3 is not a nucleotide"):
        records(BAD, size, long)


@pytest.mark.parametrize("long", [12, LONG])
@pytest.mark.parametrize("size", range(1, 21))
def test_a_record_that_is_kept_out_leaves_the_others_as_they_are(size, long):
    found, reasons = records(BAD, size, long, bad_records="keep")
    assert found == [EXPECTED[0], (b"b  two", "", 4), EXPECTED[2]]
    assert [reason[:24] for reason in reasons] == ["letter 'J' at position 3"]


@pytest.mark.parametrize("long", [12, LONG])
@pytest.mark.parametrize("size", range(1, 21))
def test_a_record_that_is_too_long_is_named_for_every_chunk_size(size, long):
    with pytest.raises(InputError, match=r"^x:8: record 'c': record longer than 28 bases"):
        records(TEXT, size, long, max_length=28)


@pytest.mark.parametrize("long", [12, LONG])
def test_a_record_of_exactly_the_longest_length_is_read(long):
    assert records(TEXT, 5, long, max_length=29) == (EXPECTED, [])


def test_a_record_that_is_too_long_can_be_rejected():
    found, reasons = records(TEXT, 3, 12, max_length=28, bad_records="keep")
    assert (found[2], reasons) == ((b"c", "", 8), ["record longer than 28 bases"])


def endless(beginning):
    yield beginning
    for _ in range(100_000):
        yield b"A" * 10_000
    raise AssertionError("read to the end")


def test_reading_stops_as_soon_as_a_record_is_too_long():
    with pytest.raises(InputError, match="longer than 1,000,000 bases"):
        list(fasta_blocks(endless(b">a\n"), "x", Reading(max_length=1_000_000), long=1000))


def test_reading_stops_at_a_header_without_end():
    with pytest.raises(InputError, match="header longer than 109,999 bytes"):
        list(fasta_blocks(endless(b">" + b"a" * 9999), "x", Reading(), long=100_000))


def test_a_header_of_a_megabyte_is_read():
    header = b"a" + b" x" * 500_000
    assert records(b">" + header + b"\nACGT\n")[0] == [(header, "ACGT", 1)]


@pytest.mark.parametrize("long", [12, LONG])
@pytest.mark.parametrize("text", [b">\nACGTACGTACGT\n", b"> \nACGTACGTACGT\n", b">\t\nACGTACGTACGT\n"])
def test_a_record_needs_an_id(text, long):
    with pytest.raises(InputError, match=r"^x:1: .*empty id"):
        records(text, 5, long)


@pytest.mark.parametrize("long", [12, LONG])
def test_a_record_needs_one_letter_that_is_one_base(long):
    with pytest.raises(InputError, match=r"^x:3: record 'b': every letter is N"):
        records(b">a\nACGT\n>b\nNNNNNNnnnnnn\nNRYK\n", 5, long)


def test_all_kinds_of_bad_records_can_be_kept_out_together():
    text = b">a\nACGT\n>b\n>c\nNN\n> \nAC\n>d\nA!\n>e\nTT\n"
    found, reasons = records(text, bad_records="keep")
    assert [letters for _, letters, _ in found] == ["ACGT", "", "", "", "", "TT"]
    assert [reason[:10] for reason in reasons] == ["empty sequ", "every lett", "empty id", "letter '!'"]


def test_lower_case_u_and_iupac_letters_are_read():
    assert records(b">a\nacguRYSWKMBDHVN\n")[0] == [(b"a", "ACGTRYSWKMBDHVN", 1)]


def plain_loop(data):
    """The same in ten lines that read like the format."""
    found = []
    for number, line in enumerate(data.decode().split("\n"), start=1):
        if line.startswith(">"):
            found.append((line[1:].strip().encode(), "", number))
        elif found:
            header, letters, at = found[-1]
            found[-1] = (header, letters + line.replace(" ", "").replace("\t", ""), at)
    return found


FILES = st.lists(
    st.tuples(
        st.text("ab|_.>=x ", min_size=0, max_size=8).map(lambda text: "i" + text),
        st.text("ACGTN \t\n", max_size=40).map(lambda text: text + "A"),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=150, deadline=None)
@given(FILES, st.integers(1, 30), st.integers(10, 60))
def test_the_reader_equals_a_plain_loop(records_, size, long):
    data = "".join(f">{header}\n{text}\n" for header, text in records_).encode()
    assert records(data, size, long)[0] == plain_loop(data)


@settings(max_examples=60, deadline=None)
@given(FILES, st.integers(1, 70))
def test_the_reader_equals_biopython(records_, width):
    lines = [(h, "".join(t.split())) for h, t in records_]
    data = "".join(
        f">{h}\n" + "".join(t[i : i + width] + "\n" for i in range(0, len(t), width)) for h, t in lines
    )
    expected = [(r.id, str(r.seq)) for r in SeqIO.parse(io.StringIO(data), "fasta")]
    assert [(h.split()[0].decode(), letters) for h, letters, _ in records(data.encode())[0]] == expected


def test_codes_lengths_and_lines_have_the_types_they_promise():
    block = next(fasta_blocks([TEXT], "x", Reading()))
    assert (block.codes.dtype, block.offsets.dtype, block.lines.dtype) == (np.uint8, np.int64, np.int64)


@pytest.mark.parametrize(
    "text",
    [
        b">a\n>b\n",
        b">a\n\n>b\n\n",
        b">a x\nACGT\n>b\nAC\nT\n",
        b">a\nAC T\n>b\nACGT\n",
        b">a\nAC\nGT\n>b\nACGGT\n",
    ],
)
def test_records_that_are_almost_rows_of_a_table_are_read_as_any_others(text):
    text += b">last\nA\n"  # a record that may go on in the next chunk is read apart
    expected = [
        (h.encode(), "".join(lines).replace(" ", ""))
        for h, *lines in (r.splitlines() for r in text.decode()[1:].split(">"))
    ]
    found = [(header, letters) for header, letters, _ in records(text, bad_records="keep")[0]]
    assert found == expected


@pytest.mark.parametrize("width", [1, 7, 20, 60])
@pytest.mark.parametrize("size", [10, 61, 1 << 20])
def test_equal_records_in_lines_of_any_width_are_those_of_biopython(width, size):
    rng = np.random.default_rng(width)
    letters = ["".join(rng.choice(list("ACGTNacgt"), 20)) for _ in range(30)]
    lines = ["\n".join(s[i : i + width] for i in range(0, 20, width)) for s in letters]
    text = "".join(f">r{i} {i * 'x'}\n{body}\n" for i, body in enumerate(lines))
    expected = [(r.description.strip(), str(r.seq).upper()) for r in SeqIO.parse(io.StringIO(text), "fasta")]
    found, _ = records(text.encode(), size)
    assert [(header.decode(), letters) for header, letters, _ in found] == expected
