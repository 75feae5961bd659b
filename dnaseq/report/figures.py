"""The figures of the report, each as an SVG element to stand in the page: nothing to load, sharp at any size."""

import io
import re
import warnings

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dnaseq.evaluation.curves import precision_recall_points, roc_points
from dnaseq.evaluation.reliability import bin_numbers, reliability_bins
from dnaseq.report.markup import Markup, element
from dnaseq.report.run_files import Predictions

# Okabe and Ito 2008, without yellow, which is too light for a line on white; black is the last
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
DASHES = ("-", "--", "-.", ":")  # a second sign beside the colour, and more lines than colours
LONGEST_LABEL = 24
SETTINGS = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "dnaseq",  # the same figure is the same bytes
    "text.parse_math": False,  # a class may be called $x$
    "font.family": ["DejaVu Sans"],
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "axes.axisbelow": True,
    "legend.frameon": False,
}


def history_figure(history: dict[str, list[float]], columns: list[str], quantity: str) -> Markup:
    """The columns of history.csv against the epoch."""
    figure, axes = _panel("epoch", quantity, square=False)
    lines, epochs = [], history.get("epoch") or list(range(len(history[columns[0]])))
    for i, column in enumerate(columns):
        values = np.array(history[column])
        known = ~np.isnan(values)
        lines += axes.plot(
            np.array(epochs)[known], values[known], marker="o", markersize=3, **_line(i, column)
        )
    axes.xaxis.get_major_locator().set_params(integer=True)
    _legend(figure, lines)
    return _svg(figure, f"{quantity} by epoch: {', '.join(columns)}")


def roc_figure(predictions: Predictions) -> Markup:
    """ROC curve of the last of two classes, or of each class against the rest."""
    figure, axes = _panel("false positive rate", "true positive rate")
    lines = []
    axes.plot([0, 1], [0, 1], color="#888888", linewidth=1)
    for i, (name, positive, score) in enumerate(_contrasts(predictions)):
        if 0 < positive.sum() < len(positive):
            lines += axes.plot(*roc_points(positive, score), **_line(i, name))
    _legend(figure, lines)
    return _svg(figure, "ROC curve")


def precision_recall_figure(predictions: Predictions) -> Markup:
    """Precision-recall curve of the last of two classes, or of each; a thin line is what chance reaches."""
    figure, axes = _panel("recall", "precision")
    lines = []
    for i, (name, positive, score) in enumerate(_contrasts(predictions)):
        if positive.any():
            line = _line(i, name)
            lines += axes.plot(*precision_recall_points(positive, score), drawstyle="steps-post", **line)
            axes.axhline(positive.mean(), color=line["color"], linewidth=0.8, linestyle=":")
    _legend(figure, lines)
    return _svg(figure, "precision-recall curve")


def reliability_figure(predictions: Predictions) -> Markup:
    """Share of records of a class against the probability given to it, in ten bins of equal width."""
    figure, axes = _panel("mean predicted probability", "share of records of the class")
    lines = []
    axes.plot([0, 1], [0, 1], color="#888888", linewidth=1)
    for i, (name, positive, score) in enumerate(_contrasts(predictions)):
        bins = reliability_bins(score, positive, bin_numbers(score))
        line = _line(i, name)
        lines += axes.plot(bins.confidence, bins.share, **line)
        axes.scatter(
            bins.confidence, bins.share, s=8 + 200 * bins.weight / len(score), color=line["color"], alpha=0.6
        )
    _legend(figure, lines)
    return _svg(figure, "reliability diagram")


def _contrasts(predictions: Predictions):
    """Name, (n,) bool and (n,) probability of each class that gets a curve: the last of two, or every one."""
    n_classes = len(predictions.classes)
    for c in range(1 if n_classes == 2 else 0, n_classes):
        yield predictions.classes[c], predictions.truth == c, predictions.probabilities[:, c]


def _panel(x: str, y: str, square: bool = True) -> tuple[Figure, Axes]:
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(4.4, 4.0 if square else 3.2), layout="constrained")
        axes = figure.add_subplot(xlabel=x, ylabel=y)
    if square:
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    return figure, axes


def _line(i: int, name: str) -> dict:
    label = name if len(name) <= LONGEST_LABEL else name[: LONGEST_LABEL - 1] + "…"
    return {
        "label": label,
        "color": COLOURS[i % len(COLOURS)],
        "linestyle": DASHES[i % len(DASHES)],
        "linewidth": 1.6,
    }


def _legend(figure: Figure, lines: list[Line2D]) -> None:
    """Below the axes, where it hides nothing."""
    labels = [line.get_label() for line in lines]
    columns = 3 if sum(map(len, labels)) <= 3 * LONGEST_LABEL / 2 else 2
    with matplotlib.rc_context(SETTINGS):
        figure.legend(lines, labels, fontsize=9, loc="outside lower center", ncols=columns)


def _svg(figure: Figure, title: str) -> Markup:
    """The figure as an <svg> element that fills the width it is given."""
    buffer = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with matplotlib.rc_context(SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # the reader's own font may well have the letter
        figure.savefig(buffer, format="svg", metadata=nothing)
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    used = set(re.findall(r"#([\w-]+)", text))
    text = re.sub(r' id="([\w-]+)"', lambda found: found[0] if found[1] in used else "", text)
    view = re.search(r'viewBox="[^"]+"', text)[0]
    inner = text[text.index(">") + 1 : text.rindex("</svg>")]
    opening = element("svg", Markup(inner), role="img", aria_label=title)
    return Markup(opening.replace("<svg", f"<svg {view}", 1))
