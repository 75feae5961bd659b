"""What a run has shown, in words and numbers, beside the simple models."""

from dnaseq.evaluation.metric_names import METRICS
from dnaseq.evaluation.rivals import IN_WORDS
from dnaseq.evaluation.summary import COLUMNS
from dnaseq.report.facts import folded, metric_name, score_cell
from dnaseq.report.markup import Markup, joined, table


def headline_table(scores: dict) -> Markup:
    """Accuracy, AUROC, AUPRC and MCC of the model and of each baseline, with 95 % intervals."""
    body = [[name, *[score_cell(metrics.get(m)) for m in COLUMNS]] for name, metrics in _rows(scores).items()]
    return table(["", *COLUMNS.values()], body, "95 % intervals in brackets", "headline")


def meaning(classes: list[str]) -> str:
    """Of which class the scores are."""
    if len(classes) == 2:
        return f"AUROC, AUPRC, sensitivity, precision and F1 are those of the class {classes[-1]}."
    return "AUROC, AUPRC, sensitivity, specificity, precision and F1 are means over the classes, each against the rest."


def why_dashes(metrics: dict, absent: list[str]) -> str:
    """Why some scores are "-", or "" where all are known. `absent` are the classes without a test record."""
    unknown = [name for name in METRICS if name in metrics and metrics[name].get("value") is None]
    if not unknown:
        return ""
    names = ", ".join(map(metric_name, unknown))
    if absent:
        there = " or ".join(f"class {name}" for name in absent)
        return f'There is no record of {there} in the test part, so what needs one is "-": {names}.'
    return f'The test records do not define what is "-": {names}.'


def all_scores(scores: dict) -> Markup:
    """Every score of the model and of each baseline; with more than two classes, those of single classes too."""
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
    rivals = {IN_WORDS.get(name, name): metrics for name, metrics in scores.get("baselines", {}).items()}
    return {"this model": scores["metrics"]} | rivals
