"""Figures of experiments: the effect of a motif by place, of a pair by distance, and of scrambled sites."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from dnaseq.report.charts.chart import Chart
from dnaseq.report.charts.drawing import COLOURS, GREY, WIDTH, draw_forest, legend, line_style, panel, series
from dnaseq.schemas import AblatedMotif, Estimate, InsertedMotif

Ends = tuple[np.ndarray, np.ndarray, np.ndarray]  # (m,) values, and low and high ends of their intervals
MOST_MOTIFS = 20  # rows of the figure of scrambled sites
_LONGEST_WORD = 18  # letters of a motif in the name of a line, its strand included
_FEW = 4  # lines with a band each; of more, the bands would hide the lines


def place_chart(motif: str, target: str, strands: list[str], starts: list[int], effects: Ends) -> Chart:
    """Draw the effect of a motif, with its interval, at each start, a line a strand."""
    names = [f"{motif}, {strand} strand" for strand in strands]
    numbers: dict[str, list] = {"motif": names, "start": starts, **_ends(effects)}
    caption = f"{_added(target)} by {motif} at each place: mean over backgrounds with its 95 % interval."
    return Chart("insertion", f"effect of {motif} by place", caption, numbers, _draw_places)


def pair_chart(target: str, pairs: list[str], distances: list[int], effect: Ends, extra: Ends) -> Chart:
    """Draw the effect of two motifs, and below it what the pair adds to the two alone, by the bases between them, a
    line an arrangement."""
    numbers: dict[str, list] = {"pair": pairs, "distance": distances}
    numbers |= _ends(effect) | {f"extra_{name}": cells for name, cells in _ends(extra).items()}
    caption = (
        f"{_added(target)} by two motifs, and below it what the pair adds to the sum of the two alone, by the bases "
        "between them: mean over backgrounds with its 95 % interval. Extra of 0: each acts on its own."
    )
    return Chart("insertion", "effect of a pair by distance", caption, numbers, _draw_pairs)


def ablation_chart(target: str, motifs: list[AblatedMotif]) -> Chart:
    """Draw the mean change by scrambling the sites of the first motifs, and by scrambling their control stretches."""
    rows = [
        (f"{motif.motif}: {what} ({motif.records} records)", estimate)
        for motif in motifs[:MOST_MOTIFS]
        for what, estimate in (("its sites", motif.change), ("control stretches", motif.control_change))
    ]
    caption = f"Change of the logit of {target} by scrambling, up or down: mean over records with its 95 % interval."
    x = f"change of the logit of {target}"
    return _forest("ablation", "change by scrambling motifs", caption, x, rows)


def insertion_chart(target: str, motifs: list[InsertedMotif]) -> Chart:
    """Draw what the first motifs add to backgrounds, and what their letters in another order add."""
    rows = [
        (f"{motif.motif}: {what}", estimate)
        for motif in motifs[:MOST_MOTIFS]
        for what, estimate in (
            (motif.letters, motif.effect),
            ("its letters in another order", motif.control_effect),
        )
    ]
    caption = f"{_added(target)} by each motif: mean over backgrounds with its 95 % interval."
    return _forest("motif_insertion", "effect of motifs in backgrounds", caption, _added(target), rows)


def _forest(name: str, title: str, caption: str, x: str, rows: list[tuple[str, Estimate]]) -> Chart:
    numbers: dict[str, list] = {
        "row": [row for row, _ in rows],
        "value": [estimate.value for _, estimate in rows],
        "low": [estimate.low for _, estimate in rows],
        "high": [estimate.high for _, estimate in rows],
    }
    return Chart(name, title, caption, numbers, lambda given: draw_forest(given, x, None))


def _added(target: str) -> str:
    return f"Logit of {target} that is added"


def _ends(means: Ends) -> dict[str, list]:
    return {
        name: [float(one) if np.isfinite(one) else None for one in column]
        for name, column in zip(("effect", "low", "high"), means, strict=True)
    }


def _draw_places(numbers: dict[str, list]) -> Figure:
    figure, axes = panel("first base of the motif", "added to the logit", 3.8)
    legend(figure, _draw_lines(axes, list(series(numbers, "motif")), "start", ""))
    return figure


def _draw_pairs(numbers: dict[str, list]) -> Figure:
    figure = Figure(figsize=(WIDTH, 6.2), layout="constrained")
    upper, lower = figure.subplots(2, sharex=True)
    upper.set(ylabel="added to the logit")
    lower.set(xlabel="bases between the motifs", ylabel="extra of the pair")
    lines = list(series(numbers, "pair"))
    _draw_lines(lower, lines, "distance", "extra_")
    legend(figure, _draw_lines(upper, lines, "distance", ""))
    return figure


def _without_middle(name: str) -> str:
    """Shorten the words of a name, but not their ends, where motifs have their strand."""
    words = name.split(" ")
    return " ".join(w if len(w) <= _LONGEST_WORD else f"{w[: _LONGEST_WORD - 2]}…{w[-1]}" for w in words)


def _draw_lines(
    axes: Axes, lines: list[tuple[str, dict[str, np.ndarray]]], across: str, prefix: str
) -> list[Line2D]:
    """Draw the column `effect` of each line, with bands where they do not hide each other."""
    axes.axhline(0, color=GREY, linewidth=1)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))  # bases are whole numbers
    drawn = []
    for i, (name, columns) in enumerate(lines):
        effect, low, high = (columns[prefix + end] for end in ("effect", "low", "high"))
        drawn += axes.plot(columns[across], effect, **line_style(i, name) | {"label": _without_middle(name)})
        if len(lines) <= _FEW:
            colour = COLOURS[i % len(COLOURS)]
            axes.fill_between(columns[across], low, high, color=colour, alpha=0.15, linewidth=0)
    return drawn
