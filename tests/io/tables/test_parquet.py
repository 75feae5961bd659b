"""Parquet cells become text."""

import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dnaseq.errors import ConfigError, FileAccessError, InputError
from dnaseq.io.tables.parquet import ParquetRows, parquet_rows


def test_numbers_and_categories_become_text_and_null_becomes_empty(tmp_path):
    words = pa.array(["x", None]).dictionary_encode()
    pq.write_table(pa.table({"a": [7, 8], "b": words, "c": [0.5, None]}), tmp_path / "t.parquet")
    rows = list(parquet_rows(tmp_path / "t.parquet", ["c", "a", "b"]))
    assert rows == [(1, ["0.5", "7", "x"]), (2, ["", "8", ""])]


def test_a_table_larger_than_a_batch_is_read_whole(tmp_path):
    pq.write_table(pa.table({"a": list(range(10_000))}), tmp_path / "t.parquet")
    assert [cells[0] for _, cells in parquet_rows(tmp_path / "t.parquet", ["a"])] == [
        str(i) for i in range(10_000)
    ]


def test_a_file_cut_anywhere_is_refused(tmp_path):
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"a": ["x", "y"]}), path)
    data, accepted = path.read_bytes(), []
    for length in range(0, len(data), 7):
        path.write_bytes(data[:length])
        try:
            list(parquet_rows(path, ["a"]))
            accepted.append(length)
        except InputError:
            pass
    assert not accepted


def test_a_missing_file_cannot_be_accessed(tmp_path):
    with pytest.raises(FileAccessError, match="No such file"):
        list(parquet_rows(tmp_path / "t.parquet", ["a"]))


def test_rows_written_in_parts_are_one_table(tmp_path):
    with open(tmp_path / "t.parquet", "wb") as file:
        writer = ParquetRows(file, {"a": "string", "b": "double"})
        writer.write({"a": ["x"], "b": [None]})
        writer.write({"a": ["y"], "b": [1.5]})
        writer.close()
    assert pq.read_table(tmp_path / "t.parquet").to_pydict() == {"a": ["x", "y"], "b": [None, 1.5]}


def test_a_missing_pyarrow_is_answered_with_how_to_install_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigError, match=r"pip install 'dnaseq\[parquet\]'"):
        list(parquet_rows(tmp_path / "t.parquet", ["a"]))
