"""Cells of Excel become the text that a CSV file of them would have."""

import sys
import zipfile
from datetime import date

import openpyxl
import pytest

from dnaseq.errors import ConfigError, InputError
from dnaseq.io.tables.excel import excel_rows
from dnaseq.io.tables.sequence_table import table_rows


def workbook(path, *rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.create_sheet("another").append(["not", "read"])
    book.save(path)
    return path


def test_cells_become_text(tmp_path):
    path = workbook(tmp_path / "t.xlsx", ["a", 7, 7.0, 0.5, True, None, date(2026, 1, 2)])
    assert list(excel_rows(path)) == [(1, ["a", "7", "7", "0.5", "TRUE", "", "2026-01-02T00:00:00"])]


def test_rows_may_be_blank_or_end_before_the_names_do(tmp_path):
    path = workbook(tmp_path / "t.xlsx", [], ["id", "note", "label"], ["a", "x", 1], [], ["b", None, 0])
    assert list(table_rows(path, ("id", "label"))) == [(3, ["a", "1"]), (5, ["b", "0"])]


def test_a_cell_beyond_the_names_is_an_error(tmp_path):
    path = workbook(tmp_path / "t.xlsx", ["id", "label"], ["a", 1, "x"])
    with pytest.raises(InputError, match=r"t\.xlsx:2: 3 cells, but the first line has 2"):
        list(table_rows(path, ("id", "label")))


@pytest.mark.parametrize("name", ["t.xlsx", "t.xls", "t.ods"])
def test_what_is_no_workbook_is_to_be_saved_as_csv(name, tmp_path):
    with zipfile.ZipFile(tmp_path / name, "w") as file:
        file.writestr("[Content_Types].xml", "")
        file.writestr("xl/workbook.xml", "")
    with pytest.raises(InputError, match=r"workbook.*\. Save it as CSV"):
        list(table_rows(tmp_path / name, ("id", "label")))


def test_a_workbook_cut_anywhere_is_refused(tmp_path):
    path = workbook(tmp_path / "t.xlsx", ["id", "label"], ["a", 1])
    data = path.read_bytes()
    for length in range(0, len(data), 97):
        path.write_bytes(data[:length])
        with pytest.raises(InputError, match="not a readable Excel workbook"):
            list(excel_rows(path))


def test_a_missing_openpyxl_is_answered_with_csv_and_how_to_install_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(
        ConfigError, match=r"is an Excel workbook\. Save it as CSV.*pip install 'dnaseq\[excel\]'"
    ):
        list(excel_rows(tmp_path / "t.xlsx"))
