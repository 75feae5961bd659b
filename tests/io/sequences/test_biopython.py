"""GenBank, EMBL and 2bit give the records that Biopython gives."""

import numpy as np
import pytest
from Bio import SeqIO
from Bio.Seq import Seq
from Bio.SeqRecord import SeqRecord

from dnaseq.encode.alphabet import to_letters
from dnaseq.errors import ConfigError, InputError
from dnaseq.io.sequences.reading import Reading, read_blocks

RECORDS = [("AB1.1", "first one", "ACGTACGTNNAC" * 9), ("AB2.1", "second", "TTGACC")]


def write(path, kind):
    made = [
        SeqRecord(
            Seq(letters), id=name, name=name[:3], description=text, annotations={"molecule_type": "DNA"}
        )
        for name, text, letters in RECORDS
    ]
    SeqIO.write(made, path, kind)
    return path


def two_bit(path):
    """A 2bit file of one record, "s", ACGTNA, byte by byte (UCSC's format: T 0, C 1, A 2, G 3)."""
    header = np.array([0x1A412743, 0, 1, 0], "<u4").tobytes() + b"\x01s" + np.array([22], "<u4").tobytes()
    record = np.array([6, 1, 4, 1, 0, 0], "<u4").tobytes() + bytes([0b10_01_11_00, 0b00_10_00_00])
    path.write_bytes(header + record)
    return path


def records(path, **reading):
    found = []
    for block in read_blocks(path, Reading(**reading)):
        for i, header in enumerate(block.headers):
            letters = to_letters(block.codes[block.offsets[i] : block.offsets[i + 1]])
            found.append((header.decode(), letters, int(block.lines[i])))
    return found


@pytest.mark.parametrize(("name", "kind"), [("a.gb", "genbank"), ("a.gbk", "genbank"), ("a.embl", "embl")])
def test_flat_files_are_read_by_their_suffix(name, kind, tmp_path):
    found = records(write(tmp_path / name, kind))
    assert [(header, letters) for header, letters, _ in found] == [(f"{n} {t}", s) for n, t, s in RECORDS]


def test_a_flat_record_has_the_line_on_which_it_begins(tmp_path):
    path = write(tmp_path / "a.gb", "genbank")
    lines = path.read_text().split("\n")
    assert [lines[line - 1][:5] for _, _, line in records(path)] == ["LOCUS", "LOCUS"]


def test_the_format_can_be_set_where_the_suffix_does_not_say_it(tmp_path):
    assert len(records(write(tmp_path / "a.fa", "genbank"), format="genbank")) == 2


def test_a_flat_file_cut_after_its_first_record_is_an_error_or_has_whole_records(tmp_path):
    path = write(tmp_path / "a.gb", "genbank")
    data = path.read_bytes()
    path.write_bytes(data[:-30])
    with pytest.raises(InputError, match="record is cut: no line '//' ends it"):
        records(path)


def test_a_2bit_file_is_read(tmp_path):
    assert records(two_bit(tmp_path / "a.2bit")) == [("s", "ACGTNA", 0)]


def test_a_2bit_file_cut_anywhere_is_refused(tmp_path):
    path = two_bit(tmp_path / "a.2bit")
    data, accepted = path.read_bytes(), []
    for length in range(len(data)):
        path.write_bytes(data[:length])
        try:
            records(path)
            accepted.append(length)
        except InputError:
            pass
    assert not accepted


def test_a_2bit_file_cannot_come_through_a_pipe():
    with pytest.raises(ConfigError, match="2bit cannot be read from standard input"):
        records("-", format="2bit")


def test_a_record_without_letters_is_refused(tmp_path):
    path = write(tmp_path / "a.gb", "genbank")
    text = path.read_text()
    path.write_text(text[: text.index("ORIGIN")] + "ORIGIN\n//\n")
    with pytest.raises(InputError, match=r"a\.gb:1: record 'AB1\.1': empty sequence"):
        records(path)


def test_the_longest_length_holds_for_flat_files(tmp_path):
    with pytest.raises(InputError, match=r"record 'AB1\.1': record longer than 100 bases"):
        records(write(tmp_path / "a.gb", "genbank"), max_length=100)
