"""The table for the terminal of runs that do not predict one class a record."""

import pytest
from specs import make_scores

from dnaseq.evaluation.comparison.results import Scores
from dnaseq.evaluation.metrics.names import metric_title
from dnaseq.prediction_task import MULTILABEL, PER_BASE, REGRESSION
from dnaseq.report.text.summary import estimate_text, task_summary_table
from dnaseq.schemas import Estimate

GOOD = {"value": 0.775, "low": 0.733, "high": 0.815}
BELOW = {"value": -0.123, "low": -0.234, "high": -0.012}
LARGE = {"value": 1234567.0, "low": 1198765.0, "high": 1298765.0}
BASELINES = {
    "multilabel": ["frequencies", "gc_length", "kmer_logistic"],
    "regression": ["mean", "gc_length", "kmer_ridge"],
    "labelling": ["majority", "gc_window", "window_logistic"],
}

COLUMNS_OF = {
    task.names[0]: {metric: metric_title(metric) for metric in task.headline}
    for task in (MULTILABEL, REGRESSION, PER_BASE)
}


def told(task: str, score: dict, **changes) -> Scores:
    row = dict.fromkeys(COLUMNS_OF[task], score)
    entries = {
        **{"task": task, "model": "cnn", "data": "mine", "split": "test", "n": 400, "seed": 1},
        "metrics": row,
        "baselines": dict.fromkeys(BASELINES[task], row),
        "leaks": {"exact": 2},
    }
    return make_scores(**entries | changes)


@pytest.mark.parametrize("task", COLUMNS_OF)
def test_there_is_a_row_of_scores_for_the_model_and_each_baseline(task):
    heading, _, columns, *rows, _, leaks = task_summary_table(told(task, GOOD)).splitlines()
    assert heading == "cnn on mine, test records: n = 400, seed 1, 95 % intervals"
    assert columns.split() == " ".join(COLUMNS_OF[task].values()).split()
    assert [row.split()[0] for row in rows] == ["model", *BASELINES[task]]
    assert {tuple(row.split()[1:]) for row in rows} == {("0.775", "[0.733,0.815]") * 4}
    assert leaks == "leaks: 2 exact"


@pytest.mark.parametrize("task", COLUMNS_OF)
@pytest.mark.parametrize("score", [GOOD, BELOW, LARGE])
def test_no_line_is_longer_than_a_screen_is_wide(task, score):
    wide = told(task, score, model="a" * 300)
    assert max(map(len, task_summary_table(wide).splitlines())) <= 100


def test_columns_stand_under_their_names():
    row = dict.fromkeys(COLUMNS_OF["regression"], GOOD)
    unknown = dict.fromkeys(("value", "low", "high"))
    mixed = told("regression", GOOD, metrics=row | {"pearson": unknown, "rmse": LARGE})
    lines = task_summary_table(mixed).splitlines()
    at = lines[2].index("MAE")
    assert {line[at : at + 5] for line in lines[3:7]} == {"0.775"}


@pytest.mark.parametrize(
    ("metric", "value", "expected"),
    [
        ("rmse", 9.87654, "9.877"),
        ("rmse", 12.345, "12.3"),
        ("rmse", 9999.0, "9999"),
        ("mae/dev", 1234567.0, "1.23e6"),
        ("mae", 0.0000123, "1.23e-5"),
        ("mae", 0.0, "0.000"),
        ("mcc", -0.0000123, "0.000"),
        ("r2", -12345.6, "-1.23e4"),
    ],
)
def test_numbers_of_any_size_are_short(metric, value, expected):
    assert estimate_text(Estimate(value, None, None), metric) == expected


@pytest.mark.parametrize("score", [None, Estimate(None, None, None)])
def test_undefined_score_is_a_dash(score):
    assert estimate_text(score, "auroc") == "-"
