"""The sections of the report of a cross-validation: means over the folds, the folds, and the pooled predictions."""

import numpy as np
from matplotlib.figure import Figure

from dnaseq.evaluation.comparison.conclusion import conclusion
from dnaseq.evaluation.comparison.results import Scores
from dnaseq.evaluation.metrics.names import metric_title
from dnaseq.report.charts.chart import Chart
from dnaseq.report.charts.drawing import COLOURS, MARKERS, legend, panel
from dnaseq.report.html.markup import Markup, element, table
from dnaseq.report.html.tables import folded, score_cell, sentence
from dnaseq.report.inputs.run_files import RunFiles
from dnaseq.report.sections.classification import SECTIONS as RUN_SECTIONS
from dnaseq.report.sections.headline import headline_table, meaning
from dnaseq.report.sections.section import Section
from dnaseq.report.text.summary import COLUMNS
from dnaseq.schemas import present

OF_RUNS = (
    "Data audit",
    "ROC",
    "Precision and recall",
    "Calibration",
    "Confusion matrix",
    "Score by length and GC",
    "Leaks",
    "Most confident errors",
    "How it was made",
)


def summary(run: RunFiles) -> list[Markup]:
    s = present(run.scores)
    folds = s.folds or []
    repeats = len({fold.repeat for fold in folds})
    design = f"{len(folds)} folds" if repeats == 1 else f"{len(folds)} folds in {repeats} repeats"
    what = f"{s.model} on {s.data}: {s.n} records of the classes {', '.join(s.classes)}, {design}."
    parts = [sentence(what), *([headline_table(s)] if s.baselines else [])]
    if s.comparison:
        parts.append(element("p", conclusion(s), class_="verdict"))
    how = (
        "The mean over the folds, with an interval for a new training set (Nadeau and Bengio 2003); beside it the "
        "score of the predictions of all folds together, with an interval over records."
    )
    parts += [sentence(how), _means(s, list(COLUMNS)), folded("All scores", _means(s, list(s.metrics)))]
    own = "Each fold has its own calibration and threshold, chosen on its own validation records."
    return [*parts, sentence(own), sentence(meaning(s))]


def folds(run: RunFiles) -> list[Markup | Chart]:
    s = present(run.scores)
    metrics = [m for m in COLUMNS if m in s.metrics]
    rows = [
        [
            f"{fold.repeat}.{fold.fold}",
            fold.n_train,
            fold.n_test,
            *[_number(fold.metrics.get(metric)) for metric in metrics],
        ]
        for fold in s.folds or []
    ]
    header = ["repeat.fold", "training", "test", *[COLUMNS[m] for m in metrics]]
    return [fold_chart(s, metrics), table(header, rows, "Records and scores of each fold")]


def fold_chart(scores: Scores, metrics: list[str]) -> Chart:
    """Draw the score of every fold, and their mean with its interval."""
    rows = [
        (COLUMNS[m], kind, value, None, None)
        for m in metrics
        for kind, value in ((f"{f.repeat}.{f.fold}", f.metrics.get(m)) for f in scores.folds or [])
    ]
    means = [
        (COLUMNS[m], "mean", *[getattr(scores.metrics[m], k) for k in ("value", "low", "high")])
        for m in metrics
    ]
    columns = ("metric", "fold", "value", "low", "high")
    numbers = {name: [row[i] for row in (*rows, *means)] for i, name in enumerate(columns)}
    caption = "A small point is a fold; the square is the mean over the folds with its 95 % interval."
    return Chart("folds", "scores of the folds", caption, numbers, draw_folds)


def draw_folds(numbers: dict[str, list]) -> Figure:
    metrics = list(dict.fromkeys(numbers["metric"]))
    figure, axes = panel("", "score", 3.4)
    at = np.array([metrics.index(metric) for metric in numbers["metric"]], dtype=float)
    values, low, high = (np.array(numbers[name], dtype=float) for name in ("value", "low", "high"))
    mean = np.array([fold == "mean" for fold in numbers["fold"]])
    beside = np.concatenate([np.linspace(-0.25, 0.05, k) for k in np.bincount(at[~mean].astype(int))])
    lines = axes.plot(
        at[~mean] + beside, values[~mean], "o", color=COLOURS[0], alpha=0.6, markersize=5, label="fold"
    )
    axes.vlines(at[mean] + 0.25, low[mean], high[mean], color=COLOURS[1], linewidth=1.8)
    lines += axes.plot(
        at[mean] + 0.25, values[mean], MARKERS[1], color=COLOURS[1], label="mean, 95 % interval"
    )
    axes.set_xticks(range(len(metrics)), metrics)
    axes.grid(axis="x", visible=False)
    axes.set_xlim(-0.5, len(metrics) - 0.5)
    legend(figure, lines)
    return figure


SECTIONS: dict[str, Section] = {"Summary": summary, "Folds": folds}
SECTIONS |= {title: RUN_SECTIONS[title] for title in OF_RUNS}


def _means(scores: Scores, names: list[str]) -> Markup:
    pooled = scores.pooled or {}
    metrics = {n: scores.metrics[n] for n in names if n in scores.metrics}
    of_folds = {
        m: [value for f in scores.folds or [] if (value := f.metrics.get(m)) is not None] for m in metrics
    }
    body = [
        [
            metric_title(name),
            score_cell(score),
            f"{np.std(of_folds[name], ddof=1):.3f}" if len(of_folds[name]) > 1 else "-",
            score_cell(pooled.get(name)),
        ]
        for name, score in metrics.items()
    ]
    header = ["", "mean over folds", "standard deviation of folds", "all folds together"]
    return table(header, body, "95 % intervals in brackets")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
