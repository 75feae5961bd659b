"""Tables of text are read cell by cell, as text."""

import gzip

import pytest

from dnaseq.errors import InputError
from dnaseq.io.reading_options import Reading, TableColumns
from dnaseq.io.tables.sequence_table import read_table, table_rows

TABLE = 'id,note,label\na,"x, ""y""",1\nb,,2\n'


def rows(tmp_path, text, columns=("id", "label"), name="t.csv", **settings):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(table_rows(path, columns, **settings))


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


def test_a_name_in_its_own_case_goes_first_and_another_case_must_be_one(tmp_path):
    assert rows(tmp_path, "ID,id,Label\n1,2,3\n") == [(2, ["2", "3"])]
    with pytest.raises(InputError, match="more than one column 'id'; the columns are ID, Id, label"):
        rows(tmp_path, "ID,Id,label\n1,2,3\n")


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "sep=;\r"])
def test_the_first_line_of_excel_names_the_delimiter(line, tmp_path):
    assert rows(tmp_path, f"{line}\nid;a,b,c;label\nx;1;2\n") == [(3, ["x", "2"])]


@pytest.mark.parametrize("between", [" ", "   ", " \t "])
def test_columns_may_be_parted_by_blanks(between, tmp_path):
    text = "".join(f"{between.join(row)}\n" for row in (("id", "label"), ("a", "1"), ("b", "2")))
    assert rows(tmp_path, text.replace("\t", " ")) == [(2, ["a", "1"]), (3, ["b", "2"])]


def test_names_with_blanks_are_parted_by_other_marks(tmp_path):
    assert rows(tmp_path, "my id,the label\na b,1\n", ("my id", "the label")) == [(2, ["a b", "1"])]
    assert rows(tmp_path, "the label\na b\n", ("the label",)) == [(2, ["a b"])]


def test_blank_lines_come_before_the_names(tmp_path):
    assert rows(tmp_path, "\n\nid,label\na,1\n") == [(4, ["a", "1"])]


def test_comments_are_left_out_by_choice(tmp_path):
    text = "# made by hand\nid,label\n;x\na,1\n"
    assert rows(tmp_path, text, reading=Reading(comments="skip")) == [(4, ["a", "1"])]
    with pytest.raises(InputError, match="no column 'id'"):
        rows(tmp_path, text)


NAMELESS = "ACGTACGTAC,7\nGGTTGGTTGG,x\n"
BOTH = TableColumns("sequence", "label")


def nameless(tmp_path, text, columns=BOTH):
    (tmp_path / "t.csv").write_text(text)
    return [(row.line, row.sequence, row.label) for row in read_table(tmp_path / "t.csv", columns)]


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        (NAMELESS, BOTH),
        (NAMELESS, TableColumns("dna", "class")),
        (NAMELESS.replace(",", "\t"), BOTH),
        (NAMELESS.replace(",", " "), BOTH),
        ("7,ACGTACGTAC\nx,GGTTGGTTGG\n", BOTH),
        (NAMELESS, TableColumns("1", "2")),
        ("7,ACGTACGTAC\nx,GGTTGGTTGG\n", TableColumns("2", "1", header=False)),
        ("7,z,ACGTACGTAC\nx,z,GGTTGGTTGG\n", TableColumns("sequence", "1")),
        ("7,ACGTACGTAC,AAAAAAAAAA\nx,GGTTGGTTGG,CCCCCCCCCC\n", TableColumns("2", "label")),
    ],
)
def test_a_table_may_have_no_names(text, columns, tmp_path, caplog):
    with caplog.at_level("INFO", "dnaseq"):
        assert nameless(tmp_path, text, columns) == [(1, "ACGTACGTAC", "7"), (2, "GGTTGGTTGG", "x")]
    assert "no line of column names" in caplog.text


@pytest.mark.parametrize(
    ("text", "columns", "what"),
    [
        ("ACGTACGTAC,7,8\n", BOTH, "column 'label' is not known.*number from 1 to 3"),
        ("ACGTACGTAC,ACGTACGTAC\n", BOTH, "column 'sequence' is not known"),
        ("AC,7\n", TableColumns("sequence", "label", header=False), "column 'sequence' is not known"),
        (NAMELESS, TableColumns("sequence", "2", "name"), "column 'name' is not known"),
        (NAMELESS, TableColumns("1", "3"), "no line of column names.*from 1 to 2"),
        (
            NAMELESS,
            TableColumns("sequence", "label", header=True),
            "no column 'sequence'; the columns are ACGT",
        ),
    ],
)
def test_a_column_without_a_name_must_be_known(text, columns, what, tmp_path):
    with pytest.raises(InputError, match=rf"t\.csv:1: .*{what}"):
        nameless(tmp_path, text, columns)
