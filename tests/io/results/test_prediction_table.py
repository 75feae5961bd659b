"""Tables of predictions in memory: other libraries take them as they are."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from dnaseq.errors import ConfigError
from dnaseq.io.results.prediction_table import prediction_table
from dnaseq.io.results.rows import Rows
from dnaseq.io.tables import parquet

ROWS = Rows(
    ids=["a", "b<"],
    lengths=np.array([4, 2]),
    labels=["pos", ""],
    scores=np.array([0.75, np.nan]),
    probabilities=np.array([[0.25, 0.75], [np.nan, np.nan]]),
    statuses=["ok", "rejected:empty sequence"],
    notes=["", ""],
)


@pytest.fixture
def table():
    return prediction_table([ROWS, ROWS], ["neg", "pos"], has_places=False)


def test_it_has_the_columns_of_the_command(table):
    assert list(table.columns) == ["id", "length", "label", "score", "p_neg", "p_pos", "status", "note"]
    assert len(table) == 4
    assert next(iter(table)) == {
        **{"id": "a", "length": 4, "label": "pos", "score": 0.75, "p_neg": 0.25, "p_pos": 0.75},
        **{"status": "ok", "note": None},
    }
    assert table.columns["score"] == [0.75, None] * 2


def test_pandas_polars_and_arrow_take_it(table):
    assert pa.table(table).to_pydict() == table.columns
    assert pl.DataFrame(table).to_dict(as_series=False) == table.columns
    frame = pd.DataFrame.from_arrow(table)
    assert frame["id"].tolist() == table.columns["id"]
    assert frame["p_pos"].isna().tolist() == [False, True] * 2


def test_without_rows_the_types_stay(table):
    empty = prediction_table([], ["neg", "pos"], has_places=False)
    assert pa.table(empty).schema == pa.table(table).schema


def test_windows_have_places():
    rows = ROWS._replace(starts=np.array([8, -1]))
    table = prediction_table([rows], ["neg", "pos"], has_places=True)
    assert table.columns["start"] == [8, None]
    assert table.columns["end"] == [12, None]


def test_without_pyarrow_one_message_says_so(table, monkeypatch):
    monkeypatch.setattr(parquet, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"An Arrow table needs pyarrow\. Install it: pip install"):
        pl.DataFrame(table)


def test_a_notebook_shows_the_first_rows_escaped(table):
    html = table._repr_html_()
    assert html.count("<tr>") == 5
    assert "b&lt;" in html
    assert "0.75" in html
    long = prediction_table([ROWS] * 8, ["neg", "pos"], has_places=False)._repr_html_()
    assert "16 rows, the first 10 of them" in long
