"""Prediction rows come back as they were written, and a file of them is whole or absent."""

import gzip
import io
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dnaseq.errors import ConfigError, FileAccessError, InputError
from dnaseq.io.results.rows import PLACE, SUFFIXES, Rows, open_rows, read_rows

CLASSES = ["neg", "pos"]
ROWS = Rows(
    ["a", "b", "c"],
    np.array([200, 0, 150]),
    ["pos", "", "neg"],
    np.array([0.75, np.nan, 0.625]),
    np.array([[0.25, 0.75], [np.nan, np.nan], [0.625, 0.375]]),
    ["ok", "rejected:empty sequence", "ok"],
    {"start": [0, None, 100], "end": [200, None, 250]},
)
TSV = (
    "id\tlength\tlabel\tscore\tp_neg\tp_pos\tstatus\tstart\tend\n"
    "a\t200\tpos\t0.75\t0.25\t0.75\tok\t0\t200\n"
    "b\t0\t\t\t\t\trejected:empty sequence\t\t\n"
    "c\t150\tneg\t0.625\t0.625\t0.375\tok\t100\t250\n"
)


def write(path, *parts, overwrite=False):
    with open_rows(str(path), CLASSES, overwrite, PLACE) as writer:
        for rows in parts:
            writer.write(rows)
    return path


def test_tsv_has_one_line_a_row_and_empty_cells_where_rejected(tmp_path):
    assert write(tmp_path / "a.tsv", ROWS).read_text() == TSV


def test_json_lines_have_the_same_keys_and_null_where_rejected(tmp_path):
    lines = write(tmp_path / "a.jsonl", ROWS).read_text().splitlines()
    assert list(json.loads(lines[0])) == TSV.split("\n")[0].split("\t")
    assert list(json.loads(lines[1]).values()) == [
        "b",
        0,
        None,
        None,
        None,
        None,
        "rejected:empty sequence",
        None,
        None,
    ]


def test_parquet_has_the_same_columns_and_null_where_rejected(tmp_path):
    table = pq.read_table(write(tmp_path / "a.parquet", ROWS)).to_pydict()
    assert list(table) == TSV.split("\n")[0].split("\t")
    assert table["p_pos"] == [0.75, None, 0.375]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_equal_rows_are_equal_bytes(suffix, tmp_path):
    first, second = (write(tmp_path / f"{name}{suffix}", ROWS).read_bytes() for name in "ab")
    assert first == second


def read_pipe(path):
    with ThreadPoolExecutor() as pool:
        content = pool.submit(path.read_bytes)
        write(path, ROWS)
        return content.result()


def test_a_suffix_says_the_format_wherever_the_output_is(tmp_path):
    for name in ("a", "a.tsv", "a.jsonl", "a.tsv.gz"):
        os.mkfifo(tmp_path / name)
    (tmp_path / "own").mkdir()
    own = {suffix: write(tmp_path / "own" / f"a{suffix}", ROWS).read_bytes() for suffix in SUFFIXES}
    assert read_pipe(tmp_path / "a") == read_pipe(tmp_path / "a.tsv") == own[".tsv"]
    assert read_pipe(tmp_path / "a.jsonl") == own[".jsonl"]
    assert read_pipe(tmp_path / "a.tsv.gz") == own[".tsv.gz"]
    with TemporaryDirectory(dir="/dev/shm") as folder:
        assert {suffix: write(Path(folder) / f"a{suffix}", ROWS).read_bytes() for suffix in SUFFIXES} == own


def test_parquet_into_a_pipe_is_refused_before_anything_is_written(tmp_path):
    os.mkfifo(tmp_path / "a.parquet")
    with pytest.raises(ConfigError, match="Parquet cannot be written to a pipe or device"):
        write(tmp_path / "a.parquet", ROWS)


def test_a_closed_stdout_is_an_error_of_access(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(FileAccessError, match="<stdout>: is closed"):
        write("-", ROWS)


def without_an_answer(path):
    """A record that is ok and has no label, with a column of notes."""
    rows = ROWS._replace(labels=["pos", "", ""], extra={"note": ["", "", "abstained"]})
    with open_rows(str(path), CLASSES, False, ("note",)) as writer:
        writer.write(rows)
    return path


def test_a_record_without_an_answer_has_all_but_its_label(tmp_path):
    last = without_an_answer(tmp_path / "a.tsv").read_text().splitlines()[-1]
    assert last == "c\t150\t\t0.625\t0.625\t0.375\tok\tabstained"
    assert read_rows(tmp_path / "a.tsv")[1].labels == ["pos", "", ""]
    line = without_an_answer(tmp_path / "a.jsonl").read_text().splitlines()[-1]
    assert (json.loads(line)["label"], json.loads(line)["score"]) == (None, 0.625)
    table = pq.read_table(without_an_answer(tmp_path / "a.parquet")).to_pydict()
    assert table["label"] == ["pos", None, None]
    assert table["note"] == ["", "", "abstained"]


def test_notes_are_text_in_a_table_without_rows(tmp_path):
    with open_rows(str(tmp_path / "a.parquet"), CLASSES, False, ("note",)):
        pass
    assert str(pq.read_schema(tmp_path / "a.parquet").field("note").type) == "string"


def test_a_compressed_file_holds_the_bytes_of_the_plain_one(tmp_path):
    assert gzip.decompress(write(tmp_path / "a.tsv.gz", ROWS).read_bytes()).decode() == TSV


@pytest.mark.parametrize("suffix", [".tsv", ".tsv.gz"])
def test_rows_read_back(suffix, tmp_path):
    classes, rows = read_rows(write(tmp_path / f"a{suffix}", ROWS, ROWS))
    assert (classes, rows.ids, rows.labels, rows.statuses) == (
        CLASSES,
        ROWS.ids * 2,
        ROWS.labels * 2,
        ROWS.statuses * 2,
    )
    np.testing.assert_array_equal(rows.probabilities, np.concatenate([ROWS.probabilities] * 2))
    assert rows.extra == {"start": ["0", "", "100"] * 2, "end": ["200", "", "250"] * 2}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_no_rows_make_a_file_that_can_be_read(suffix, tmp_path):
    path = write(tmp_path / f"a{suffix}")
    n = (
        pq.read_table(path).num_rows
        if suffix == ".parquet"
        else len(read_rows(path)[1].ids)
        if "tsv" in suffix
        else 0
    )
    assert (n, path.exists()) == (0, True)


def test_a_compressed_file_holds_no_time(tmp_path):
    assert write(tmp_path / "a.tsv.gz", ROWS).read_bytes()[4:8] == bytes(4)


IDS = st.text(st.characters(blacklist_categories=("Cc", "Cs")), min_size=1, max_size=10)


@settings(max_examples=60)
@given(st.lists(st.tuples(IDS, st.integers(0, 10**9), st.floats(0, 1)), max_size=8))
def test_any_printable_ids_and_probabilities_read_back(tmp_path_factory, made):
    path = tmp_path_factory.mktemp("rows") / "a.tsv"
    p = np.array([[1 - score, score] for _, _, score in made]).reshape(-1, 2)
    ids, lengths = [name for name, _, _ in made], np.array([n for _, n, _ in made], dtype=np.int64)
    with open_rows(str(path), CLASSES, False) as writer:
        writer.write(Rows(ids, lengths, ["pos"] * len(made), p[:, 1], p, ["ok"] * len(made)))
    _, rows = read_rows(path)
    assert (rows.ids, rows.lengths.tolist()) == (ids, lengths.tolist())
    np.testing.assert_allclose(rows.probabilities, p, rtol=1e-6)


def test_an_id_with_control_characters_stays_in_its_cell(tmp_path):
    odd = ROWS._replace(ids=["a\tb", "c\nd", "\x1b[2J"])
    assert read_rows(write(tmp_path / "a.tsv", odd))[1].ids == ["a\\tb", "c\\x0ad", "\\x1b[2J"]


def write_and_fail(manager):
    with manager as writer:
        writer.write(ROWS)
        raise KeyError("broken")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_error_leaves_no_file(suffix, tmp_path):
    manager = open_rows(str(tmp_path / f"a{suffix}"), CLASSES, False, PLACE)
    with pytest.raises(KeyError, match="broken"):
        write_and_fail(manager)
    assert os.listdir(tmp_path) == []


def test_an_existing_file_is_refused_before_any_row(tmp_path):
    (tmp_path / "a.tsv").write_text("old")
    with pytest.raises(ConfigError, match=r"a\.tsv exists"):
        write(tmp_path / "a.tsv", ROWS)


def test_another_suffix_is_answered_with_those_that_there_are(tmp_path):
    with pytest.raises(ConfigError, match=r"a\.txt: .* must end in \.tsv, \.tsv\.gz, \.csv"):
        open_rows(str(tmp_path / "a.txt"), CLASSES, False)


def test_a_full_device_cannot_be_written():
    with pytest.raises(FileAccessError, match="/dev/full: No space left"):
        write("/dev/full", ROWS)


def test_an_ok_row_without_a_probability_is_a_broken_promise(tmp_path):
    with pytest.raises(ValueError, match="no finite number"):
        write(tmp_path / "a.tsv", ROWS._replace(statuses=["ok"] * 3))


def test_rows_of_other_columns_are_a_broken_promise(tmp_path):
    with pytest.raises(ValueError, match="are due"):
        write(tmp_path / "a.tsv", ROWS._replace(extra={}))


class Output:
    """A standard output that keeps its bytes, or fails as a device or a pipe does."""

    def __init__(self, error=None):
        self.bytes, self.error = io.BytesIO(), error

    @property
    def buffer(self):
        return self

    def write(self, data):
        if self.error:
            raise self.error
        self.bytes.write(data)

    def flush(self):
        pass


def on_stdout(monkeypatch, output):
    monkeypatch.setattr(sys, "stdout", output)
    return open_rows("-", CLASSES, False, PLACE)


def test_a_dash_is_standard_output(monkeypatch):
    output = Output()
    with on_stdout(monkeypatch, output) as writer:
        writer.write(ROWS)
    assert output.bytes.getvalue().decode() == TSV


def test_no_rows_on_standard_output_are_a_header(monkeypatch):
    output = Output()
    with on_stdout(monkeypatch, output):
        pass
    assert output.bytes.getvalue().decode() == TSV.split("\n")[0] + "\n"


def test_rows_on_standard_output_end_in_incomplete_after_an_error(monkeypatch):
    output = Output()
    with pytest.raises(KeyError, match="broken"):
        write_and_fail(on_stdout(monkeypatch, output))
    assert output.bytes.getvalue().decode() == TSV + "#INCOMPLETE\n"


def test_an_error_before_any_row_leaves_standard_output_empty(monkeypatch):
    output = Output()
    with pytest.raises(KeyError, match="broken"), on_stdout(monkeypatch, output):
        raise KeyError("broken")
    assert output.bytes.getvalue() == b""


def test_a_closed_pipe_stays_a_broken_pipe(monkeypatch):
    with (
        pytest.raises(BrokenPipeError, match="closed"),
        on_stdout(monkeypatch, Output(BrokenPipeError("closed"))) as w,
    ):
        w.write(ROWS)


def test_a_full_standard_output_cannot_be_written(monkeypatch):
    full = Output(OSError(28, "No space left on device"))
    with (
        pytest.raises(FileAccessError, match="<stdout>: No space left"),
        on_stdout(monkeypatch, full) as writer,
    ):
        writer.write(ROWS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TSV + "#INCOMPLETE\n", ":5: predictions are incomplete"),
        (TSV[:-5], r":4: 8 cells, but the first line has 9"),
        (TSV.replace("0.625", "x"), "not a number in the predictions"),
        ("id,label\na,1\n", ":1: not a table of predictions"),
        ("", ":1: not a table of predictions"),
    ],
)
def test_what_is_no_table_of_predictions_is_refused(text, said, tmp_path):
    (tmp_path / "a.tsv").write_text(text)
    with pytest.raises(InputError, match=said):
        read_rows(tmp_path / "a.tsv")


def test_numbers_have_columns_of_values_and_no_label(tmp_path):
    rows = ROWS._replace(
        labels=["", "", ""], scores=np.full(3, np.nan), extra={"truth_neg": [1.5, 2.0, -3.0]}
    )
    path = tmp_path / "a.tsv"
    with open_rows(str(path), CLASSES, False, ("truth_neg",), "value_") as writer:
        writer.write(rows)
    assert path.read_text().splitlines()[:3] == [
        "id\tlength\tvalue_neg\tvalue_pos\tstatus\ttruth_neg",
        "a\t200\t0.25\t0.75\tok\t1.5",
        "b\t0\t\t\trejected:empty sequence\t2",
    ]
    names, read = read_rows(path)
    assert names == CLASSES
    assert (read.labels, read.extra["truth_neg"]) == (["", "", ""], ["1.5", "2", "-3"])
    assert np.array_equal(read.probabilities, rows.probabilities, equal_nan=True)


def test_labelled_bases_have_a_label_and_a_score_alone(tmp_path):
    rows = Rows(["a"], np.array([3]), ["XYX"], np.array([0.75]), np.empty((1, 0)), ["ok"])
    with open_rows(str(tmp_path / "a.tsv"), [], False) as writer:
        writer.write(rows)
    assert (tmp_path / "a.tsv").read_text() == "id\tlength\tlabel\tscore\tstatus\na\t3\tXYX\t0.75\tok\n"
    names, read = read_rows(tmp_path / "a.tsv")
    assert (names, read.labels, read.probabilities.shape) == ([], ["XYX"], (1, 0))


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_numbers_are_in_every_format(tmp_path, suffix):
    rows = ROWS._replace(labels=["", "", ""], scores=np.full(3, np.nan), extra={})
    with open_rows(str(tmp_path / f"a{suffix}"), CLASSES, False, (), "value_") as writer:
        writer.write(rows)
    if suffix == ".parquet":
        found = pq.read_table(tmp_path / "a.parquet").to_pylist()
    else:
        found = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert found[0] == {"id": "a", "length": 200, "value_neg": 0.25, "value_pos": 0.75, "status": "ok"}
    assert found[1]["value_neg"] is None
