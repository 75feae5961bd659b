"""Scores of a run beside those of its baselines, for every prediction task: tables, and sentences on their meaning."""

from msgspec import UNSET

from dnaseq.evaluation.comparison.conclusion import conclusion
from dnaseq.evaluation.comparison.results import Scores
from dnaseq.evaluation.metrics.names import baseline_title, metric_title
from dnaseq.prediction_task import CLASSIFICATION, REGRESSION, prediction_task
from dnaseq.report.charts.labels import score_of_each_chart
from dnaseq.report.html.markup import Markup, element, joined, table
from dnaseq.report.html.tables import folded, sentence
from dnaseq.report.inputs.run_files import RunFiles
from dnaseq.report.sections.section import Blocks
from dnaseq.report.text.summary import estimate_text
from dnaseq.schemas import Estimate, present

MOST_NAMES = 20  # of labels, targets or classes in a sentence


def summary(run: RunFiles) -> Blocks:
    """Return the first section of a run of labels, numbers or labelled bases."""
    s = present(run.scores)
    prediction, n = prediction_task(s.task or None), len(s.classes)
    items = prediction.item if n == 1 else prediction.items
    names = ", ".join(s.classes[:MOST_NAMES]) + (" and more" if n > MOST_NAMES else "")
    return [
        sentence(f"{s.model} on {s.data}: {s.n} test records, {n} {items}: {names}."),
        headline_table(s),
        element("p", conclusion(s), class_="verdict"),
        sentence(meaning(s)),
    ]


def baselines(run: RunFiles) -> Blocks:
    return [all_scores(present(run.scores))]


def forest(run: RunFiles, metric: str, reference: float | None) -> Blocks:
    """Draw a metric of each label, target or class with its interval."""
    scores, title = present(run.scores), metric_title(metric)
    item = prediction_task(scores.task or None).item
    chart = score_of_each_chart(scores, metric, item, title, reference)
    return [chart or sentence(f"The test records do not define the {title} of any {item}.")]


def headline_table(scores: Scores) -> Markup:
    """Tabulate the headline metrics of the model and of each baseline, with 95 % intervals."""
    metrics = prediction_task(scores.task or None).headline
    body = [[name, *[score_cell(own.get(m), m) for m in metrics]] for name, own in _rows(scores).items()]
    return table(["", *map(metric_title, metrics)], body, "95 % intervals in brackets", "headline")


def all_scores(scores: Scores) -> Markup:
    """Tabulate every score of the model and of each baseline, and those of the single classes, labels or targets."""
    rows, prediction = _rows(scores), prediction_task(scores.task or None)
    names = [m for m in prediction.metrics if m in scores.metrics]
    body = [[metric_title(m), *[score_cell(own.get(m), m) for own in rows.values()]] for m in names]
    every = table(["", *rows], body, "All scores, with 95 % intervals", "first")
    single = [m for m in names if f"{m}/{scores.classes[0]}" in scores.metrics]
    if not single:
        return every
    body = [[c, *[score_cell(scores.metrics.get(f"{m}/{c}"), m) for m in single]] for c in scores.classes]
    each = table([prediction.item, *map(metric_title, single)], body, "This model")
    return joined([every, folded(f"Each {prediction.item} by itself", each)])


def meaning(scores: Scores) -> str:
    """Explain the scores, and name the means that leave out some labels, targets or classes."""
    prediction, classes, n = prediction_task(scores.task or None), scores.classes, len(scores.classes)
    if prediction is CLASSIFICATION:
        if n == 2:
            return f"AUROC, AUPRC, sensitivity, precision and F1 are those of the class {classes[-1]}."
        what = "AUROC, AUPRC, sensitivity, specificity, precision and F1"
        return f"{what} are means over the classes, each against the rest."
    text = prediction.about_metrics if n > 1 or prediction.has_link else ""
    if prediction is REGRESSION and n > 1:
        text = f"All scores are means over the {n} targets. {text}"
    missed = {m: s.over for m, s in scores.metrics.items() if s.over is not UNSET and s.over < n}
    if not missed:
        return text
    means = ", ".join(f"{metric_title(m)} over {over} of {n}" for m, over in missed.items())
    return f"{text} The test records do not define every score of every {prediction.item}: {means}."


def why_dashes(metrics: dict[str, Estimate], absent: list[str]) -> str:
    """Explain why some scores are "-"; "" where all are known. `absent` are the classes without a test record."""
    unknown = [m for m in CLASSIFICATION.metrics if m in metrics and metrics[m].value is None]
    if not unknown:
        return ""
    names = ", ".join(map(metric_title, unknown))
    if absent:
        there = " or ".join(f"class {name}" for name in absent)
        return f'There is no record of {there} in the test set, so what needs one is "-": {names}.'
    return f'The test records do not define what is "-": {names}.'


def score_cell(score: Estimate | None, metric: str) -> Markup:
    """Return a cell of the value with its interval below it."""
    value, _, interval = spaced_estimate(score, metric).partition(" ")
    return element("td", value, element("small", interval) if interval else "")


def spaced_estimate(score: Estimate | None, metric: str) -> str:
    """Return estimate_text with room to break the line."""
    return estimate_text(score, metric).replace(",", ", ")


def _rows(scores: Scores) -> dict[str, dict[str, Estimate]]:
    baselines = {baseline_title(name): metrics for name, metrics in scores.baselines.items()}
    return {"this model": scores.metrics} | baselines
