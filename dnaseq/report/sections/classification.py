"""The sections of the report of a training or an evaluation, in order: a title and what stands under it."""

from collections.abc import Callable

import numpy as np

from dnaseq.audit_record import Audit
from dnaseq.errors import first_names, one_line
from dnaseq.evaluation.comparison.conclusion import conclusion
from dnaseq.evaluation.comparison.searches import Recipe, RecipeSearch
from dnaseq.evaluation.metrics.names import baseline_title
from dnaseq.report.charts.chart import Chart
from dnaseq.report.charts.history import history_charts
from dnaseq.report.charts.predictions import (
    confusion_chart,
    confusion_counts,
    precision_recall_chart,
    reliability_chart,
    roc_chart,
)
from dnaseq.report.charts.strata import FEWEST_OF_A_CLASS, stratum_chart
from dnaseq.report.html.markup import Markup, element, table
from dnaseq.report.html.tables import folded, missing, sentence, spaced
from dnaseq.report.inputs.predictions import Predictions, missing_classes
from dnaseq.report.inputs.run_files import RunFiles
from dnaseq.report.sections.audit import composition_facts, count_facts, shortcut_facts, verdict_facts
from dnaseq.report.sections.decisions import decisions_in_words
from dnaseq.report.sections.explanation import why
from dnaseq.report.sections.headline import MOST_NAMES, all_scores, headline_table, meaning, why_dashes
from dnaseq.report.sections.leaks import leak_tables
from dnaseq.report.sections.provenance import how_it_was_made
from dnaseq.report.sections.section import Blocks, Section, no_predictions
from dnaseq.schemas import present

MOST_ERRORS = 20


def summary(run: RunFiles) -> Blocks:
    if run.scores is None:
        return [missing("scores.json", "no score is known")]
    s = run.scores
    what = f"{s.model} on {s.data}: {s.n} test records of the classes {', '.join(s.classes)}."
    dashes = why_dashes(
        s.metrics, missing_classes(run.predictions) if isinstance(run.predictions, Predictions) else []
    )
    return [
        sentence(what),
        headline_table(s),
        element("p", conclusion(s), class_="verdict"),
        *([sentence(dashes)] if dashes else []),
        sentence(decisions_in_words(s)),
        sentence(meaning(s)),
    ]


def data_audit(run: RunFiles) -> Blocks:
    if run.audit is None:
        return [missing("audit.json", "the data were not described")]
    parts: tuple[Callable[[Audit], Blocks], ...] = (
        verdict_facts,
        count_facts,
        composition_facts,
        shortcut_facts,
    )
    return [block for part in parts for block in part(run.audit)]


def learning_curves(run: RunFiles) -> Blocks:
    if run.history is None:
        return [missing("history.csv", "there is no learning curve")]
    history, members = _of_first_member(run.history)
    text = f"Epochs: {len(history['epoch'])}, one point each."
    if members > 1:
        text += f" The model is an ensemble of {members} networks; these are the curves of the first."
    return [*_recipe(run.recipe), *_search(run.search), *history_charts(history), sentence(text)]


def _of_first_member(history: dict[str, list[float]]) -> tuple[dict[str, list[float]], int]:
    """Return the curves of one network, and the number of networks."""
    members = history.get("member", [1.0])
    if "member" not in history:
        return history, 1
    rows = [row for row, member in enumerate(members) if member == members[0]]
    first = {name: [values[row] for row in rows] for name, values in history.items() if name != "member"}
    return first, len(set(members))


def _recipe(recipe: Recipe | None) -> Blocks:
    """Describe the linear models of the training records and the settings that follow from them."""
    if recipe is None:
        return []
    text = (
        f"Linear models of the training records found {recipe.found}. The lower the log loss in cross-validation, "
        "the better a model describes them. What follows for the training stands below; what was set by hand stayed."
    )
    probes = [
        [baseline_title(name), "-" if loss is None else f"{loss:.3f}"]
        for name, loss in recipe.log_loss.items()
    ]
    settings = [list(one.partition("=")[::2]) for one in recipe.settings]
    return [
        sentence(text),
        table(["linear model of", "log loss"], probes, "What was found"),
        table(["setting", "value"], settings, "What it decided", "words"),
    ]


def _search(search: RecipeSearch | None) -> Blocks:
    """Describe the candidates that were tried before the model was trained."""
    if search is None:
        return []
    columns = {"round": "round", "recipe": "candidate", "steps": "steps", "seconds": "seconds"}
    rows = [
        [
            *(str(getattr(trial, key)) for key in columns.values()),
            "-" if trial.score is None else f"{trial.score:.4f}",
        ]
        for trial in search.trials
    ]
    text = (
        f"The recipe was found on the validation records: {search.winner}. Networks: {len(search.seeds)}, "
        f"epochs of each: {search.epochs}. {search.blend or ''}"
    )
    return [sentence(text.strip()), *([table([*columns, search.monitor], rows)] if rows else [])]


def roc(run: RunFiles) -> Blocks:
    return _curve(run, roc_chart, f"AUROC {_score(run, 'auroc')}. The straight line is chance.")


def precision_recall(run: RunFiles) -> Blocks:
    caption = f"AUPRC {_score(run, 'auprc')}. Dotted lines are chance: the share of the class."
    return _curve(run, precision_recall_chart, caption)


def calibration(run: RunFiles) -> Blocks:
    caption = (
        f"Expected calibration error {_score(run, 'ece')}, Brier score {_score(run, 'brier')}. On the straight line "
        "probabilities mean what they say; the larger a point, the more records."
    )
    return _curve(run, reliability_chart, caption)


def confusion(run: RunFiles) -> Blocks:
    p = run.predictions
    if not isinstance(p, Predictions) or not len(p.truth):
        return [no_predictions(run, "class")]
    left_out = f" Rows left out, without prediction or known class: {p.left_out}." if p.left_out else ""
    caption = "Rows: the true class; columns: the predicted class; per cent of the row." + left_out
    rows = [[name, *counts] for name, counts in zip(p.classes, confusion_counts(p).tolist(), strict=True)]
    numbers = table(["truth", *p.classes], rows, "Records by true and by predicted class")
    return [confusion_chart(p, caption), folded("As a table", numbers)]


def by_length_and_gc(run: RunFiles) -> Blocks:
    p = run.predictions
    if not isinstance(p, Predictions) or not len(p.truth):
        return [no_predictions(run, "class")]
    caption = (
        "Bins of about equal numbers of records; lines are 95 % intervals. A bin with fewer than "
        f"{FEWEST_OF_A_CLASS} records of a class has no AUROC."
    )
    found: list[Markup | Chart] = []
    for values, name, quantity in ((p.gc, "gc", "GC content"), (p.lengths, "length", "length (bases)")):
        if values is None:
            found.append(missing("strata.tsv", "there are no scores by GC content"))
            continue
        chart = stratum_chart(p, np.asarray(values, dtype=float), name, quantity, caption)
        found.append(chart or sentence(_one_bin(quantity, values)))
    return found


def baselines(run: RunFiles) -> Blocks:
    if run.scores is None:
        return [missing("scores.json", "no score is known")]
    why = run.scores.no_baselines
    return [*([sentence(f"There are {why}.")] if why else []), all_scores(run.scores)]


def leaks(run: RunFiles) -> Blocks:
    return [*leak_tables(run.scores, run.audit)]


def confident_errors(run: RunFiles) -> Blocks:
    p = run.predictions
    if not isinstance(p, Predictions) or not len(p.truth):
        return [no_predictions(run, "class")]
    of_label = p.probabilities[np.arange(len(p.labels)), p.labels]
    wrong = np.flatnonzero(p.labels != p.truth)
    if not wrong.size:
        return [sentence(f"All {len(p.truth)} records were classified correctly.")]
    worst = wrong[np.argsort(-of_label[wrong], kind="stable")][:MOST_ERRORS]
    rows = [
        [f"{of_label[i]:.3f}", p.classes[p.labels[i]], p.classes[p.truth[i]], one_line(p.ids[i])]
        for i in worst
    ]
    caption = f"{len(wrong)} of {len(p.truth)} records were misclassified; the most confident first"
    return [table(["probability", "predicted", "truth", "record"], rows, caption, "words")]


def untested(run: RunFiles) -> Blocks:
    """Return the first section of a run of any task that had no test set."""
    s = present(run.scores)
    names = first_names(s.classes, MOST_NAMES)
    return [
        sentence(f"{s.model} on {s.data}: {names}. There was no test set, so there are no scores."),
        sentence("dnaseq evaluate scores its bundle on other labelled records."),
    ]


# what the reports of all runs begin and end with
FIRST: dict[str, Section] = {"Data audit": data_audit, "Learning curves": learning_curves, "Why": why}
LAST: dict[str, Section] = {"Leaks": leaks, "How it was made": how_it_was_made}
SECTIONS: dict[str, Section] = {
    "Summary": summary,
    **FIRST,
    "ROC": roc,
    "Precision and recall": precision_recall,
    "Calibration": calibration,
    "Confusion matrix": confusion,
    "Score by length and GC": by_length_and_gc,
    "Baselines": baselines,
    "Leaks": leaks,
    "Most confident errors": confident_errors,
    "How it was made": how_it_was_made,
}
OF_UNTESTED: dict[str, Section] = {
    "Summary": untested,
    "Data audit": data_audit,
    "Learning curves": learning_curves,
    **LAST,
}


def _curve(run: RunFiles, draw_chart: Callable[[Predictions, str], Chart | None], caption: str) -> Blocks:
    p = run.predictions
    if not isinstance(p, Predictions) or not len(p.truth):
        return [no_predictions(run, "class")]
    chart = draw_chart(p, caption)
    if chart is None:
        absent = " or ".join(f"class {name}" for name in missing_classes(p))
        return [sentence(f"There is no curve: no record of {absent} is in the test set.")]
    return [chart]


def _score(run: RunFiles, metric: str) -> str:
    return spaced(run.scores.metrics.get(metric) if run.scores else None)


def _one_bin(quantity: str, values: np.ndarray) -> str:
    known = values[~np.isnan(values)]
    if known.size and known.min() == known.max():
        return f"All test records have the same {quantity}: {known[0]:.4g}."
    return f"There are too few test records, or too few values among them, for bins of {quantity}."
