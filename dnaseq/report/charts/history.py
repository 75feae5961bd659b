"""Learning curves: the losses and scores that were logged after each epoch."""

import math

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dnaseq.evaluation.metrics.names import METRICS
from dnaseq.report.charts.chart import Chart
from dnaseq.report.charts.drawing import MARKERS, Draw, legend, line_style, panel

MOST_LINES = 6
MORE = ("pearson", "spearman")  # of runs that predict numbers
UNBOUNDED = ("log_loss",)  # scores that do not fit on an axis with the others


def history_charts(history: dict[str, list[float]]) -> list[Chart]:
    """Draw the losses and the scores of history.csv against the epoch, as far as they were logged."""
    known = [name for name, values in history.items() if not all(map(math.isnan, values))]
    losses = [name for name in known if name.endswith("/loss")]
    bounded = [metric for metric in (*METRICS, *MORE) if metric not in UNBOUNDED]
    scores = [name for name in known if "/" in name and name.split("/")[1] in bounded]
    return [
        _chart(history, columns[:MOST_LINES], quantity)
        for columns, quantity in ((losses, "loss"), (scores, "score"))
        if columns
    ]


def _chart(history: dict[str, list[float]], columns: list[str], quantity: str) -> Chart:
    epochs = [int(e) for e in history.get("epoch") or range(len(history[columns[0]]))]
    if 0 in epochs:  # earlier versions count from 0
        epochs = [e + 1 for e in epochs]
    values = {c: [None if math.isnan(v) else v for v in history[c]] for c in columns}
    numbers = {"epoch": epochs} | values
    title = f"{quantity} by epoch: {', '.join(columns)}"
    return Chart(f"learning_{quantity}", title, "", numbers, _drawing(quantity))


def _drawing(quantity: str) -> Draw:
    def draw(numbers: dict[str, list]) -> Figure:
        figure, axes = panel("epoch", quantity)
        lines: list[Line2D] = []
        for i, (name, values) in enumerate((n, v) for n, v in numbers.items() if n != "epoch"):
            points = [(e, v) for e, v in zip(numbers["epoch"], values, strict=True) if v is not None]
            style = line_style(i, name) | {"marker": MARKERS[i % len(MARKERS)], "markersize": 4}
            lines += axes.plot(*zip(*points, strict=True), **style)
        axes.locator_params("x", integer=True)
        legend(figure, lines)
        return figure

    return draw
