"""Files as Python lists: ids, letters and labels in order, as the other readers have them."""

import logging

import pytest

from dnaseq.errors import InputError
from dnaseq.io.reading_options import Reading, TableColumns
from dnaseq.io.sequences.records import LabelPlaces, Record, Records, read_records


@pytest.fixture
def written(tmp_path):
    """written(name, text) -> the path of such a file."""

    def write(name: str, text: str) -> str:
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    return write


STRICT, USUAL = Reading(), TableColumns()


def read(path, reading=STRICT, columns=USUAL, **places) -> Records:
    return read_records(path, reading, columns, LabelPlaces(**places))


FASTA = ">a label=pos x\nacGT\nNN\n>b label=neg\nGG\n"
EXPECTED = Records(["a", "b"], ["ACGTNN", "GG"], ["pos", "neg"])


def test_fasta_with_labels_in_the_headers(written):
    assert read(written("a.fa", FASTA)) == EXPECTED


def test_another_pattern_finds_other_labels(written):
    path = written("a.fa", ">a/1\nA\n>b/2\nC\n")
    assert read(path, pattern=r"/(\d)").labels == ["1", "2"]
    assert read(path).labels is None


def test_labels_in_a_table_of_ids(written):
    path = written("a.fa", ">a\nA\n>b\nC\n")
    assert read(path, table=written("l.tsv", "id\tlabel\nb\t1\na\t0\nc\t1\n")).labels == ["0", "1"]


def test_a_table_has_the_labels_of_its_column(written):
    path = written("a.csv", "sequence,label,kind\nACGTNN,pos,x\nGG,neg,y\n")
    assert read(path) == Records(["row1", "row2"], *(EXPECTED.sequences, EXPECTED.labels))
    assert read(path, column="kind").labels == ["x", "y"]
    with pytest.raises(InputError, match="no column 'class'"):
        read(path, column="class")


def test_a_table_without_labels_has_none(written):
    assert read(written("a.csv", "sequence,x\nACGT,1\n")).labels is None


def test_other_columns_of_a_table(written):
    path = written("a.tsv", "name\tseq\nq\tACGT\n")
    assert read(path, columns=TableColumns("seq", id="name")) == Records(["q"], ["ACGT"], None)


def test_some_labels_alone_are_an_error(written):
    with pytest.raises(InputError, match=r"record 'b': 1 of 2 records have no label"):
        read(written("a.fa", ">a label=1\nA\n>b\nC\n"))


def test_unusable_records_are_left_out_with_a_count(written, caplog):
    path = written("a.fa", ">a label=1\nA7\n>b label=2\nC\n")
    with pytest.raises(InputError, match="letter '7'"):
        read(path)
    with caplog.at_level(logging.WARNING, "dnaseq"):
        assert read(path, Reading(bad_records="keep")) == Records(["b"], ["C"], ["2"])
    assert "1 of 2 records cannot be used" in caplog.text


def test_records_are_a_sequence_of_records():
    assert len(EXPECTED) == 2
    assert EXPECTED[1] == Record("b", "GG", "neg")
    assert EXPECTED[1:] == Records(["b"], ["GG"], ["neg"])
    assert list(Records(["a"], ["C"])) == [Record("a", "C", None)]
    assert repr(EXPECTED) == "<2 records of 2 to 6 bases, labels: 1 neg, 1 pos>"
    assert repr(Records(["a"], ["C"])) == "<1 records of 1 bases, no labels>"
