"""Figures of variants and peaks."""

import re
from typing import NamedTuple

import numpy as np

from dnaseq.report.charts.chart import draw_chart
from dnaseq.report.charts.genome import gc_chart, saturation_chart, threshold_chart


class One(NamedTuple):
    name: str
    letters: str
    deltas: np.ndarray


def test_each_sequence_has_a_map_with_its_letters():
    deltas = np.array([[0, 1, -1, 0.5], [np.nan, np.nan, np.nan, np.nan]])
    chart = saturation_chart("enhancer", [One("first", "AN", deltas), One("second", "CCT", np.zeros((3, 4)))])
    assert chart.numbers["base"] == list("ANCCT")
    assert chart.numbers["position"] == [1, 2, 1, 2, 3]
    assert chart.numbers["C"] == [1, None, 0, 0, 0]
    svg = draw_chart(chart).svg
    assert "first" in svg
    assert "second" in svg


def test_sequences_without_any_number_are_drawn():
    assert draw_chart(saturation_chart("enhancer", [One("one", "NN", np.full((2, 4), np.nan))])).png


def test_peaks_and_composition_are_drawn():
    svg = draw_chart(threshold_chart([0.01, 0.1], [0, 1])).svg
    assert re.findall(r">([^<>\n]+)</text>", svg) == [
        "0.01",
        "0.1",
        "false discovery rate",
        "0",
        "1",
        "peaks",
    ]
    chart = gc_chart("enhancer", [0.25, 0.75], [1.0, None], [0.5, 0.25])
    assert chart.numbers["scanned"] == [1.0, None]
    assert "logit of enhancer" in draw_chart(chart).svg
