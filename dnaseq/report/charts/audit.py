"""Figures of the data: GC content and length by class, bases at positions, scores of shortcuts."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dnaseq.audit_record import ClassComposition, Positions, Shortcuts, Spread
from dnaseq.report.charts.chart import Chart
from dnaseq.report.charts.drawing import (
    COLOURS,
    DASHES,
    WIDTH,
    Draw,
    draw_forest,
    legend,
    named_rows,
    series,
    shorten,
)

QUANTILES = ("q05", "q25", "median", "q75", "q95")
MOST_PANELS = 4  # classes
BASES = "ACGT"


def spread_chart(
    composition: dict[str, dict[str, ClassComposition]], key: str, name: str, quantity: str
) -> Chart | None:
    """Draw the quantiles of "gc" or "lengths" by label and split; None where all records have one value."""
    found: list[tuple[str, str, int, Spread]] = [
        (class_name, part, facts.records, getattr(facts, key))
        for class_name in dict.fromkeys(c for classes in composition.values() for c in classes)
        for part, classes in composition.items()
        if part != "dropped"
        if (facts := classes.get(class_name)) and getattr(facts, key).median is not None
    ]
    if len({end for *_, spread in found for end in (spread.min, spread.max)}) < 2:
        return None
    labels = ("class", "part", "records")
    numbers = {label: [row[i] for row in found] for i, label in enumerate(labels)}
    numbers |= {q: [getattr(spread, q) for *_, spread in found] for q in (*QUANTILES, "mean")}
    caption = "Thin line: 5 to 95 % of the records; thick line: the middle half; point: median; cross: mean."
    return Chart(name, f"{quantity} by label and split", caption, numbers, _spread_drawing(quantity))


def position_chart(positions: Positions) -> Chart:
    """Draw the shares of the bases at each position, a panel a class; the CSV has every class."""
    numbers: dict[str, list] = {"class": [], "position": []} | {base: [] for base in BASES}
    for name, shares in positions.shares.items():
        for at, share in enumerate(shares, 1):
            for column, cell in zip(numbers.values(), (name, at, *share), strict=True):
                column.append(cell)
    greatest = positions.greatest
    caption = (
        f"The classes differ most at position {greatest.position} of {positions.length}: a total variation "
        f"distance of {greatest.distance:.3f} between {' and '.join(greatest.classes)} (0 is none, 1 is all)."
    )
    return Chart("bases_by_position", "bases by position and class", caption, numbers, draw_positions)


def shortcut_chart(shortcuts: Shortcuts, names: dict[str, str]) -> Chart | None:
    """Draw the AUROC of each shortcut with its interval, named by `names`; None where none is known."""
    known = {
        name: ends
        for name, scores in shortcuts.items()
        if "auroc" in scores and (ends := scores["auroc"].known)
    }
    if not known:
        return None
    numbers: dict[str, list] = {"shortcut": [names.get(name, name) for name in known]}
    numbers |= {key: [ends[i] for ends in known.values()] for i, key in enumerate(("auroc", "low", "high"))}
    caption = (
        "Lines are 95 % intervals; the broken line is chance. A model does not see the place of a record in its file "
        "or its id; what the others reach it must beat."
    )
    title = "AUROC of shortcuts"
    return Chart("shortcuts", title, caption, numbers, lambda n: draw_forest(n, "AUROC", 0.5))


def _spread_drawing(quantity: str) -> Draw:
    def draw(numbers: dict[str, list]) -> Figure:
        labels = zip(numbers["class"], numbers["part"], numbers["records"], strict=True)
        names = [f"{shorten(c, 30)}, {part} (n = {n})" for c, part, n in labels]
        figure, axes = named_rows(names, quantity)
        y = np.arange(len(names))
        order = list(dict.fromkeys(numbers["class"]))
        colours = [COLOURS[order.index(c) % len(COLOURS)] for c in numbers["class"]]
        axes.hlines(y, numbers["q05"], numbers["q95"], color=colours, linewidth=1.2)
        axes.hlines(y, numbers["q25"], numbers["q75"], color=colours, linewidth=5)
        axes.scatter(numbers["median"], y, s=42, color="white", edgecolor=colours, linewidth=1.6, zorder=3)
        axes.scatter(numbers["mean"], y, s=26, color="black", marker="x", linewidth=1.1, zorder=4)
        return figure

    return draw


def draw_positions(numbers: dict[str, list]) -> Figure:
    curves = list(series(numbers, "class"))[:MOST_PANELS]
    figure = Figure(figsize=(WIDTH, 0.6 + 1.7 * len(curves)), layout="constrained")
    panels = figure.subplots(len(curves), sharex=True, sharey=True, squeeze=False)[:, 0]
    for axes, (name, columns) in zip(panels, curves, strict=True):
        lines: list[Line2D] = []
        for i, base in enumerate(BASES):
            style = {"color": COLOURS[i], "linestyle": DASHES[i], "linewidth": 1.1, "label": base}
            lines += axes.plot(columns["position"], columns[base], **style)
        axes.set_title(shorten(name, 40), fontsize=10, loc="left")
        axes.set_ylabel("share")
    panels[-1].set_xlabel("position")
    legend(figure, lines, most=4)
    return figure
