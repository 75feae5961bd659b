"""Figures of peaks in a genome: how many there are at other thresholds, and scores by the share of G and C."""

import numpy as np
from matplotlib.figure import Figure

from dnaseq.report.charts.chart import Chart
from dnaseq.report.charts.drawing import legend, line_style, panel


def threshold_chart(rates: list[float], peaks: list[int]) -> Chart:
    """Draw the number of peaks at each false discovery rate."""
    numbers: dict[str, list] = {"rate": rates, "peaks": peaks}
    caption = "Peaks at each false discovery rate of windows. Windows overlap, so rates are of windows, not of peaks."
    return Chart("thresholds", "peaks at other thresholds", caption, numbers, _draw_thresholds)


def gc_chart(
    target: str, shares: list[float], scanned: list[float | None], shuffled: list[float | None]
) -> Chart:
    """Draw the highest logits, the 99th percentile, of scanned and of shuffled windows by their share of G and C."""
    numbers: dict[str, list] = {"gc": shares, "scanned": scanned, "shuffled": shuffled}
    caption = (
        f"Logit of {target} that 1 in 100 windows exceeds, by the share of G and C. Where both lines are alike, the "
        "model sees nothing there but composition."
    )
    return Chart(
        "by_gc", "scores by share of G and C", caption, numbers, lambda given: _draw_gc(given, target)
    )


def _draw_thresholds(numbers: dict[str, list]) -> Figure:
    figure, axes = panel("false discovery rate", "peaks")
    axes.plot(numbers["rate"], numbers["peaks"], marker="o")
    axes.set(xscale="log", ylim=(0, None))
    return figure


def _draw_gc(numbers: dict[str, list], target: str) -> Figure:
    figure, axes = panel("share of G and C", f"logit of {target}", 3.6)
    lines = [
        *axes.plot(numbers["gc"], np.array(numbers["scanned"], dtype=float), **line_style(0, "genome")),
        *axes.plot(numbers["gc"], np.array(numbers["shuffled"], dtype=float), **line_style(1, "shuffled")),
    ]
    legend(figure, lines)
    return figure
