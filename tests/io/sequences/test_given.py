"""Sequences in whatever holds them in Python: every form gives the same letters, and every trap a clear message."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from Bio.Seq import MutableSeq, Seq
from Bio.SeqRecord import SeqRecord

from dnaseq.errors import ArgumentError, InputError
from dnaseq.io.sequences.given import Given, given_sequences, is_file_name
from dnaseq.io.sequences.records import Record

LETTERS = ["ACGT", "ggcc", "NA"]
FORMS = {
    "list": list,
    "tuple": tuple,
    "generator": iter,
    "numpy of str": np.array,
    "numpy of objects": lambda x: np.array(x, dtype=object),
    "numpy of bytes": lambda x: np.array(x, dtype="S"),
    "list of bytes": lambda x: [one.encode() for one in x],
    "list of np.str_": lambda x: list(np.array(x)),
    "pandas": lambda x: pd.Series(x, index=[7, 7, 9]),
    "pandas of objects": lambda x: pd.Series(x, dtype=object),
    "pandas categories": lambda x: pd.Series(x, dtype="category"),
    "pandas index": pd.Index,
    "polars": pl.Series,
    "polars categories": lambda x: pl.Series(x, dtype=pl.Categorical),
    "arrow": pa.array,
    "arrow of large strings": lambda x: pa.array(x, pa.large_string()),
    "arrow of bytes": lambda x: pa.array([one.encode() for one in x]),
    "arrow dictionary": lambda x: pa.array(x).dictionary_encode(),
    "arrow chunks": lambda x: pa.chunked_array([x[:1], x[1:]]),
    "Seq": lambda x: [Seq(one) for one in x],
    "MutableSeq": lambda x: [MutableSeq(one) for one in x],
    "SeqRecord": lambda x: [SeqRecord(Seq(one)) for one in x],
    "array of SeqRecord": lambda x: pd.Series([SeqRecord(Seq(one)) for one in x], dtype=object),
    "Record": lambda x: [Record(str(i + 1), one) for i, one in enumerate(x)],
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_letters(form):
    assert given_sequences(FORMS[form](LETTERS)) == Given(["1", "2", "3"], LETTERS)


def test_a_seqrecord_keeps_its_id_and_gives_its_sequence_not_its_description():
    records = [
        SeqRecord(Seq("ACGT"), id="chr 1", description="GGGG"),
        SeqRecord(Seq("CC"), id="<unknown id>"),
    ]
    assert given_sequences(records) == Given(["chr_1", "2"], ["ACGT", "CC"])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (None, r"X is nothing \(None\)"),
        (["A", None], r"X\[1\] is missing \(None\)"),
        (["A", float("nan")], r"X\[1\] is missing \(nan\)"),
        (pd.Series(["A", None]), r"X\[1\] is missing"),
        (pd.Series(["A", pd.NA], dtype="string"), r"X\[1\] is missing \(<NA>\)"),
        (pl.Series(["A", None]), r"X\[1\] is missing"),
        (pa.array(["A", None]), r"X\[1\] is missing"),
        ([3], r"X\[0\] is the number 3, and a sequence is a text"),
        (np.array([0.5]), r"X\[0\] is the number 0\.5"),
        ([np.int64(1)], r"X\[0\] is the number 1"),
        (np.array([["A"], ["C"]]), r"X is a table of shape \(2, 1\), and one column of a table is due"),
        (pd.DataFrame({"s": ["A"]}), r"table of shape \(1, 1\), .* by its name: X\['s'\]$"),
        (pl.DataFrame({"s": ["A"], "y": [1]}), r"table of shape \(1, 2\), .* name: X\['s'\] or X\['y'\]$"),
        (pa.table({"s": ["A"]}), r"table of shape \(1, 1\), .* by its name: X\['s'\]$"),
        (np.zeros((2, 9, 4)), r"shape \(2, 9, 4\), .* Give the letters of the sequences: encoding="),
        (np.array("A"), "X is a single value"),
        ([["A", "C"]], r"X\[0\] is of the type list, and a sequence is one text"),
        ([np.eye(4)], r"X\[0\] is of the type ndarray, and a sequence is one text"),
        ({"A": 1}, "X is of the type dict"),
        ({"A"}, "X is of the type set"),
        (3, "X is of the type int"),
        ("ACGT", r"X is one sequence, and a list of them is due\. Write \['ACGT'\]"),
        (b"ACGT", r"X is one sequence"),
        (Seq("ACGT"), r"X is one sequence.* Write \['ACGT'\]"),
        (SeqRecord(Seq("ACGT"), id="a"), "X is one sequence"),
        ([Seq(None, length=4)], r"X\[0\]: this Seq has a length but no letters"),
        ([object()], r"X\[0\] is of the type object"),
    ],
)
def test_every_trap_has_a_message(given, message):
    with pytest.raises(ArgumentError, match=message) as raised:
        given_sequences(given)
    assert isinstance(raised.value, ValueError)  # as scikit-learn has it
    assert isinstance(raised.value, InputError)


def test_one_sequence_may_be_a_list_of_one():
    assert given_sequences(Seq("ACGT"), may_be_one=True) == Given(["1"], ["ACGT"])


def test_the_error_is_the_same_after_a_pickle():
    error = pickle.loads(pickle.dumps(ArgumentError("X is nothing")))
    assert isinstance(error, ArgumentError)
    assert str(error) == "X is nothing"


def test_a_text_is_a_sequence_or_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    assert not is_file_name("acgtN\n")
    assert not is_file_name("A" * 5000)
    assert is_file_name("reads.fa")
    assert is_file_name(tmp_path)
    assert is_file_name("-")
    with pytest.raises(ArgumentError, match=r"'data' is a sequence and also a file here"):
        is_file_name("data")
