"""Label strings belong to ids, whatever letters they are made of."""

import gzip

import pytest

from dnaseq.errors import InputError
from dnaseq.io.sequences.label_strings import read_label_strings


@pytest.fixture
def read(tmp_path):
    def _read(text, name="labels.fa"):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_label_strings(tmp_path / name)

    return _read


def test_a_fasta_of_label_strings(read):
    assert read("\n>a first\nNNCC\nc01\n>b\n.-* é\n") == {"a": "NNCCc01", "b": ".-*é"}


def test_a_table_of_label_strings(read):
    assert read("id\tlabel\na\tNNCC\nb\t0110\n", "labels.tsv") == {"a": "NNCC", "b": "0110"}


def test_a_compressed_file_with_other_line_ends_reads_like_a_plain_one(read):
    assert read(gzip.compress(b">a\r\nNN\r\nCC\r\n"), "labels.fa.gz") == {"a": "NNCC"}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b">a\nNN\n>a\nCC\n", r":3: record 'a': the id is used twice, first on line 1"),
        (b"\n>a\n>b\nCC\n", r":2: record 'a': no labels"),
        (b">a\nNN\n>b\n", r":3: record 'b': no labels"),
        (b">a\nNN\n> b\nNN\n>\nCC\n", r":5: empty id"),
        (b">a\nNN\n>b\nN\xff\n", r":3: record 'b': not UTF-8 text"),
        (b"", ": no column names in the first line"),
    ],
)
def test_a_bad_record_is_named_with_its_line(read, text, what):
    with pytest.raises(InputError, match=r"labels\.fa" + what):
        read(text)
