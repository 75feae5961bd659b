import re

import numpy as np
import openpyxl
import pytest

from dnaseq.data.sources.files import ClassFiles, Fasta, Table
from dnaseq.errors import ConfigError, InputError
from dnaseq.io.sequences.reading import Reading

LABELLED = ">a label=x\nACGT\n>b label=y\nGGCC\n"


def read(source, **reading) -> list[tuple[str, str, str]]:
    """(part, id, label) of every record."""
    return [
        (part, name.decode(), label)
        for part, labelled in source.read(Reading(**reading))
        for name, label in zip(labelled.block.ids, labelled.labels, strict=True)
    ]


@pytest.fixture
def file(tmp_path):
    def write(name: str, text: str) -> str:
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    return write


def test_labels_are_read_from_headers(file):
    assert read(Fasta(train=file("a.fa", LABELLED))) == [("train", "a", "x"), ("train", "b", "y")]


def test_the_pattern_says_where_in_a_header_the_label_is(file):
    source = Fasta(train=file("a.fa", ">a|1\nACGT\n>b|0\nGGCC\n"), label_pattern=r"\|(\d)$")
    assert [label for _, _, label in read(source)] == ["1", "0"]


def test_a_header_without_label_is_named_with_the_ways_out(file):
    source = Fasta(train=file("a.fa", LABELLED + ">c\nACGT\n"))
    with pytest.raises(InputError, match=r"a.fa:5: record 'c': no label in the header.*data.labels=FILE"):
        read(source)


def test_labels_are_read_from_a_table(file):
    table = file("labels.csv", "id,label\nb,pos\na,neg\n")
    assert read(Fasta(train=file("a.fa", LABELLED), labels=table)) == [
        ("train", "a", "neg"),
        ("train", "b", "pos"),
    ]


def test_a_record_missing_from_the_table_is_named(file):
    with pytest.raises(InputError, match="b"):
        read(Fasta(train=file("a.fa", LABELLED), labels=file("labels.csv", "id,label\na,neg\n")))


def test_one_file_per_class(file):
    source = ClassFiles(
        train={"pos": file("p.fa", ">p\nACGT\n"), "neg": file("n.fa", ">n\nGGCC\n")},
        test={"pos": file("t.fa", ">t\nACGA\n")},
    )
    assert read(source) == [("train", "p", "pos"), ("train", "n", "neg"), ("test", "t", "pos")]


def test_class_files_without_files_says_how():
    with pytest.raises(ConfigError, match=re.escape("data.train.pos=P.fa data.train.neg=N.fa")):
        ClassFiles(train={})


@pytest.mark.parametrize(("name", "between"), [("t.csv", ","), ("t.tsv", "\t")])
def test_a_table_of_sequences(file, name, between):
    rows = ["name,sequence,label", "a,ACGT,x", "b,ggcc,y"]
    source = Table(train=file(name, "\n".join(rows).replace(",", between)), id="name")
    assert read(source) == [("train", "a", "x"), ("train", "b", "y")]
    _, labelled = next(iter(source.read(Reading())))
    assert labelled.block.codes.tolist() == [0, 1, 2, 3, 2, 2, 1, 1]


def test_rows_without_ids_are_numbered(file):
    source = Table(
        train=file("t.csv", "sequence,label\nACGT,x\n"), test=file("s.csv", "sequence,label\nACGA,x\n")
    )
    assert [name for _, name, _ in read(source)] == ["train_row1", "test_row1"]


def test_rows_of_several_files_are_numbered_on(file):
    paths = [file(f"{name}.csv", "sequence,label\nACGT,x\n") for name in "ab"]
    assert [name for _, name, _ in read(Table(train=paths))] == ["train_row1", "train_row2"]


def test_blanks_in_the_id_of_a_row_become_underscores(file):
    source = Table(train=file("t.csv", "name,sequence,label\nrec 0,ACGT,x\n"), id="name")
    assert read(source) == [("train", "rec_0", "x")]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (",ACGT,x", "empty id"),
        ("a,ACGT,", "record 'a': empty label"),
        ("a,,x", "record 'a': empty sequence"),
        ("a,nnN,x", "record 'a': every letter is N"),
        ("a,ACGTACGTA,x", r"record 'a': record longer than 8 bases\. Raise reading.max_length"),
        ("a,AC7T,x", "record 'a': letter '7' at position 3"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_with_its_line(file, row, problem):
    source = Table(train=file("t.csv", f"name,sequence,label\nok,ACGT,x\n{row}\n"), id="name")
    with pytest.raises(InputError, match=rf"t\.csv:3: {problem}"):
        read(source, max_length=8)
    _, labelled = next(iter(source.read(Reading(max_length=8, bad_records="keep"))))
    assert list(labelled.block.rejected) == [1]
    assert np.diff(labelled.block.offsets).tolist() == [4, 0]


def test_the_first_of_several_bad_rows_is_named(file):
    rows = "name,sequence,label\na,ACGT,x\nb,ACGT,\nc,7,x\n"
    with pytest.raises(
        InputError, match=r"t\.csv:3: record 'b': empty label \(with task=multilabel, - stands for none\)"
    ):
        read(Table(train=file("t.csv", rows), id="name"))


def test_blanks_inside_a_sequence_are_left_out_as_in_other_files(file):
    _, labelled = next(iter(Table(train=file("t.csv", "sequence,label\nAC GT,x\n")).read(Reading())))
    assert labelled.block.codes.tolist() == [0, 1, 2, 3]


def test_chromosomes_are_read_from_their_column(file):
    rows = ["sequence,label,where", "ACGT,x,chr1", "", "GGCC,y,", "ACGA,y,2"]
    source = Table(train=file("t.csv", "\n".join(rows)), chromosome="where")
    _, labelled = next(iter(source.read(Reading())))
    assert labelled.chromosomes == ["chr1", "", "2"]


def test_chromosomes_stay_with_their_rows_from_block_to_block_and_file_to_file(file, monkeypatch):
    monkeypatch.setattr("dnaseq.data.sources.files.ROWS_PER_BLOCK", 2)
    rows = "id,sequence,label,where\n"
    first = file("a.csv", rows + "".join(f"r{i},ACGT,x,chr{i}\n" for i in range(5)))
    second = file("b.csv", rows + "".join(f"r{i},ACGT,x,chr{i}\n" for i in range(5, 8)))
    blocks = [b for _, b in Table(train=[first, second], id="id", chromosome="where").read(Reading())]
    assert [len(b.block.ids) for b in blocks] == [2, 2, 1, 2, 1]
    found = [(i.decode(), c) for b in blocks for i, c in zip(b.block.ids, b.chromosomes, strict=True)]
    assert found == [(f"r{i}", f"chr{i}") for i in range(8)]


def test_without_a_column_there_are_no_chromosomes(file):
    _, labelled = next(iter(Table(train=file("t.csv", "sequence,label\nACGT,x\n")).read(Reading())))
    assert labelled.chromosomes is None


def test_the_column_of_chromosomes_is_part_of_what_decides_the_store(file):
    path = file("t.csv", "sequence,label,where\nACGT,x,chr1\n")
    assert Table(train=path).settings != Table(train=path, chromosome="where").settings


def test_records_of_one_id_have_an_origin_unless_their_labels_are_found_by_it(file):
    tr, te = file("tr.fa", ">a label=x\nACGT\n"), file("te.fa.gz", ">a label=x\nACGT\n")

    def origins(source):
        return [(labelled.origin, labelled.by_id) for _, labelled in source.read(Reading())]

    assert origins(Fasta(tr, test=te)) == [(("train", "tr"), False), (("test", "te"), False)]
    assert origins(ClassFiles({"pos": tr}, test={"neg": te})) == [
        (("pos", "train", "tr"), False),
        (("neg", "test", "te"), False),
    ]
    assert origins(Fasta(tr, labels=file("l.csv", "id,label\na,x\n"))) == [((), True)]
    table = file("t.csv", "id,sequence,label\na,ACGT,x\na,ACGG,y\n")
    assert origins(Table(table, id="id")) == [(("train", "t"), False)]


def test_several_label_tables_are_refused(file):
    paths = [file("a.csv", ""), file("b.csv", "")]
    with pytest.raises(ConfigError, match=r"data.labels must be one table"):
        Fasta(train=file("a.fa", LABELLED), labels=paths)


def test_shipped_data_are_found():
    assert len(read(Fasta(train=[], test="shipped:enhancers/test.fa"))) == 400


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("id,label\na,neg\nb,pos\n", {}),
        ("ID,Label\na,neg\nb,pos\n", {}),
        ("sep=;\r\nid;label\r\na;neg\r\nb;pos\r\n", {}),
        ("name,note,class\na,x,neg\nb,x,pos\n", {"id": "name", "label": "class"}),
        ("id,label\na,neg\nmore,pos\nb,pos\n", {"labels_extra": "ignore"}),
    ],
)
def test_labels_are_read_from_tables_of_many_kinds(file, table, columns):
    source = Fasta(file("a.fa", LABELLED), labels=file("labels.csv", table), **columns)
    assert [label for *_, label in read(source)] == ["neg", "pos"]


def test_labels_may_be_in_an_excel_workbook(file, tmp_path):
    book = openpyxl.Workbook()
    for row in (("ID", "Label"), ("a", 0), ("b", 1)):
        book.active.append(row)
    book.save(tmp_path / "labels.xlsx")
    source = Fasta(file("a.fa", LABELLED), labels=str(tmp_path / "labels.xlsx"))
    assert [label for *_, label in read(source)] == ["0", "1"]


def test_labels_without_a_record_have_two_answers(file):
    with pytest.raises(ConfigError, match=r"data.labels_extra must be one of fail, ignore; got 'drop'"):
        Fasta(file("a.fa", LABELLED), labels_extra="drop")


def test_a_table_without_names(file):
    source = Table(file("t.csv", "ACGTACGTAC,x\nGGTTGGTTGG,y\n"))
    assert read(source) == [("train", "train_row1", "x"), ("train", "train_row2", "y")]
    with pytest.raises(InputError, match="no column 'sequence'"):
        read(Table(file("t.csv", "ACGTACGTAC,x\nGGTTGGTTGG,y\n"), header=True))


def test_the_first_line_has_names_or_not():
    with pytest.raises(ConfigError, match=r"data.header must be true, false or null; got 'no'"):
        Table("t.csv", header="no")
