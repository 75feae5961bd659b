"""Logos: what is drawn is what was given, letters of any sign, and bits of known columns."""

import re

import numpy as np
import pytest
from matplotlib.colors import to_hex

from dnaseq.report.charts.chart import draw_chart
from dnaseq.report.charts.logo import LETTER_COLOURS as COLOURS
from dnaseq.report.charts.logo import LETTERS_A_ROW, information, motif_logo, record_logo


def test_a_column_of_one_base_has_two_bits_and_an_even_one_none():
    counts = np.array([[1e6, 0, 0, 0], [25, 25, 25, 25], [50, 50, 0, 0]])
    bits = information(counts, pseudocount=1e-9)
    np.testing.assert_allclose(bits[0], [2, 0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(bits[1], 0, atol=1e-9)
    np.testing.assert_allclose(bits[2], [0.5, 0.5, 0, 0], atol=1e-6)  # 1 bit, shared by two bases


@pytest.mark.parametrize("length", [1, LETTERS_A_ROW, LETTERS_A_ROW + 1])
def test_every_letter_of_a_record_is_in_the_numbers(length):
    values = np.linspace(-1, 1, length)
    drawn = draw_chart(
        record_logo("one", "title", "caption", "ACGT" * length, values[: 4 * length].repeat(4))
    )
    rows = drawn.csv.splitlines()
    assert rows[0] == "position,base,value"
    assert len(rows) == 1 + 4 * length
    assert rows[1].startswith("0,A,")


def test_only_letters_with_a_height_are_drawn():
    svg = draw_chart(record_logo("one", "title", "caption", "AACNT", np.array([0, 1, -1, 5, 0.0]))).svg
    drawn = {base for base, colour in COLOURS.items() if f"fill: {colour}" in svg}
    assert drawn == {"A", "C"}  # T has no height, and N is no base


def test_letters_of_a_motif_stand_on_each_other_the_tallest_outermost():
    chart = motif_logo("m", "title", "caption", np.array([[0.2, 1.0, -0.5, -0.1]]), "contribution")
    found = {}
    for patch in chart.draw(chart.numbers).axes[0].patches:
        extents = patch.get_path().get_extents()
        found[to_hex(patch.get_facecolor())] = (extents.y0, extents.y1)
    due = {"A": (0, 0.2), "C": (0.2, 1.2), "T": (-0.1, 0), "G": (-0.6, -0.1)}
    assert found == {COLOURS[base]: pytest.approx(span) for base, span in due.items()}


def test_an_empty_record_and_a_flat_one_are_drawn():
    for letters, values in (("", np.zeros(0)), ("ACGT", np.zeros(4))):
        assert re.search("<svg", draw_chart(record_logo("one", "t", "c", letters, values)).svg)
