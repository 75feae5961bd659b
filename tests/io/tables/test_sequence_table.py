"""Tables of text are read cell by cell, as text."""

import gzip

import pytest

from dnaseq.errors import InputError
from dnaseq.io.tables.sequence_table import delimited_rows

TABLE = 'id,note,label\na,"x, ""y""",1\nb,,2\n'


def rows(tmp_path, text, columns=("id", "label"), name="t.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(delimited_rows(path, columns))


def test_cells_come_in_the_order_of_the_columns_asked_for(tmp_path):
    assert rows(tmp_path, TABLE, ("label", "note")) == [(2, ["1", 'x, "y"']), (3, ["2", ""])]


@pytest.mark.parametrize("delimiter", ["\t", ";", ","])
def test_the_delimiter_is_found_in_the_first_line(delimiter, tmp_path):
    text = f"id{delimiter}label\na{delimiter}1\n"
    assert rows(tmp_path, text, name="t.txt") == [(2, ["a", "1"])]


def test_a_comma_in_a_name_does_not_hide_the_semicolons(tmp_path):
    assert rows(tmp_path, "id;label;a,b,c,d\nx;1;2\n") == [(2, ["x", "1"])]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_line_ends_read_alike(end, tmp_path):
    assert rows(tmp_path, TABLE.replace("\n", end)) == [(2, ["a", "1"]), (3, ["b", "2"])]


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path):
    assert rows(tmp_path, b"\xef\xbb\xbf" + TABLE.encode()) == [(2, ["a", "1"]), (3, ["b", "2"])]


def test_a_compressed_table_reads_like_a_plain_one(tmp_path):
    assert rows(tmp_path, gzip.compress(TABLE.encode()), name="t.csv.gz") == rows(tmp_path, TABLE)


def test_lines_are_those_of_the_file_where_a_cell_has_line_ends(tmp_path):
    assert rows(tmp_path, 'id,label\n"a\nb",1\n\nc,2\n') == [(2, ["a\nb", "1"]), (5, ["c", "2"])]


def test_blanks_around_a_cell_are_removed(tmp_path):
    assert rows(tmp_path, "id , label\n a, 1 \n") == [(2, ["a", "1"])]


def test_a_cell_of_a_million_letters_is_read(tmp_path):
    assert rows(tmp_path, "id,label\na," + "A" * 1_000_000 + "\n") == [(2, ["a", "A" * 1_000_000])]


def test_a_missing_column_is_answered_with_those_that_are_there(tmp_path):
    with pytest.raises(InputError, match=r"t\.csv:1: no column 'class'; the columns are id, note, label"):
        rows(tmp_path, TABLE, ("id", "class"))


def test_a_column_that_is_there_twice_is_refused(tmp_path):
    with pytest.raises(InputError, match="more than one column 'id'"):
        rows(tmp_path, "id,id,label\n1,2,3\n")


@pytest.mark.parametrize("row", ["b", "b,1,2,3"])
def test_a_row_of_another_width_is_named_by_its_line(row, tmp_path):
    with pytest.raises(InputError, match=r"t\.csv:3: \d cells, but the first line has 2"):
        rows(tmp_path, f"id,label\na,1\n{row}\n")
