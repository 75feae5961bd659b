"""The table for the terminal."""

import pytest
from specs import make_scores

from dnaseq.evaluation.comparison.phrasing import interval_text
from dnaseq.report.text.summary import leak_line, summary_table
from dnaseq.schemas import Estimate

LOW = {"value": -0.123, "low": -0.234, "high": -0.012}
GOOD = {"value": 0.775, "low": 0.733, "high": 0.815}
ROW = dict.fromkeys(("accuracy", "auroc", "auprc"), GOOD) | {"mcc": LOW}
SCORES = {
    "data": "enhancers",
    "split": "test",
    "n": 400,
    "seed": 1,
    "model": "bilstm",
    "metrics": ROW,
    "baselines": {"majority": ROW, "gc_length": ROW, "kmer_logistic": ROW},
    "leaks": {"exact": 100, "reverse_complement": 0, "near": None},
    "dropped": {"train": 100, "val": 0},
}


def test_there_is_a_row_for_the_model_and_each_baseline():
    names = [line.split()[0] for line in summary_table(make_scores(**SCORES)).splitlines() if "[" in line]
    assert names == ["model", "majority", "gc_length", "kmer_logistic"]


def test_every_row_shows_its_values_with_their_intervals():
    (row,) = [
        line for line in summary_table(make_scores(**SCORES)).splitlines() if line.startswith("gc_length")
    ]
    assert row.split()[1:] == ["0.775", "[0.733,0.815]"] * 3 + ["-0.123", "[-0.234,-0.012]"]


def test_records_and_seed_are_named():
    assert (
        summary_table(make_scores(**SCORES)).splitlines()[0]
        == "bilstm on enhancers, test records: n = 400, seed 1, 95 % intervals"
    )


@pytest.mark.parametrize("name", ["bilstm", "a" * 300])
def test_no_line_is_longer_than_a_screen_is_wide(name):
    table = summary_table(make_scores(**SCORES | {"model": name, "baselines": {name: ROW}}))
    assert max(map(len, table.splitlines())) <= 100


def test_table_of_little_is_still_a_table():
    assert "leaks: not looked for" in summary_table(make_scores(metrics={"accuracy": GOOD}))


def test_undefined_score_is_a_dash():
    assert interval_text(Estimate(None, None, None)) == "-"


def test_leaks_and_what_was_dropped_are_one_line():
    assert (
        leak_line(SCORES["leaks"], SCORES["dropped"])
        == "leaks: 100 exact, 0 reverse complement; dropped 100 training records"
    )


def test_near_duplicates_and_validation_records_are_named_where_there_are_some():
    line = leak_line({"exact": 1, "near": 7}, {"train": 0, "val": 3})
    assert line == "leaks: 1 exact, 7 near-duplicate; dropped 0 training and 3 validation records"


@pytest.mark.parametrize(("of_train", "told"), [(100, "records"), (99, "records, 10% of the training part")])
def test_what_takes_more_than_a_tenth_of_training_has_its_share(of_train, told):
    line = leak_line({"near": 10}, {"train": 10, "of_train": of_train})
    assert line.endswith(f"dropped 10 training {told}")


@pytest.mark.parametrize("leaks", [{}, {"exact": None, "reverse_complement": None, "near": None}])
def test_where_nothing_was_compared_no_leak_is_counted(leaks):
    assert leak_line(leaks, {"train": 0, "val": 0}) == "leaks: not looked for"
