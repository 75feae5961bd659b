"""The numbers behind the figures of predictions."""

import numpy as np
import pytest

from dnaseq.report.charts.chart import draw_chart
from dnaseq.report.charts.predictions import (
    confusion_chart,
    precision_recall_chart,
    reliability_chart,
    roc_chart,
)
from dnaseq.report.inputs.predictions import Predictions

TRUTH = np.array([0, 0, 1, 1])
P = np.array([0.1, 0.6, 0.55, 0.9])
MADE_UP = Predictions(
    ["a", "b", "c", "d"],
    ["no", "yes"],
    (P >= 0.5).astype(int),
    TRUTH,
    np.stack([1 - P, P], axis=1),
    0,
    np.full(4, 9),
)


def test_roc_goes_through_the_points_of_each_threshold():
    n = roc_chart(MADE_UP, "").numbers
    assert set(n["class"]) == {"yes"}
    points = list(zip(n["false_positive_rate"], n["true_positive_rate"], strict=True))
    assert points == [(0, 0), (0, 0.5), (0.5, 0.5), (0.5, 1), (1, 1)]


def test_precision_stands_beside_chance():
    n = precision_recall_chart(MADE_UP, "").numbers
    assert set(n["chance"]) == {0.5}
    assert (1.0, 2 / 3) in zip(n["recall"], n["precision"], strict=True)


def test_reliability_counts_the_records_of_a_bin():
    n = reliability_chart(MADE_UP, "").numbers
    assert n["records"] == [1, 2, 1]  # up to 0.1, 0.5 to 0.6, 0.8 to 0.9: upper edges belong to the bin
    assert n["share"] == [0, 0.5, 1]
    assert n["mean_probability"] == pytest.approx([0.1, 0.575, 0.9])
    assert np.all(np.array(n["share_low"]) <= n["share"])
    assert np.all(np.array(n["share_high"]) >= n["share"])


def test_confusion_has_a_row_for_each_cell():
    n = confusion_chart(MADE_UP, "").numbers
    rows = list(zip(n["truth"], n["called"], n["records"], n["share_of_truth"], strict=True))
    assert rows == [
        ("no", "no", 1, 0.5),
        ("no", "yes", 1, 0.5),
        ("yes", "no", 0, 0.0),
        ("yes", "yes", 2, 1.0),
    ]


def test_a_class_without_records_has_no_curve():
    alone = MADE_UP._replace(truth=np.ones(4, dtype=int))
    for chart in (roc_chart, precision_recall_chart):
        assert chart(alone, "") is None
        assert chart(alone._replace(truth=np.zeros(4, dtype=int)), "") is None


@pytest.mark.parametrize("name", ["_hidden", r"$\frac{$", "长", "x" * 200])
def test_any_name_of_a_class_can_be_drawn(name, recwarn):
    named = MADE_UP._replace(classes=["other", name])
    assert f">{name[:23]}" in draw_chart(roc_chart(named, "")).svg
    assert f">{name[:13]}" in draw_chart(confusion_chart(named, "")).svg
    assert not recwarn.list
