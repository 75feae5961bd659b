"""The sections of the report of a run that predicts sets of labels."""

from collections.abc import Callable

import numpy as np

from dnaseq.errors import one_line
from dnaseq.report.charts.chart import Chart
from dnaseq.report.charts.labels import (
    commonest_labels,
    label_precision_recall_chart,
    label_reliability_chart,
    label_roc_chart,
)
from dnaseq.report.html.markup import table
from dnaseq.report.html.tables import sentence
from dnaseq.report.inputs.predictions import PredictedSets
from dnaseq.report.inputs.run_files import RunFiles
from dnaseq.report.sections.classification import FIRST, LAST, MOST_ERRORS
from dnaseq.report.sections.headline import baselines, forest, summary
from dnaseq.report.sections.section import Blocks, Section, left_out, no_predictions


def each_label(run: RunFiles) -> Blocks:
    return forest(run, "auroc", 0.5)


def roc(run: RunFiles) -> Blocks:
    return _label_curves(run, label_roc_chart, "The straight line is chance.")


def precision_recall(run: RunFiles) -> Blocks:
    return _label_curves(
        run, label_precision_recall_chart, "Dotted lines are chance: the share of the label."
    )


def calibration(run: RunFiles) -> Blocks:
    caption = "On the straight line probabilities mean what they say; the larger a point, the more records."
    return _label_curves(run, label_reliability_chart, caption)


def wrong_sets(run: RunFiles) -> Blocks:
    """List the records with the most wrong labels; among equals the most confident errors come first."""
    p = run.predictions
    if not isinstance(p, PredictedSets) or not p.ids:
        return [no_predictions(run, "truth")]
    wrong = p.truth != p.called
    sureness = np.where(wrong, np.maximum(p.probabilities, 1 - p.probabilities), 0).max(axis=1)
    rows = [i for i in np.lexsort((-sureness, -wrong.sum(axis=1)))[:MOST_ERRORS] if wrong[i].any()]
    if not rows:
        return [sentence(f"The label sets of all {len(p.ids)} records were right.")]
    body = [
        [
            one_line(p.ids[i]),
            _names(p.labels, p.truth[i] & ~p.called[i]),
            _names(p.labels, p.called[i] & ~p.truth[i]),
        ]
        for i in rows
    ]
    title = (
        f"{wrong.any(axis=1).sum()} of {len(p.ids)} label sets were wrong; those with most wrong labels first"
    )
    return [table(["record", "missed", "added"], body, title, "words")]


SECTIONS: dict[str, Section] = {
    "Summary": summary,
    **FIRST,
    "Each label": each_label,
    "ROC": roc,
    "Precision and recall": precision_recall,
    "Calibration": calibration,
    "Baselines": baselines,
    "Most wrong records": wrong_sets,
    **LAST,
}


def _label_curves(
    run: RunFiles, draw_chart: Callable[[PredictedSets, str], Chart | None], caption: str
) -> Blocks:
    p = run.predictions
    if not isinstance(p, PredictedSets) or not p.ids:
        return [no_predictions(run, "truth")]
    shown = len(commonest_labels(p))
    if shown < len(p.labels):
        caption += (
            f" The {shown} commonest of {len(p.labels)} labels that some records have and some have not."
        )
    chart = draw_chart(p, caption + left_out(p.left_out))
    return [chart or sentence("There is no curve: every label is on all test records or on none.")]


def _names(labels: list[str], mask: np.ndarray) -> str:
    return one_line("; ".join(name for name, on in zip(labels, mask, strict=True) if on) or "-")
