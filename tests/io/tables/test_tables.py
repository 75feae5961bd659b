"""CSV, TSV, Excel and Parquet give the same rows."""

import gzip

import openpyxl
import pytest

from dnaseq.errors import InputError
from dnaseq.io.reading_options import TableColumns
from dnaseq.io.tables.parquet import ParquetRows
from dnaseq.io.tables.sequence_table import Row, read_table

COLUMNS = {"seq": ["ACGT", "TTGA"], "y": ["0", "1"], "name": ["007", "NA"]}


@pytest.fixture(params=["t.csv", "t.tsv", "t.txt", "t.csv.gz", "t.parquet", "t.xlsx"])
def table(request, tmp_path):
    path = tmp_path / request.param
    if path.suffix == ".parquet":
        with open(path, "wb") as file:
            writer = ParquetRows(file, {})
            writer.write(COLUMNS)
            writer.close()
        return path
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in [list(COLUMNS), *zip(*COLUMNS.values(), strict=True)]:
            book.active.append(row)
        book.save(path)
        return path
    mark = {".tsv": "\t", ".txt": "  "}.get(path.suffix, ",")
    text = "".join(mark.join(row) + "\n" for row in [list(COLUMNS), *zip(*COLUMNS.values(), strict=True)])
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def test_rows_have_id_sequence_and_label_as_text(table):
    rows = [row[1:4] for row in read_table(table, TableColumns("seq", "y", "name"))]
    assert rows == [("007", "ACGT", "0"), ("NA", "TTGA", "1")]


def test_rows_without_an_id_column_are_numbered(table):
    assert [row.id for row in read_table(table, TableColumns("seq", "y"))] == ["row1", "row2"]


def test_a_missing_column_is_answered_with_those_that_are_there(table):
    with pytest.raises(InputError, match="no column 'sequence'; the columns are seq, y, name"):
        list(read_table(table, TableColumns("sequence", "y")))


def test_a_row_knows_its_line(tmp_path):
    (tmp_path / "t.csv").write_text("seq,y\n\nACGT,1\n")
    assert list(read_table(tmp_path / "t.csv", TableColumns("seq", "y"))) == [Row(3, "row1", "ACGT", "1")]


def test_a_table_need_not_have_labels(table):
    assert [row.label for row in read_table(table, TableColumns("seq", None, "name"))] == ["", ""]


def test_one_column_can_serve_twice(table):
    assert [row.id for row in read_table(table, TableColumns("seq", "name", "name"))] == ["007", "NA"]


def test_other_columns_come_along(table):
    assert [row.more for row in read_table(table, TableColumns("seq", more=("name", "y")))] == [
        ("007", "0"),
        ("NA", "1"),
    ]


def test_names_are_found_in_any_case_with_a_note(table, caplog):
    with caplog.at_level("INFO", "dnaseq"):
        rows = list(read_table(table, TableColumns("SEQ", "Y", "name")))
    assert [(row.id, row.label) for row in rows] == [("007", "0"), ("NA", "1")]
    assert "column 'seq' is read as 'SEQ'" in caplog.text
    assert "'name'" not in caplog.text
