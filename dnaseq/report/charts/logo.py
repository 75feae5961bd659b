"""Sequence logos: letters whose height is an attribution, an information content or a contribution.

Letters are outlines of a font, not text, so that a height may be any number. Those of a negative value hang below the
axis (Schneider and Stephens 1990 drew the first logos; the signed ones follow Shrikumar et al. 2017).
"""

from collections.abc import Iterable
from functools import cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.textpath import TextPath

from dnaseq.report.charts.chart import Chart
from dnaseq.report.charts.drawing import GREY, WIDTH, Draw

BASES = "ACGT"
# green, blue, orange, red as in most logos, in tones that stay apart for readers with a colour vision deficiency
LETTER_COLOURS = {"A": "#009e73", "C": "#0072b2", "G": "#e69f00", "T": "#d55e00"}
LETTERS_A_ROW = 100  # of a record; more would be too narrow to read
WIDE = 2 * WIDTH  # inches
ROW = 1.1  # inches


def record_logo(
    name: str, title: str, caption: str, letters: str, values: np.ndarray, quantity: str = "attribution"
) -> Chart:
    """Draw the letters of one record, (L,) values as heights, in rows of LETTERS_A_ROW. Positions count from 0."""
    numbers: dict[str, list] = {"position": list(range(len(letters))), "base": list(letters)}
    numbers["value"] = values.astype(float).tolist()
    return Chart(name, title, caption, numbers, _record_drawing(quantity), wide=True)


def motif_logo(name: str, title: str, caption: str, heights: np.ndarray, quantity: str) -> Chart:
    """Draw a motif, (w, 4) heights of A, C, G and T at each position. Positions count from 1."""
    numbers: dict[str, list] = {"position": list(range(1, len(heights) + 1))}
    numbers |= {base: heights[:, i].astype(float).tolist() for i, base in enumerate(BASES)}
    return Chart(name, title, caption, numbers, _motif_drawing(quantity))


def information(counts: np.ndarray, pseudocount: float = 0.5) -> np.ndarray:
    """Compute heights in bits: (w, 4) counts -> (w, 4), the share of each base times the information of its position
    against equal shares."""
    shares = (counts + pseudocount) / (counts + pseudocount).sum(1, keepdims=True)
    return shares * (2 + (shares * np.log2(shares)).sum(1, keepdims=True))


def _record_drawing(quantity: str) -> Draw:
    def draw(numbers: dict[str, list]) -> Figure:
        values = np.array(numbers["value"], dtype=float)
        letters, n = numbers["base"], len(values)
        rows = max(1, -(-n // LETTERS_A_ROW))
        shown = LETTERS_A_ROW if rows > 1 else max(n, 1)
        figure = Figure(figsize=(WIDE, 0.5 + ROW * rows), layout="constrained")
        low, high = min(0.0, values.min(initial=0)), max(0.0, values.max(initial=0))
        room = 0.05 * (high - low) or 1.0
        for row in range(rows):
            first = row * LETTERS_A_ROW
            axes = figure.add_subplot(rows, 1, row + 1, xlim=(first - 0.5, first + shown - 0.5))
            stretch = range(first, min(first + LETTERS_A_ROW, n))
            _draw_letters(axes, ((letters[i], i, 0.0, values[i]) for i in stretch))
            axes.set(ylim=(low - room, high + room), ylabel=quantity if row == 0 else "")
            axes.grid(visible=False)
        axes.set_xlabel("position, from 0")
        return figure

    return draw


def _motif_drawing(quantity: str) -> Draw:
    def draw(numbers: dict[str, list]) -> Figure:
        heights = np.array([numbers[base] for base in BASES], dtype=float).T  # (w, 4)
        figure = Figure(figsize=(WIDTH, 1.7), layout="constrained")
        axes = figure.add_subplot(xlabel="position", ylabel=quantity)
        _draw_letters(axes, _stacked(heights))
        low = heights.clip(max=0).sum(1).min(initial=0)
        high = heights.clip(min=0).sum(1).max(initial=0) or 1.0
        axes.set(xlim=(0.4, len(heights) + 0.6), ylim=(low * 1.05, high * 1.05))
        axes.set_xticks(range(1, len(heights) + 1))
        axes.tick_params("x", labelsize=7)
        axes.grid(visible=False)
        return figure

    return draw


def _stacked(heights: np.ndarray) -> Iterable[tuple[str, int, float, float]]:
    """Stack the letters of each position away from the axis, the tallest outermost."""
    for at, column in enumerate(heights, start=1):
        for sign in (1, -1):
            foot = 0.0
            for i in np.argsort(sign * column, kind="stable"):
                if sign * column[i] > 0:
                    yield BASES[i], at, foot, float(column[i])
                    foot += float(column[i])


def _draw_letters(axes: Axes, letters: Iterable[tuple[str, int, float, float]]) -> None:
    """Draw (letter, position, foot, height) each, as one outline a kind of letter: a page holds thousands."""
    outlines: dict[str, list[Path]] = {}
    for letter, at, foot, height in letters:
        if height and letter in LETTER_COLOURS:
            shape = _outline(letter)
            places = np.asarray(shape.vertices) * [0.9, height] + [at - 0.45, foot]
            outlines.setdefault(letter, []).append(Path(places, shape.codes))
    for letter, paths in sorted(outlines.items()):
        outline = Path.make_compound_path(*paths)
        axes.add_patch(PathPatch(outline, facecolor=LETTER_COLOURS[letter], edgecolor="none"))
    axes.axhline(0, color=GREY, linewidth=0.6, zorder=0)


@cache
def _outline(letter: str) -> Path:
    """Return the outline of a letter in the unit square."""
    path = TextPath((0, 0), letter, size=1, prop=FontProperties(family="DejaVu Sans", weight="bold"))
    corners = np.asarray(path.vertices)
    low, high = corners.min(0), corners.max(0)
    return Path((corners - low) / (high - low), path.codes)
