"""Figures of variants and peaks: heat maps of substitutions, peaks at other thresholds, scores by composition."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter

from dnaseq.report.charts.chart import Chart
from dnaseq.report.charts.drawing import LONGEST_NAME, legend, line_style, panel, shorten

MOST_SEQUENCES, MOST_BASES = 8, 400  # that are drawn
_BASES = "ACGT"
_WIDTH, _HEIGHT = 9.0, 1.5  # inches, of all and of each sequence
_FEW = 60  # bases that are still written below the columns


class Substituted(Protocol):
    """A sequence and the effects of its substitutions, (L, 4) of A, C, G and T; NaN where nothing is known."""

    @property
    def name(self) -> str: ...

    @property
    def letters(self) -> str: ...

    @property
    def deltas(self) -> np.ndarray: ...


def saturation_chart(target: str, sequences: Sequence[Substituted]) -> Chart:
    """Draw a heat map of each sequence, all with one scale."""
    names = [one.name for one in sequences for _ in one.letters]
    numbers: dict[str, list] = {"sequence": names}
    numbers["position"] = [place for one in sequences for place in range(1, len(one.letters) + 1)]
    numbers["base"] = [letter for one in sequences for letter in one.letters]
    for i, base in enumerate(_BASES):
        column = (delta for one in sequences for delta in one.deltas[:, i].tolist())
        numbers[base] = [delta if np.isfinite(delta) else None for delta in column]
    caption = (
        f"Change of the logit of {target} by each substitution. Positions count from 1; white is no change, as is the "
        "base that is there."
    )
    return Chart("saturation", "effect of every substitution", caption, numbers, _draw_maps, wide=True)


def _draw_maps(numbers: dict[str, list]) -> Figure:
    names = list(dict.fromkeys(numbers["sequence"]))
    figure = Figure(figsize=(_WIDTH, 0.6 + _HEIGHT * len(names)), layout="constrained")
    deltas = np.array([numbers[base] for base in _BASES], dtype=float)  # (4, all positions), None is NaN
    most = float(np.nanmax(np.abs(deltas), initial=0.0)) or 1.0
    for axes, name in zip(figure.subplots(len(names), squeeze=False)[:, 0], names, strict=True):
        mine = np.array([other == name for other in numbers["sequence"]])
        letters = [letter for letter, own in zip(numbers["base"], mine, strict=True) if own]
        image = axes.imshow(
            deltas[:, mine], cmap="RdBu_r", vmin=-most, vmax=most, aspect="auto", interpolation="none",
            extent=(0.5, len(letters) + 0.5, 3.5, -0.5),
        )  # fmt: skip
        axes.grid(visible=False)
        axes.set(yticks=range(4), yticklabels=list(_BASES))
        axes.set_title(shorten(name, LONGEST_NAME), loc="left", fontsize=9)
        if len(letters) <= _FEW:
            axes.set_xticks(range(1, len(letters) + 1), letters, fontsize=7)
    figure.colorbar(image, ax=figure.axes, label="change of the logit", fraction=0.03)
    return figure


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
    axes.xaxis.set_major_formatter("{x:g}")  # matplotlib's own writes powers as formulas
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def _draw_gc(numbers: dict[str, list], target: str) -> Figure:
    figure, axes = panel("share of G and C", f"logit of {target}", 3.6)
    lines = [
        *axes.plot(numbers["gc"], np.array(numbers["scanned"], dtype=float), **line_style(0, "genome")),
        *axes.plot(numbers["gc"], np.array(numbers["shuffled"], dtype=float), **line_style(1, "shuffled")),
    ]
    legend(figure, lines)
    return figure
