"""A forest plot: a value and its interval in each row, beside the value that would mean nothing."""

import numpy as np
from matplotlib.figure import Figure

from dnaseq.report.drawing import COLOURS, named_rows


def draw_forest(numbers: dict[str, list], x: str, reference: float | None) -> Figure:
    """The first column names the rows, the second holds the values; "low" and "high" their intervals.

    An interval that holds the reference has a hollow point, another a filled one.
    """
    names, values = list(numbers.values())[:2]
    low, high = np.array(numbers["low"], dtype=float), np.array(numbers["high"], dtype=float)
    figure, axes = named_rows(names, x, reference)
    y = np.arange(len(names))
    axes.hlines(y, low, high, color=COLOURS[0], linewidth=1.6)
    apart = (low > reference) | (high < reference) if reference is not None else np.ones(len(y), dtype=bool)
    faces = np.where(apart, COLOURS[0], "white")
    axes.scatter(values, y, s=30, color=faces, edgecolor=COLOURS[0], linewidth=1.4, zorder=3)
    return figure
