"""Figures of the predictions of labelled records: ROC, precision and recall, reliability, confusion matrix."""

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure

from dnaseq.evaluation.intervals.bootstrap import wilson
from dnaseq.evaluation.metrics.curves import (
    bin_numbers,
    precision_recall_points,
    reliability_bins,
    roc_points,
)
from dnaseq.report.charts.chart import Chart
from dnaseq.report.charts.drawing import GREY, legend, line_style, panel, series, shorten, square
from dnaseq.report.inputs.predictions import Predictions

MOST_LETTERED = 12  # classes of a confusion matrix whose cells have room for numbers


def roc_chart(predictions: Predictions, caption: str) -> Chart | None:
    """Draw the ROC curve of the last of two classes, or of each class against the rest; None where no class has one."""
    curves = [
        (name, *roc_points(positive, score))
        for name, positive, score in contrasts(predictions)
        if 0 < positive.sum() < len(positive)
    ]
    numbers = _stack_curves(curves, ("class", "false_positive_rate", "true_positive_rate"))
    return Chart("roc", "ROC curve", caption, numbers, draw_roc) if curves else None


def precision_recall_chart(predictions: Predictions, caption: str) -> Chart | None:
    """Draw the precision-recall curve of the last of two classes, or of each; None where no class has one."""
    curves = []
    for name, positive, score in contrasts(predictions):
        if 0 < positive.sum() < len(positive):
            recall, precision = precision_recall_points(positive, score)
            curves.append((name, recall, precision, np.full(len(recall), positive.mean())))
    numbers = _stack_curves(curves, ("class", "recall", "precision", "chance"))
    title = "precision-recall curve"
    return Chart("precision_recall", title, caption, numbers, draw_precision_recall) if curves else None


def reliability_chart(predictions: Predictions, caption: str) -> Chart:
    """Draw the share of records of a class against the probability given to it, in ten bins of equal width."""
    curves = []
    for name, positive, score in contrasts(predictions):
        bins = reliability_bins(score, positive, bin_numbers(score))
        low, high = wilson(bins.share, bins.weight)
        curves.append((name, bins.confidence, bins.share, low, high, bins.weight.astype(int)))
    columns = ("class", "mean_probability", "share", "share_low", "share_high", "records")
    numbers = _stack_curves(curves, columns)
    return Chart("reliability", "reliability diagram", caption, numbers, draw_reliability)


def confusion_chart(predictions: Predictions, caption: str) -> Chart:
    """Draw the records by true class (rows) and predicted class (columns)."""
    counts = confusion_counts(predictions)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    names = predictions.classes
    numbers = {
        "truth": [name for name in names for _ in names],
        "called": [name for _ in names for name in names],
        "records": counts.ravel().tolist(),
        "share_of_truth": shares.ravel().tolist(),
    }
    return Chart("confusion", "confusion matrix", caption, numbers, draw_confusion)


def confusion_counts(predictions: Predictions) -> np.ndarray:
    """Return (C, C) records: rows are the true class, columns the predicted class."""
    n = len(predictions.classes)
    return np.bincount(predictions.truth * n + predictions.labels, minlength=n * n).reshape(n, n)


def contrasts(predictions: Predictions) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield name, (n,) bool and (n,) probability of each class that gets a curve: the last of two, or every one."""
    n_classes = len(predictions.classes)
    for c in range(1 if n_classes == 2 else 0, n_classes):
        yield predictions.classes[c], predictions.truth == c, predictions.probabilities[:, c]


def draw_roc(numbers: dict[str, list]) -> Figure:
    figure, axes = square("false positive rate", "true positive rate")
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1)
    lines = []
    for i, (name, curve) in enumerate(series(numbers, "class")):
        x, y = curve["false_positive_rate"], curve["true_positive_rate"]
        lines += axes.plot(x, y, **line_style(i, name))
    legend(figure, lines)
    return figure


def draw_precision_recall(numbers: dict[str, list]) -> Figure:
    figure, axes = square("recall", "precision")
    lines = []
    for i, (name, curve) in enumerate(series(numbers, "class")):
        line = line_style(i, name)
        lines += axes.plot(curve["recall"], curve["precision"], drawstyle="steps-post", **line)
        axes.axhline(curve["chance"][0], color=line["color"], linewidth=0.8, linestyle=":")
    legend(figure, lines)
    return figure


def draw_reliability(numbers: dict[str, list]) -> Figure:
    figure, axes = square("mean predicted probability", "share of records of the class")
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1)
    lines, curves = [], list(series(numbers, "class"))
    for i, (name, curve) in enumerate(curves):
        x, y, line = curve["mean_probability"], curve["share"], line_style(i, name)
        lines += axes.plot(x, y, **line)
        area = 8 + 200 * curve["records"] / curve["records"].sum()
        axes.scatter(x, y, s=area, color=line["color"], alpha=0.6)
        if len(curves) == 1:  # of several curves the intervals would hide each other
            axes.vlines(x, curve["share_low"], curve["share_high"], color=line["color"], linewidth=1)
    legend(figure, lines)
    return figure


def draw_confusion(numbers: dict[str, list]) -> Figure:
    names = list(dict.fromkeys(numbers["truth"]))
    n = len(names)
    counts = np.array(numbers["records"]).reshape(n, n)
    shares = np.array(numbers["share_of_truth"]).reshape(n, n)
    figure, axes = panel("predicted", "truth", 3.6)
    axes.grid(visible=False)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1.6)  # the darkest is still light enough for black letters
    short = [shorten(name, 14) for name in names]
    side_by_side = n * max(map(len, short)) <= 28
    axes.set_xticks(
        range(n), short, rotation=0 if side_by_side else 30, ha="center" if side_by_side else "right"
    )
    axes.set_yticks(range(n), short)
    if n <= MOST_LETTERED:
        for (row, column), count in np.ndenumerate(counts):
            text = f"{count}\n{100 * shares[row, column]:.0f} %" if n <= 5 else str(count)
            axes.text(column, row, text, ha="center", va="center", fontsize=10 if n <= 5 else 7)
    return figure


def _stack_curves(curves: list[tuple], columns: tuple[str, ...]) -> dict[str, list]:
    """Join curves, each a name and arrays of one length, into one table."""
    numbers: dict[str, list] = {column: [] for column in columns}
    for name, *arrays in curves:
        numbers[columns[0]] += [name] * len(arrays[0])
        for column, array in zip(columns[1:], arrays, strict=True):
            numbers[column] += array.tolist()
    return numbers
