"""Figures of experiments: lines for strands and arrangements, rows for motifs."""

import numpy as np
import pytest

from dnaseq.report.charts.chart import draw_chart
from dnaseq.report.charts.experiments import (
    MOST_MOTIFS,
    ablation_chart,
    insertion_chart,
    pair_chart,
    place_chart,
)
from dnaseq.schemas import AblatedMotif, Estimate, InsertedMotif


def ends(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    middle = np.linspace(-1, 1, n)
    return middle, middle - 0.5, middle + 0.5


def test_a_motif_has_a_line_a_strand_and_gaps_where_nothing_is_known():
    effects = ends(6)
    effects[0][2] = np.nan
    chart = place_chart("TGACTCA", "enhancer", ["+"] * 3 + ["-"] * 3, [0, 5, 10] * 2, effects)
    assert chart.numbers["effect"][2] is None
    svg = draw_chart(chart).svg
    assert "TGACTCA, + strand" in svg
    assert "TGACTCA, - strand" in svg


@pytest.mark.parametrize("arrangements", [4, 8])
def test_a_pair_has_a_line_an_arrangement_in_two_panels(arrangements):
    names = [f"A{i}+ B{i}-" for i in range(arrangements)]
    pairs = [name for name in names for _ in range(3)]
    chart = pair_chart("enhancer", pairs, [0, 1, 2] * arrangements, ends(len(pairs)), ends(len(pairs)))
    assert set(chart.numbers) == {
        *("pair", "distance", "effect", "low", "high", "extra_effect", "extra_low", "extra_high"),
    }
    svg = draw_chart(chart).svg
    assert all(name in svg for name in names)
    assert "extra of the pair" in svg


def test_long_motifs_keep_their_strands_in_the_legend():
    pairs = [f"{'A' * 30}{left} {'C' * 30}{right}" for left in "+-" for right in "+-"]
    svg = draw_chart(pair_chart("enhancer", pairs * 2, [0] * 4 + [1] * 4, ends(8), ends(8))).svg
    assert all(f"{'A' * 16}…{left} {'C' * 16}…{right}" in svg for left in "+-" for right in "+-")


def test_a_motif_without_controls_has_a_row_without_a_point():
    known, unknown = Estimate(1.5, 1.0, 2.0), Estimate(None, None, None)
    one = AblatedMotif("motif_1", 12, 14, known, unknown, known, unknown, unknown, None)
    chart = ablation_chart("enhancer", [one] * (MOST_MOTIFS + 1))
    assert len(chart.numbers["value"]) == 2 * MOST_MOTIFS
    assert chart.numbers["value"][:2] == [1.5, None]
    assert "motif_1: its sites (12 records)" in draw_chart(chart).svg


def test_an_inserted_motif_stands_beside_its_letters_in_another_order():
    effect, control = Estimate(1.5, 1.0, 2.0), Estimate(0.1, -0.1, 0.3)
    one = InsertedMotif("motif_1", "TGACTCA", 100, effect, control, effect, 0.01)
    chart = insertion_chart("enhancer", [one])
    assert chart.numbers["row"] == ["motif_1: TGACTCA", "motif_1: its letters in another order"]
    assert chart.numbers["value"] == [1.5, 0.1]
