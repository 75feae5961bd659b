"""Scores of test records by their length or GC content: does the model hold over the whole range?"""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dnaseq.evaluation.intervals.bootstrap import wilson
from dnaseq.evaluation.metrics.classification import scores
from dnaseq.evaluation.metrics.names import metric_title
from dnaseq.report.charts.chart import Chart
from dnaseq.report.charts.drawing import COLOURS, MARKERS, Draw, legend, panel
from dnaseq.report.inputs.predictions import Predictions

MOST_BINS, SMALLEST_BIN = 5, 40  # records; fewer give intervals too wide to show a trend
FEWEST_OF_A_CLASS = 10  # below it a bin shows no AUROC
MOST_SCORED = 20_000  # records of a bin; of more, this many are drawn, to save time: the interval is narrow
RESAMPLES = 200  # enough for a line in a picture
METRICS = {metric: metric_title(metric) for metric in ("accuracy", "auroc")}


def stratum_chart(
    predictions: Predictions, values: np.ndarray, name: str, quantity: str, caption: str
) -> Chart | None:
    """Draw accuracy and AUROC, with 95 % intervals, in quantile bins of (n,) `values`; None with one bin only.

    AUROC by a bootstrap in which groups of like records, where known, are drawn whole; accuracy by Wilson's interval.
    """
    known = ~np.isnan(values)
    edges = bin_edges(values[known])
    if len(edges) < 3:
        return None
    number = np.searchsorted(edges[1:-1], values, side="right")
    numbers: dict[str, list] = {key: [] for key in _columns()}
    for b in range(len(edges) - 1):
        rows = np.flatnonzero(known & (number == b))
        found = _score_bin(predictions, rows) if rows.size else {}
        cells = {"from": float(edges[b]), "to": float(edges[b + 1]), "records": len(rows)} | found
        for key, column in numbers.items():
            column.append(cells.get(key))
    return Chart(f"score_by_{name}", f"scores by {quantity}", caption, numbers, _drawing(quantity))


def bin_edges(values: np.ndarray) -> np.ndarray:
    """Return the edges of at most MOST_BINS bins of about equal size, each of SMALLEST_BIN records or more.

    Ties stay together.
    """
    bins = min(MOST_BINS, len(values) // SMALLEST_BIN)
    return np.unique(np.quantile(values, np.linspace(0, 1, bins + 1))) if bins else np.array([])


def _columns() -> list[str]:
    return ["from", "to", "records", *[f"{m}{end}" for m in METRICS for end in ("", "_low", "_high")]]


def _score_bin(p: Predictions, rows: np.ndarray) -> dict[str, float | None]:
    if len(rows) > MOST_SCORED:
        rows = np.sort(np.random.default_rng(0).choice(rows, MOST_SCORED, replace=False))
    right = float((p.labels[rows] == p.truth[rows]).mean())  # of labels, by whatever threshold
    low, high = wilson(right, len(rows))
    cells: dict[str, float | None] = {
        "accuracy": right,
        "accuracy_low": float(low),
        "accuracy_high": float(high),
    }
    if np.bincount(p.truth[rows], minlength=len(p.classes)).min() < FEWEST_OF_A_CLASS:
        return cells
    groups = np.array(p.groups)[rows] if p.groups else None
    found = scores(p.truth[rows], p.probabilities[rows], p.classes, resamples=RESAMPLES, groups=groups)
    auroc = found["auroc"]
    return cells | {"auroc": auroc.value, "auroc_low": auroc.low, "auroc_high": auroc.high}


def _drawing(quantity: str) -> Draw:
    def draw(numbers: dict[str, list]) -> Figure:
        figure, axes = panel(quantity, "score", 3.4)
        at = np.arange(len(numbers["from"]))
        lines: list[Line2D] = []
        for i, (metric, name) in enumerate(METRICS.items()):
            y, low, high = (np.array(numbers[metric + end], dtype=float) for end in ("", "_low", "_high"))
            x, colour = at + (i - 0.5) * 0.22, COLOURS[i]
            axes.vlines(x, low, high, color=colour, linewidth=1.4)
            lines += axes.plot(x, y, linestyle="none", color=colour, marker=MARKERS[i], label=name)
        digits = ".2f" if numbers["to"][-1] <= 1 else ".0f"
        edges = zip(numbers["from"], numbers["to"], numbers["records"], strict=True)
        axes.set_xticks(
            at, [f"{low:{digits}}–{high:{digits}}\nn = {n}" for low, high, n in edges], fontsize=8
        )
        axes.grid(axis="x", visible=False)
        axes.set_xlim(-0.5, len(at) - 0.5)
        legend(figure, lines)
        return figure

    return draw
