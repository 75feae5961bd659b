"""Columns to lines."""

import csv
import json

import pytest

from dnaseq.errors import ConfigError
from dnaseq.io.results.row_text import bed_lines, csv_lines, json_lines, tsv_header, tsv_lines


def test_floats_have_seven_digits():
    assert (
        tsv_lines({"a": [0.123456789, 1.0], "b": [1e-9, 123456789.0]})
        == "0.1234568\t1e-09\n1\t1.234568e+08\n"
    )


def test_none_is_an_empty_cell():
    assert tsv_lines({"a": [None, 0.5, "x", 3]}) == "\n0.5\nx\n3\n"


@pytest.mark.parametrize(
    ("text", "cell"),
    [("a\tb", "a\\tb"), ("a\nb", "a\\x0ab"), ("\x1b[31m", "\\x1b[31m"), ("\x9b", "\\x9b"), ("=1+1", "=1+1")],
)
def test_control_characters_are_escaped(text, cell):
    assert tsv_lines({"a": [text]}) == cell + "\n"


def test_a_name_cannot_break_the_header():
    assert tsv_header(["a", "b\nc"]) == "a\tb\\x0ac\n"


def test_json_lines_read_back():
    columns = {"a %d": ['"x"\n', "ä"], "n": [1, 2], "f": [0.25, 1e-9], "m": [None, 0.5], "t": [None, "z"]}
    rows = [json.loads(line) for line in json_lines(columns).splitlines()]
    assert rows == [{key: column[i] for key, column in columns.items()} for i in range(2)]


def test_bed_has_what_has_a_label_in_thousandths():
    columns = {
        "id": ["chr1", "chr1", "chr 2"],
        "length": [9, 9, 9],
        "label": ["pos", None, "neg"],
        "score": [0.7396, None, 1.0],
        "status": ["ok", "rejected:every letter is N", "ok"],
        "start": [0, 9, 4_000_000_000],
        "end": [9, 18, 4_000_000_009],
    }
    assert bed_lines(columns) == "chr1\t0\t9\tpos\t740\t.\nchr 2\t4000000000\t4000000009\tneg\t1000\t.\n"
    assert bed_lines({name: column[1:2] for name, column in columns.items()}) == ""


def test_csv_reads_back():
    columns = {"a,b": ["x", 'say "y"', "1,2", ""], "n": [1, 2, 3, 4], "f": [0.25, None, 1e-9, 0.5]}
    text = csv_lines({name: [name] for name in columns}) + csv_lines(columns)
    assert list(csv.reader(text.splitlines())) == [
        ["a,b", "n", "f"], ["x", "1", "0.25"], ['say "y"', "2", ""], ["1,2", "3", "1e-09"], ["", "4", "0.5"],
    ]  # fmt: skip


def test_a_row_of_csv_is_a_line():
    assert csv_lines({"a": ["x\ny", "\x1b"]}) == "x\\x0ay\n\\x1b\n"


def test_places_in_ids_are_columns_of_bed():
    columns = {
        "id": ["chr1:5-25", "HLA-A*01:01:0-9(-)", "c:1-2"],
        "label": ["a", "b", None],
        "score": [0.25, 1.0, None],
    }
    assert bed_lines(columns) == "chr1\t5\t25\ta\t250\t.\nHLA-A*01:01\t0\t9\tb\t1000\t-\n"


def test_an_id_without_a_place_is_no_line_of_bed():
    with pytest.raises(ConfigError, match=r"one is 'gene1'\. Set window=N"):
        bed_lines({"id": ["gene1"], "label": ["a"], "score": [0.5]})
