"""Figures of experiments: the effect of a motif by place, of a pair by distance, and of scrambled sites."""

import numpy as np
from matplotlib.figure import Figure

from dnaseq.report.charts.chart import Chart
from dnaseq.report.charts.drawing import COLOURS, GREY, Draw, draw_forest, legend, line_style, panel, series
from dnaseq.schemas import AblatedMotif

MOST_MOTIFS = 20  # rows of the figure of scrambled sites
_FEW = 4  # lines with a band each; of more, the bands would hide the lines


def place_chart(
    motif: str,
    target: str,
    strands: list[str],
    starts: list[int],
    effects: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> Chart:
    """Draw the effect of a motif, with its interval, at each start, a line a strand."""
    names = [f"{motif} on the {strand} strand" for strand in strands]
    numbers: dict[str, list] = {"motif": names, "start": starts, **_ends(effects)}
    caption = f"{_added(target)} by {motif} at each place: mean over backgrounds with its 95 % interval."
    return Chart(
        "insertion",
        f"effect of {motif} by place",
        caption,
        numbers,
        _by("motif", "start", "first base of the motif"),
    )


def pair_chart(
    target: str, pairs: list[str], distances: list[int], extra: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> Chart:
    """Draw what two motifs add to their single effects, by the bases between them, a line an arrangement."""
    numbers: dict[str, list] = {"pair": pairs, "distance": distances, **_ends(extra)}
    caption = (
        f"{_added(target)} by two motifs together, less the sum of the two alone, by the bases between them: mean over "
        "backgrounds with its 95 % interval. 0: each acts on its own."
    )
    return Chart(
        "insertion",
        "what a pair adds by distance",
        caption,
        numbers,
        _by("pair", "distance", "bases between the motifs"),
    )


def ablation_chart(target: str, motifs: list[AblatedMotif]) -> Chart:
    """Draw the mean loss of the first motifs, and that of their control stretches."""
    rows = [
        (f"{motif.motif}: {what} ({motif.records} records)", estimate)
        for motif in motifs[:MOST_MOTIFS]
        for what, estimate in (("its sites", motif.loss), ("control stretches", motif.control_loss))
    ]
    numbers: dict[str, list] = {
        "scrambled": [name for name, _ in rows],
        "loss": [estimate.value for _, estimate in rows],
        "low": [estimate.low for _, estimate in rows],
        "high": [estimate.high for _, estimate in rows],
    }
    caption = f"Loss of the logit of {target} by scrambling, mean over records with its 95 % interval."
    x = f"logit of {target} that is lost"
    return Chart(
        "ablation", "loss by scrambling motifs", caption, numbers, lambda given: draw_forest(given, x, 0.0)
    )


def _added(target: str) -> str:
    return f"Logit of {target} that is added"


def _ends(means: tuple[np.ndarray, np.ndarray, np.ndarray]) -> dict[str, list]:
    return {
        name: [float(one) if np.isfinite(one) else None for one in column]
        for name, column in zip(("effect", "low", "high"), means, strict=True)
    }


def _by(name: str, across: str, label: str) -> Draw:
    def draw(numbers: dict[str, list]) -> Figure:
        figure, axes = panel(label, "added to the logit", 3.8)
        axes.axhline(0, color=GREY, linewidth=1)
        lines = list(series(numbers, name))
        for i, (which, columns) in enumerate(lines):
            axes.plot(columns[across], columns["effect"], **line_style(i, which))
            if len(lines) <= _FEW:
                low, high, colour = columns["low"], columns["high"], COLOURS[i % len(COLOURS)]
                axes.fill_between(columns[across], low, high, color=colour, alpha=0.15, linewidth=0)
        legend(figure, axes.lines[1:], columns=2)
        return figure

    return draw
