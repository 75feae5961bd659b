"""The parts that figures share: colours, panels, lines, legends and the forest plot."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

Draw = Callable[[dict[str, list]], Figure]  # from columns of numbers to the figure
# Okabe and Ito 2008, without yellow, which is too light for a line on white; black is the last
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
DASHES = ("-", "--", "-.", ":")  # a second sign beside the colour, and more lines than colours
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
GREY = "#777777"
WIDTH, ROW_HEIGHT = 4.4, 0.36  # inches
LONGEST_LABEL, LONGEST_NAME = 24, 52
SETTINGS: dict[Any, object] = {  # matplotlib types the keys as literals
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
    """Return a figure of one column's width, `height` in inches, with the names of its axes."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.add_subplot(xlabel=x, ylabel=y)


def square(x: str, y: str) -> tuple[Figure, Axes]:
    """Return a panel for shares and probabilities: both axes from 0 to 1."""
    figure, axes = panel(x, y, 4.0)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    return figure, axes


def named_rows(names: list[str], x: str, reference: float | None = None) -> tuple[Figure, Axes]:
    """Return a panel with one row a name, the first on top at y = 0. Names stand above their rows and may be long."""
    figure, axes = panel(x, "", 0.75 + ROW_HEIGHT * len(names))
    axes.set(ylim=(len(names) - 0.5, -0.85), yticks=[], axisbelow=True)
    axes.grid(axis="y", visible=False)
    axes.spines["left"].set_visible(False)
    for y, name in enumerate(names):
        # the box keeps lines from running through the letters; x is in shares of the axes, y in rows
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        place, text = axes.get_yaxis_transform(), shorten(name, LONGEST_NAME)
        axes.text(0, y - 0.36, text, fontsize=9, bbox=box, zorder=2, transform=place, va="center")
    if reference is not None:
        axes.axvline(reference, color=GREY, linewidth=1, linestyle="--", zorder=1)
    return figure, axes


def line_style(i: int, name: str) -> dict:
    """Return the colour, dashes and label of the i-th line."""
    return {
        "label": shorten(name, LONGEST_LABEL),
        "color": COLOURS[i % len(COLOURS)],
        "linestyle": DASHES[i % len(DASHES)],
        "linewidth": 1.6,
    }


def legend(figure: Figure, lines: Sequence[Artist], most: int = 3) -> None:
    """Draw the legend below the axes, where it hides nothing, in as many columns as have room, `most` at most."""
    labels = [str(line.get_label()) for line in lines]
    renderer = FigureCanvasAgg(figure).get_renderer()
    for columns in range(most, 0, -1):
        box = figure.legend(lines, labels, fontsize=9, loc="outside lower center", ncols=columns)
        if columns == 1 or box.get_window_extent(renderer).width <= figure.bbox.width:
            return
        box.remove()


def series(numbers: dict[str, list], by: str) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    """Yield the rows of each name in the column `by`, names in order of appearance; the other columns as numbers."""
    names = numbers[by]
    columns = {key: np.array(cells, dtype=float) for key, cells in numbers.items() if key != by}
    for name in dict.fromkeys(names):
        mine = np.array([other == name for other in names])
        yield name, {key: cells[mine] for key, cells in columns.items()}


def shorten(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def draw_forest(numbers: dict[str, list], x: str, reference: float | None) -> Figure:
    """Draw a forest plot: the first column names the rows, the second holds values, "low" and "high" their intervals.

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
