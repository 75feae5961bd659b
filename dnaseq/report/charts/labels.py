"""Figures of several labels or targets: a score of each with its interval, ROC, precision and recall, reliability."""

from collections.abc import Callable

import numpy as np

from dnaseq.evaluation.comparison.results import Scores
from dnaseq.evaluation.intervals.bootstrap import wilson
from dnaseq.evaluation.metrics.curves import (
    bin_numbers,
    precision_recall_points,
    reliability_bins,
    roc_points,
)
from dnaseq.report.charts.chart import Chart
from dnaseq.report.charts.drawing import Draw, draw_forest
from dnaseq.report.charts.predictions import draw_precision_recall, draw_reliability, draw_roc
from dnaseq.report.inputs.predictions import PredictedSets

MOST_CURVES, MOST_ROWS = 7, 40  # lines that can be told apart; rows of a figure as high as a screen
Curve = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, ...]]


def score_of_each_chart(
    scores: Scores, metric: str, kind: str, words: str, reference: float | None
) -> Chart | None:
    """Draw a score of each label, target or class, the best first; None where none is known.

    Of more than 40, the 20 best and the 20 worst.
    """
    each = {name: scores.metrics.get(f"{metric}/{name}") for name in scores.classes}
    found = {name: ends for name, score in each.items() if score and (ends := score.known)}
    known = sorted(found, key=lambda name: -found[name][0])
    if not known:
        return None
    shown = known if len(known) <= MOST_ROWS else known[: MOST_ROWS // 2] + known[-MOST_ROWS // 2 :]
    numbers: dict[str, list] = {kind: shown}
    numbers |= {key: [found[name][i] for name in shown] for i, key in enumerate((metric, "low", "high"))}
    caption = f"{words} of each {kind}, with its 95 % interval, the best first."
    if reference is not None:
        caption += f" The dashed line, {reference:g}, is chance."
    if len(shown) < len(known):
        caption += f" The {MOST_ROWS // 2} best and worst of {len(known)}."
    title = f"{words} of each {kind}"
    return Chart(f"{metric}_by_{kind}", title, caption, numbers, lambda n: draw_forest(n, words, reference))


def label_roc_chart(predictions: PredictedSets, caption: str) -> Chart | None:
    columns = ("false_positive_rate", "true_positive_rate")
    return _curves(predictions, "roc", "ROC curve", caption, columns, roc_points, draw_roc)


def label_precision_recall_chart(predictions: PredictedSets, caption: str) -> Chart | None:
    def points(positive: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, ...]:
        recall, precision = precision_recall_points(positive, score)
        return recall, precision, np.full(len(recall), positive.mean())

    columns, title = ("recall", "precision", "chance"), "precision-recall curve"
    return _curves(predictions, "precision_recall", title, caption, columns, points, draw_precision_recall)


def label_reliability_chart(predictions: PredictedSets, caption: str) -> Chart | None:
    def points(positive: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, ...]:
        bins = reliability_bins(score, positive, bin_numbers(score))
        low, high = wilson(bins.share, bins.weight)
        return bins.confidence, bins.share, low, high, bins.weight.astype(int)

    columns = ("mean_probability", "share", "share_low", "share_high", "records")
    return _curves(
        predictions, "reliability", "reliability diagram", caption, columns, points, draw_reliability
    )


def commonest_labels(predictions: PredictedSets) -> list[int]:
    """Return the MOST_CURVES commonest of the labels that some records have and some have not, in file order."""
    records = predictions.truth.sum(axis=0)
    mixed = np.flatnonzero((records > 0) & (records < len(predictions.truth)))
    return sorted(mixed[np.argsort(-records[mixed], kind="stable")][:MOST_CURVES].tolist())


def _curves(
    p: PredictedSets,
    name: str,
    title: str,
    caption: str,
    columns: tuple[str, ...],
    points: Curve,
    draw: Draw,
) -> Chart | None:
    """Draw a line for each of the commonest labels; None where no label has a curve."""
    numbers: dict[str, list] = {column: [] for column in ("class", *columns)}
    for c in commonest_labels(p):
        arrays = points(p.truth[:, c], p.probabilities[:, c])
        numbers["class"] += [p.labels[c]] * len(arrays[0])
        for column, array in zip(columns, arrays, strict=True):
            numbers[column] += array.tolist()
    return Chart(name, title, caption, numbers, draw) if numbers["class"] else None
