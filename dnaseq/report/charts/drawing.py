"""A forest plot: a value and its interval in each row, beside the value that would mean nothing."""

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

# Okabe and Ito 2008, without yellow, which is too light for a line on white; black is the last
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
DASHES = ("-", "--", "-.", ":")  # a second sign beside the colour, and more lines than colours
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
GREY = "#777777"
WIDTH, ROW_HEIGHT = 4.4, 0.36  # inches
LONGEST_LABEL, LONGEST_NAME = 24, 52
SETTINGS = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "dnaseq",  # the same figure is the same bytes
    "text.parse_math": False,  # a class may be called $x$
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "axes.axisbelow": True,
    "legend.frameon": False,
}


def panel(x: str, y: str, height: float = 3.2) -> tuple[Figure, Axes]:
    """A figure of one column's width, in inches, with the names of its axes."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.add_subplot(xlabel=x, ylabel=y)


def square(x: str, y: str) -> tuple[Figure, Axes]:
    """A panel for shares and probabilities: both axes from 0 to 1."""
    figure, axes = panel(x, y, 4.0)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    return figure, axes


def named_rows(names: list[str], x: str, reference: float | None = None) -> tuple[Figure, Axes]:
    """A panel with one row a name, the first on top at y = 0, and the name above its row, so that it may be long."""
    figure, axes = panel(x, "", 0.75 + ROW_HEIGHT * len(names))
    axes.set(ylim=(len(names) - 0.5, -0.85), yticks=[], axisbelow=True)
    axes.grid(axis="y", visible=False)
    axes.spines["left"].set_visible(False)
    for y, name in enumerate(names):
        label = {
            "facecolor": "white",
            "edgecolor": "none",
            "pad": 1,
        }  # so that no line runs through the letters
        place = {
            "transform": axes.get_yaxis_transform(),
            "va": "center",
        }  # x in shares of the axes, y in rows
        axes.text(0, y - 0.36, shortened(name, LONGEST_NAME), fontsize=9, bbox=label, zorder=2, **place)
    if reference is not None:
        axes.axvline(reference, color=GREY, linewidth=1, linestyle="--", zorder=1)
    return figure, axes


def line_style(i: int, name: str) -> dict:
    """Colour, dashes and label of the i-th line."""
    return {
        "label": shortened(name, LONGEST_LABEL),
        "color": COLOURS[i % len(COLOURS)],
        "linestyle": DASHES[i % len(DASHES)],
        "linewidth": 1.6,
    }


def legend(figure: Figure, lines: list[Line2D], columns: int | None = None) -> None:
    """Below the axes, where it hides nothing."""
    labels = [line.get_label() for line in lines]
    columns = columns or (3 if sum(map(len, labels)) <= 3 * LONGEST_LABEL / 2 else 2)
    figure.legend(lines, labels, fontsize=9, loc="outside lower center", ncols=columns)


def series(numbers: dict[str, list], by: str) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    """The rows of each name in the column `by`, names in order of appearance; the other columns as numbers."""
    names = numbers[by]
    columns = {key: np.array(cells, dtype=float) for key, cells in numbers.items() if key != by}
    for name in dict.fromkeys(names):
        mine = np.array([other == name for other in names])
        yield name, {key: cells[mine] for key, cells in columns.items()}


def shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


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
