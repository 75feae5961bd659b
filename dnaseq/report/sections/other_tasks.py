"""The sections of the report of a run that predicts label sets, numbers or a label for every base."""

from collections.abc import Callable

import numpy as np

from dnaseq.errors import one_line
from dnaseq.evaluation.comparison.conclusion import conclusion
from dnaseq.report.charts.bases import FIRST_BASES, FIRST_RECORDS, base_confusion_chart, strip_chart
from dnaseq.report.charts.chart import Chart
from dnaseq.report.charts.labels import (
    commonest_labels,
    label_precision_recall_chart,
    label_reliability_chart,
    label_roc_chart,
    score_of_each_chart,
)
from dnaseq.report.charts.numbers import MOST_POINTS, agreement_chart, residual_chart
from dnaseq.report.html.markup import Markup, element, table
from dnaseq.report.html.tables import sentence
from dnaseq.report.inputs.predictions import PredictedBases, PredictedNumbers, PredictedSets, TaskPredictions
from dnaseq.report.inputs.run_files import RunFiles
from dnaseq.report.sections.classification import MOST_ERRORS
from dnaseq.report.sections.classification import SECTIONS as RUN_SECTIONS
from dnaseq.report.sections.headline import (
    OF,
    PLURAL,
    spaced_estimate,
    task_headline_table,
    task_meaning,
    task_scores,
)
from dnaseq.report.sections.section import Blocks, Section, no_predictions, present

MOST_TARGETS = 6  # with a figure each


def summary(run: RunFiles) -> Blocks:
    s = present(run.scores)
    kinds = OF[s["task"]] if len(s["classes"]) == 1 else PLURAL[OF[s["task"]]]
    names = ", ".join(s["classes"][:20]) + (" and more" if len(s["classes"]) > 20 else "")
    what = f"{s['model']} on {s['data']}: {s['n']} test records, {len(s['classes'])} {kinds}: {names}."
    return [
        sentence(what),
        task_headline_table(s),
        element("p", conclusion(s), class_="verdict"),
        sentence(task_meaning(s)),
    ]


def each_label(run: RunFiles) -> Blocks:
    return _forest(run, "auroc", "AUROC", 0.5)


def each_target(run: RunFiles) -> Blocks:
    if len(present(run.scores)["classes"]) == 1:
        return [sentence("There is one target: its scores are those of the summary.")]
    return _forest(run, "pearson", "Pearson's r", 0.0)


def each_class(run: RunFiles) -> Blocks:
    return _forest(run, "f1", "F1", None)


def roc(run: RunFiles) -> Blocks:
    return _label_curves(run, label_roc_chart, "The straight line is chance.")


def precision_recall(run: RunFiles) -> Blocks:
    return _label_curves(
        run, label_precision_recall_chart, "Dotted lines are chance: the share of the label."
    )


def calibration(run: RunFiles) -> Blocks:
    caption = "On the straight line probabilities mean what they say; the larger a point, the more records."
    return _label_curves(run, label_reliability_chart, caption)


def agreement(run: RunFiles) -> Blocks:
    def caption(target: str, n_targets: int) -> str:
        r = present(run.scores)["metrics"].get(f"pearson/{target}" if n_targets > 1 else "pearson")
        return (
            f"{target}: Pearson's r {spaced_estimate(r, 'pearson')}. On the straight line both are the same."
        )

    return _target_figures(run, agreement_chart, caption)


def residuals(run: RunFiles) -> Blocks:
    def caption(target: str, _: int) -> str:
        return f"{target}: where predictions are as good as they can be, as much is above 0 as below, everywhere."

    return _target_figures(run, residual_chart, caption)


def confusion(run: RunFiles) -> Blocks:
    p = run.predictions
    if not isinstance(p, PredictedBases) or not p.ids:
        return [no_predictions(run, "truth")]
    caption = f"Bases. Rows: the true class; columns: the predicted class; per cent of the row.{_left_out(p)}"
    return [base_confusion_chart(p, present(run.scores)["classes"], caption)]


def strips(run: RunFiles) -> Blocks:
    p = run.predictions
    if not isinstance(p, PredictedBases) or not p.ids:
        return [no_predictions(run, "truth")]
    shown = f"first {FIRST_RECORDS}" if len(p.ids) > FIRST_RECORDS else str(len(p.ids))
    cut = f", up to base {FIRST_BASES:,}" if max(map(len, p.truth[:FIRST_RECORDS])) > FIRST_BASES else ""
    caption = (
        f"The {shown} test records{cut}: the upper line of each is the truth, the lower one the predicted label. A "
        "class has a colour and a thickness."
    )
    return [strip_chart(p, present(run.scores)["classes"], caption)]


def scores_of_all(run: RunFiles) -> Blocks:
    return [task_scores(present(run.scores))]


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


def largest_errors(run: RunFiles) -> Blocks:
    """List the records with the largest residuals, in standard deviations of the target."""
    p = run.predictions
    if not isinstance(p, PredictedNumbers) or not p.ids:
        return [no_predictions(run, "truth")]
    spread = np.maximum(p.truth.std(axis=0), np.finfo(float).tiny)
    at = np.argsort(-np.abs((p.values - p.truth) / spread), axis=None, kind="stable")[:MOST_ERRORS]
    body = [
        [one_line(p.ids[i]), p.targets[t], f"{p.truth[i, t]:.4g}", f"{p.values[i, t]:.4g}"]
        for i, t in zip(*np.unravel_index(at, p.truth.shape), strict=True)
    ]
    title = "The largest errors, in standard deviations of their target"
    return [table(["record", "target", "true", "predicted"], body, title, "words")]


def wrong_bases(run: RunFiles) -> Blocks:
    p = run.predictions
    if not isinstance(p, PredictedBases) or not p.ids:
        return [no_predictions(run, "truth")]
    wrong = np.array([np.sum(t != c) for t, c in zip(p.truth, p.called, strict=True)])
    lengths = np.array([len(t) for t in p.truth])
    rows = [i for i in np.argsort(-wrong / lengths, kind="stable")[:MOST_ERRORS] if wrong[i]]
    if not rows:
        return [sentence(f"All bases of all {len(p.ids)} records were labelled correctly.")]
    body = [[one_line(p.ids[i]), f"{100 * wrong[i] / lengths[i]:.1f} %", wrong[i], lengths[i]] for i in rows]
    return [
        table(
            ["record", "wrong", "bases wrong", "of"],
            body,
            "Records with the largest share of wrong bases",
            "words",
        )
    ]


FIRST: dict[str, Section] = {"Summary": summary} | {
    title: RUN_SECTIONS[title] for title in ("Data audit", "Learning curves")
}
LAST: dict[str, Section] = {title: RUN_SECTIONS[title] for title in ("Leaks", "How it was made")}
SECTIONS_OF: dict[str, dict[str, Section]] = {
    "multilabel": FIRST
    | {
        "Each label": each_label,
        "ROC": roc,
        "Precision and recall": precision_recall,
        "Calibration": calibration,
        "Baselines": scores_of_all,
        "Most wrong records": wrong_sets,
    }
    | LAST,
    "regression": FIRST
    | {
        "Predicted and true": agreement,
        "Residuals": residuals,
        "Each target": each_target,
        "Baselines": scores_of_all,
        "Largest errors": largest_errors,
    }
    | LAST,
    "labelling": FIRST
    | {
        "Confusion matrix": confusion,
        "Along the records": strips,
        "Each class": each_class,
        "Baselines": scores_of_all,
        "Most wrong records": wrong_bases,
    }
    | LAST,
}


def _forest(run: RunFiles, metric: str, words: str, reference: float | None) -> Blocks:
    scores = present(run.scores)
    kind = OF[scores["task"]]
    chart = score_of_each_chart(scores, metric, kind, words, reference)
    return [chart or sentence(f"The test records do not define the {words} of any {kind}.")]


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
    chart = draw_chart(p, caption + _left_out(p))
    return [chart or sentence("There is no curve: every label is on all test records or on none.")]


def _target_figures(
    run: RunFiles,
    draw_chart: Callable[[PredictedNumbers, int, str], Chart],
    caption_of: Callable[[str, int], str],
) -> Blocks:
    p = run.predictions
    if not isinstance(p, PredictedNumbers) or not p.ids:
        return [no_predictions(run, "truth")]
    dense = f" The darker a cell, the more of the {len(p.ids)} records." if len(p.ids) > MOST_POINTS else ""
    found: list[Markup | Chart] = [
        draw_chart(p, t, f"{caption_of(name, len(p.targets))}{dense}{_left_out(p)}")
        for t, name in enumerate(p.targets[:MOST_TARGETS])
    ]
    if len(p.targets) > MOST_TARGETS:
        found.append(sentence(f"The first {MOST_TARGETS} of {len(p.targets)} targets are drawn."))
    return found


def _left_out(predictions: TaskPredictions) -> str:
    n = predictions.left_out
    return f" Rows left out, without answer or known truth: {n}." if n else ""


def _names(labels: list[str], mask: np.ndarray) -> str:
    return one_line("; ".join(name for name, on in zip(labels, mask, strict=True) if on) or "-")
