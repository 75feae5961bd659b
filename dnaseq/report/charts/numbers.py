"""Figures of predicted numbers: predicted against true, and residuals."""

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from dnaseq.report.charts.chart import Chart
from dnaseq.report.charts.drawing import COLOURS, GREY, Draw, panel
from dnaseq.report.inputs.predictions import PredictedNumbers

MOST_POINTS = 1_000  # of more records the numbers in the cells of a grid are drawn
CELLS = 50  # of the grid, along each axis
SQUARE = 18  # area of a cell in square points: the axes are about 250 by 230


def agreement_chart(p: PredictedNumbers, target: int, caption: str) -> Chart:
    """Draw the predicted value of a target against the true one."""
    name = p.targets[target]
    numbers = cloud(p.truth[:, target], p.values[:, target], ("true", "predicted"))
    title = f"{name}: predicted against true"
    return Chart(f"predicted_against_true_{target + 1}", title, caption, numbers, _drawing(name, True))


def residual_chart(p: PredictedNumbers, target: int, caption: str) -> Chart:
    """Draw predicted less true value of a target against the predicted one."""
    name = p.targets[target]
    residuals = p.values[:, target] - p.truth[:, target]
    numbers = cloud(p.values[:, target], residuals, ("predicted", "residual"))
    title = f"{name}: residuals"
    return Chart(f"residuals_{target + 1}", title, caption, numbers, _drawing(name, False))


def cloud(x: np.ndarray, y: np.ndarray, names: tuple[str, str]) -> dict[str, list]:
    """Return the points; of many points the middles of the cells that hold some, with "records", their number."""
    if len(x) <= MOST_POINTS:
        return {names[0]: x.tolist(), names[1]: y.tolist()}
    counts, *edges = np.histogram2d(x, y, bins=CELLS)
    filled = np.nonzero(counts)
    middles = (((e[1:] + e[:-1]) / 2)[at].tolist() for e, at in zip(edges, filled, strict=True))
    return dict(zip(names, middles, strict=True)) | {"records": counts[filled].astype(int).tolist()}


def _drawing(target: str, diagonal: bool) -> Draw:
    def draw(numbers: dict[str, list]) -> Figure:
        x, y, *counts = numbers
        ends = {"true": f"true {target}", "predicted": f"predicted {target}", "residual": "predicted − true"}
        figure, axes = panel(ends[x], ends[y], 3.8)
        across, up = np.array(numbers[x]), np.array(numbers[y])
        if counts:
            norm = LogNorm(vmin=0.3, vmax=max(numbers["records"]))
            axes.scatter(across, up, c=numbers["records"], s=SQUARE, marker="s", cmap="Blues", norm=norm)
        else:
            axes.scatter(across, up, s=12, color=COLOURS[0], alpha=0.5, linewidths=0)
        if diagonal:
            axes.axline((across.mean(), across.mean()), slope=1, color=GREY, linewidth=1)
        else:
            axes.axhline(0, color=GREY, linewidth=1)
        return figure

    return draw
