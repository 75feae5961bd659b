"""Figures of an explanation: deletion and insertion curves beside a random order."""

import numpy as np
from matplotlib.figure import Figure

from dnaseq.io.results.explanation import RANDOM, Faithfulness
from dnaseq.report.charts.chart import Chart
from dnaseq.report.charts.drawing import COLOURS, GREY, Draw, legend, line_style, panel, series


def curve_charts(found: Faithfulness) -> list[Chart]:
    """Draw what the logit loses and gains by share of the bases: the method that is shown, and a random order."""
    shown = [one for one in found.methods if one.method in (found.method, RANDOM)]
    charts = []
    for kind, meaning in (("deletion", found.meaning_of_deletion), ("insertion", found.meaning_of_insertion)):
        numbers: dict[str, list] = {"order": [], "share": [], "mean": [], "low": [], "high": []}
        for method in shown:
            curve = method.deletion if kind == "deletion" else method.insertion
            numbers["order"] += [method.title] * len(curve.shares)
            numbers["share"] += curve.shares
            for part in ("mean", "low", "high"):
                numbers[part] += getattr(curve, part)
        charts.append(Chart(kind, f"{kind} curve of {found.title}", meaning, numbers, _drawing(kind)))
    return charts


def position_chart(sizes: np.ndarray) -> Chart:
    """Draw the mean size of the attributions at each position, (L,), of records of one length."""
    caption = (
        "Mean size of the attributions at each position, over all records: sites that lie at one place of every "
        "record stand out, and the bases between two of them can be counted."
    )
    numbers = {"position": list(range(len(sizes))), "size": sizes.tolist()}
    return Chart("positions", "mean size of the attributions by position", caption, numbers, _draw_positions)


def _draw_positions(numbers: dict[str, list]) -> Figure:
    figure, axes = panel("position, from 0", "mean size of the attribution")
    axes.plot(numbers["position"], numbers["size"], color=COLOURS[0], linewidth=1.4)
    axes.set_ylim(bottom=0)
    return figure


def _drawing(kind: str) -> Draw:
    quantity = "loss of the logit" if kind == "deletion" else "gain of the logit"
    bases = "replaced" if kind == "deletion" else "put back"

    def draw(numbers: dict[str, list]) -> Figure:
        figure, axes = panel(f"share of the bases {bases}", quantity)
        lines = []
        for i, (name, columns) in enumerate(series(numbers, "order")):
            style = line_style(i, name)
            x = np.concatenate([[0], columns["share"]])
            mean, low, high = (np.concatenate([[0], columns[part]]) for part in ("mean", "low", "high"))
            axes.fill_between(x, low, high, color=style["color"], alpha=0.15, linewidth=0)
            lines += axes.plot(x, mean, **style)
        axes.axhline(0, color=GREY, linewidth=0.8)
        legend(figure, lines)
        return figure

    return draw
