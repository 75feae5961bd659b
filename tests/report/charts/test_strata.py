"""Scores by length and GC content."""

import numpy as np
import pytest

from dnaseq.report.charts.strata import bin_edges, stratum_chart
from dnaseq.report.inputs.predictions import Predictions

HALF = np.array([0] * 50 + [1] * 50)


def predictions(p: np.ndarray, truth: np.ndarray) -> Predictions:
    ids, n = [f"r{i}" for i in range(len(p))], len(p)
    labels = (p >= 0.5).astype(int)
    return Predictions(ids, ["a", "b"], labels, truth, np.stack([1 - p, p], axis=1), 0, np.full(n, 9))


def numbers(p: np.ndarray, truth: np.ndarray, values: np.ndarray) -> dict:
    return stratum_chart(predictions(p, truth), values, "gc", "GC content", "").numbers


def test_a_score_that_only_follows_gc_content_has_no_auroc_within_a_bin():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 2000)
    gc = np.clip(0.4 + 0.1 * truth + rng.normal(0, 0.1, 2000), 0.01, 0.99)
    found = numbers(gc, truth, gc)
    assert found["records"] == [400] * 5
    assert max(found["auroc"][1:-1]) < 0.6  # 0.76 over all bins; the outer ones are wide


def test_bins_of_few_records_of_a_class_show_no_auroc():
    truth = np.concatenate([HALF, [0] * 91 + [1] * 9])
    values = np.arange(200.0)
    found = numbers(np.linspace(0.01, 0.99, 200), truth, values)
    counts = [np.bincount(truth[i : i + 40], minlength=2).min() for i in range(0, 200, 40)]
    assert [auroc is not None for auroc in found["auroc"]] == [count >= 10 for count in counts]
    assert None not in found["accuracy"]


def test_accuracy_is_that_of_the_records_of_the_bin():
    truth = np.tile([0, 1], 40)
    p = np.where(np.arange(80) < 40, truth * 0.8 + 0.1, 0.9)  # all right below 40, half right above
    assert numbers(p, truth, np.arange(80.0))["accuracy"] == [1.0, 0.5]


@pytest.mark.parametrize(
    ("values", "edges"),
    [
        (np.full(400, 200.0), [200]),
        (np.arange(1, 80.0), [1, 79]),
        (np.arange(101.0), [0, 50, 100]),
        (np.concatenate([np.full(200, 7.0), np.arange(8, 208.0)]), [7, 47.8, 127.4, 207]),
        (np.array([]), []),
    ],
)
def test_bins_are_of_equal_size_and_ties_stay_together(values, edges):
    assert bin_edges(values) == pytest.approx(np.array(edges), abs=1)


def test_one_bin_is_no_figure():
    p = np.linspace(0.01, 0.99, 100)
    assert stratum_chart(predictions(p, HALF), np.full(100, 200.0), "length", "length", "") is None


def test_records_without_a_base_are_in_no_bin():
    values = np.concatenate([np.arange(90.0), np.full(10, np.nan)])
    assert sum(numbers(np.linspace(0.01, 0.99, 100), HALF, values)["records"]) == 90
