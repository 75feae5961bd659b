"""Tables of the scores of a run beside those of the baselines, and sentences on their meaning."""

from dnaseq.evaluation.comparison.baseline_comparison import IN_WORDS
from dnaseq.evaluation.metrics.names import LABELLING_METRICS, METRICS, MULTILABEL_METRICS, REGRESSION_METRICS
from dnaseq.report.html.markup import Markup, element, joined, table
from dnaseq.report.html.tables import folded, metric_name, score_cell
from dnaseq.report.text.summary import COLUMNS, COLUMNS_OF, estimate_text


def headline_table(scores: dict) -> Markup:
    """Tabulate accuracy, AUROC, AUPRC and MCC of the model and of each baseline, with 95 % intervals."""
    body = [[name, *[score_cell(metrics.get(m)) for m in COLUMNS]] for name, metrics in _rows(scores).items()]
    return table(["", *COLUMNS.values()], body, "95 % intervals in brackets", "headline")


def meaning(classes: list[str]) -> str:
    """Name the class or classes that the scores describe."""
    if len(classes) == 2:
        return f"AUROC, AUPRC, sensitivity, precision and F1 are those of the class {classes[-1]}."
    return "AUROC, AUPRC, sensitivity, specificity, precision and F1 are means over the classes, each against the rest."


def why_dashes(metrics: dict, absent: list[str]) -> str:
    """Explain why some scores are "-"; "" where all are known. `absent` are the classes without a test record."""
    unknown = [name for name in METRICS if name in metrics and metrics[name].get("value") is None]
    if not unknown:
        return ""
    names = ", ".join(map(metric_name, unknown))
    if absent:
        there = " or ".join(f"class {name}" for name in absent)
        return f'There is no record of {there} in the test set, so what needs one is "-": {names}.'
    return f'The test records do not define what is "-": {names}.'


def all_scores(scores: dict) -> Markup:
    """Tabulate every score of the model and each baseline; with more than two classes, those of single classes too."""
    rows = _rows(scores)
    names = [name for name in METRICS if name in scores["metrics"]]
    body = [
        [metric_name(name), *[score_cell(metrics.get(name)) for metrics in rows.values()]] for name in names
    ]
    every = table(["", *rows], body, "All scores, with 95 % intervals", "first")
    single = {name: score for name, score in scores["metrics"].items() if "/" in name}
    if not single:
        return every
    kinds = list(dict.fromkeys(name.partition("/")[0] for name in single))
    classes = list(dict.fromkeys(name.partition("/")[2] for name in single))
    body = [[c, *[score_cell(single.get(f"{kind}/{c}")) for kind in kinds]] for c in classes]
    title = "Each class against the rest"
    return joined([every, folded(title, table(["class", *map(metric_name, kinds)], body, "This model"))])


def _rows(scores: dict) -> dict[str, dict]:
    baselines = {IN_WORDS.get(name, name): metrics for name, metrics in scores.get("baselines", {}).items()}
    return {"this model": scores["metrics"]} | baselines


METRICS_OF = {
    "multilabel": MULTILABEL_METRICS,
    "regression": REGRESSION_METRICS,
    "labelling": LABELLING_METRICS,
}
OF = {"multilabel": "label", "regression": "target", "labelling": "class"}  # what there are several of
PLURAL = {"label": "labels", "target": "targets", "class": "classes"}
METRIC_WORDS = {
    "pearson": "Pearson's r",
    "spearman": "Spearman's rho",
    "r2": "R²",
    "rmse": "RMSE",
    "mae": "MAE",
    "poisson_deviance": "Poisson deviance",
    "subset_accuracy": "exact sets",
    "hamming_loss": "Hamming loss",
    "f1_micro": "F1, all labels together",
}
MEANING = {
    "multilabel": (
        "AUROC, AUPRC, sensitivity, precision, F1 and MCC are means over the labels, each present or absent; "
        "exact sets is the share of records all of whose labels are right."
    ),
    "regression": "RMSE and MAE are in the units of the target.",
    "labelling": (
        "All bases of all records count alike. AUROC, F1, sensitivity and precision are means over the classes, "
        "each against the rest; intervals are over records, as the bases of one record are not independent."
    ),
}


def task_headline_table(scores: dict) -> Markup:
    """Tabulate the scores of COLUMNS_OF of the model and of each baseline, with 95 % intervals."""
    columns = COLUMNS_OF[scores["task"]]
    body = [[name, *[estimate_cell(of.get(m), m) for m in columns]] for name, of in _rows(scores).items()]
    return table(["", *columns.values()], body, "95 % intervals in brackets", "headline")


def task_meaning(scores: dict) -> str:
    """Explain the scores, and name the means that leave out some labels, targets or classes."""
    kind, n = OF[scores["task"]], len(scores["classes"])
    text = MEANING[scores["task"]] if n > 1 or kind != "label" else ""
    if kind == "target" and n > 1:
        text = f"All scores are means over the {n} targets. {text}"
    missed = {m: s["over"] for m, s in scores["metrics"].items() if s.get("over", n) < n}
    if not missed:
        return text
    means = ", ".join(f"{task_metric_name(m)} over {over} of {n}" for m, over in missed.items())
    return f"{text} The test records do not define every score of every {kind}: {means}."


def task_scores(scores: dict) -> Markup:
    """Tabulate every score of the model and of each baseline, and those of the single labels, targets or classes."""
    rows, kind = _rows(scores), OF[scores["task"]]
    names = [m for m in METRICS_OF[scores["task"]] if m in scores["metrics"]]
    body = [[task_metric_name(m), *[estimate_cell(of.get(m), m) for of in rows.values()]] for m in names]
    every = table(["", *rows], body, "All scores, with 95 % intervals", "first")
    single = [m for m in names if f"{m}/{scores['classes'][0]}" in scores["metrics"]]
    if not single:
        return every
    body = [
        [c, *[estimate_cell(scores["metrics"].get(f"{m}/{c}"), m) for m in single]] for c in scores["classes"]
    ]
    each = table([kind, *map(task_metric_name, single)], body, "This model")
    return joined([every, folded(f"Each {kind} by itself", each)])


def task_metric_name(metric: str) -> str:
    return METRIC_WORDS.get(metric) or metric_name(metric)


def estimate_cell(score: dict | None, metric: str) -> Markup:
    """Return a cell of the value with its interval below it."""
    value, _, interval = spaced_estimate(score, metric).partition(" ")
    return element("td", value, element("small", interval) if interval else "")


def spaced_estimate(score: dict | None, metric: str) -> str:
    """Return estimate_text with room to break the line."""
    return estimate_text(score, metric).replace(",", ", ")
