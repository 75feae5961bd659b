"""Figures of labelled bases: the confusion matrix, and both labels along the first records."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from dnaseq.report.charts.chart import Chart
from dnaseq.report.charts.drawing import COLOURS, WIDTH, legend, named_rows
from dnaseq.report.charts.predictions import draw_confusion
from dnaseq.report.inputs.predictions import PredictedBases

FIRST_RECORDS, FIRST_BASES = 8, 2_000  # that a strip shows
LANES = {"truth": -0.12, "called": 0.2}  # rows from the middle of a record's row, downwards
ROW = 0.55  # inches
THIN, THICK = 0.06, 0.24  # of a line, in rows: a second sign beside the colour


def base_confusion_chart(p: PredictedBases, classes: list[str], caption: str) -> Chart:
    """Draw the bases by true class (rows) and predicted class (columns)."""
    counts = base_confusion(p, classes)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    numbers = {
        "truth": [name for name in classes for _ in classes],
        "called": [name for _ in classes for name in classes],
        "bases": counts.ravel().tolist(),
        "share_of_truth": shares.ravel().tolist(),
    }
    draw = _draw_base_confusion
    return Chart("confusion", "confusion matrix of the bases", caption, numbers, draw)


def base_confusion(p: PredictedBases, classes: list[str]) -> np.ndarray:
    """Return (C, C) bases: rows are the true class, columns the predicted class."""
    letters = np.array(classes, dtype="S1")
    truth, called = (np.concatenate(rows) if rows else np.zeros(0, "S1") for rows in (p.truth, p.called))
    return np.array([[np.sum((truth == t) & (called == c)) for c in letters] for t in letters])


def strip_chart(p: PredictedBases, classes: list[str], caption: str) -> Chart:
    """Draw the true and the predicted label along the first records, as stretches of one label."""
    numbers: dict[str, list] = {name: [] for name in ("record", "labels", "class", "start", "end")}
    for i in range(min(len(p.ids), FIRST_RECORDS)):
        for labels, letters in (("truth", p.truth[i]), ("called", p.called[i])):
            for letter, start, end in stretches(letters[:FIRST_BASES]):
                row = (f"{i + 1}. {p.ids[i]}", labels, letter, start, end)
                for column, cell in zip(numbers.values(), row, strict=True):
                    column.append(cell)
    title = "true and predicted labels along the first records"
    return Chart("labels_along_records", title, caption, numbers, lambda n: draw_strips(n, classes))


def stretches(letters: np.ndarray) -> list[tuple[str, int, int]]:
    """Return the runs of one letter: (letter, start, end), 0-based and half-open."""
    starts = np.flatnonzero(np.concatenate([[True], letters[1:] != letters[:-1]]))
    ends = [*starts[1:].tolist(), len(letters)]
    return [(letters[s].decode(), s, e) for s, e in zip(starts.tolist(), ends, strict=True)]


def draw_strips(numbers: dict[str, list], classes: list[str]) -> Figure:
    """Draw two lines for each record, the true labels on top. A class has a colour and a thickness."""
    records = list(dict.fromkeys(numbers["record"]))
    figure, axes = named_rows(records, "position (bases)")
    figure.set_size_inches(WIDTH, 0.9 + ROW * len(records))
    thickness = np.linspace(THIN, THICK, len(classes))
    for i, (name, thick) in enumerate(zip(classes, thickness, strict=True)):
        _draw_class(axes, numbers, records, name, float(thick), COLOURS[i % len(COLOURS)])
    axes.set_xlim(0, max(numbers["end"]))
    patches = [Patch(color=COLOURS[i % len(COLOURS)], label=name) for i, name in enumerate(classes)]
    legend(figure, patches, most=6)
    return figure


def _draw_class(
    axes: Axes, numbers: dict[str, list], records: list[str], name: str, thick: float, colour: str
) -> None:
    cells = zip(*numbers.values(), strict=True)
    mine = [(r, labels, s, e) for r, labels, letter, s, e in cells if letter == name]
    for y, record in enumerate(records):
        for labels, lane in LANES.items():
            bars = [(s, e - s) for r, which, s, e in mine if (r, which) == (record, labels)]
            axes.broken_barh(bars, (y + lane + (THICK - thick) / 2, thick), facecolors=colour)


def _draw_base_confusion(numbers: dict[str, list]) -> Figure:
    return draw_confusion(numbers | {"records": numbers["bases"]})
