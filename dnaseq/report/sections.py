"""The sections of the report, in order. Each is a title and a function from the run's files to its contents."""

import json
import math

import numpy as np

from dnaseq.errors import one_line
from dnaseq.evaluation.metric_names import METRICS
from dnaseq.evaluation.summary import leak_line
from dnaseq.report.figures import (
    history_figure,
    precision_recall_figure,
    reliability_figure,
    roc_figure,
)
from dnaseq.report.headline import all_scores, headline_table, spaced, verdict
from dnaseq.report.markup import Markup, element, joined, table
from dnaseq.report.run_files import RunFiles

MOST_LEAKS, MOST_ERRORS, MOST_LINES = 20, 10, 6
UNBOUNDED = ("log_loss",)  # scores that do not fit on an axis with the others


def summary(run: RunFiles) -> Markup:
    if run.scores is None:
        return _missing("scores.json", "no score is known")
    s = run.scores
    classes = ", ".join(map(str, s.get("classes", [])))
    what = (
        f"{s.get('model', 'A model')} on {s.get('data', 'unnamed data')}, {s.get('split', 'test')} records: "
        f"{s.get('n', 'an unknown number of')} records of the classes {classes or 'not named'}."
    )
    return joined(
        [
            element("p", what),
            headline_table(s),
            element("p", verdict(s), class_="verdict"),
            element("p", _meaning(s.get("classes", []))),
            all_scores(s),
        ]
    )


def data_and_leaks(run: RunFiles) -> Markup:
    parts = [element("p", _sentence_case(leak_line(run.scores)))] if run.scores else []
    if run.audit is None:
        return joined([*parts, _missing("audit.json", "the data were not described")])
    a = run.audit
    if isinstance(a.get("records"), dict):
        parts.append(_facts(a["records"], "records", "Records of each class"))
    for key, row_name, title in (
        ("gc", "mean", "GC fraction"),
        ("lengths", "bases", "Lengths of the records"),
    ):
        if isinstance(a.get(key), dict):
            parts.append(_facts(a[key], row_name, title))
    parts += _leaks(a.get("leaks") or {})
    parts.append(_folded("Everything in audit.json", json.dumps(a, indent=1, ensure_ascii=False)))
    return joined(parts)


def learning_curves(run: RunFiles) -> Markup:
    if run.history is None:
        return _missing("history.csv", "there is no learning curve")
    known = [name for name, values in run.history.items() if not all(map(math.isnan, values))]
    losses = [name for name in known if name.endswith("/loss")]
    scores = [
        n for n in known if "/" in n and n.split("/")[1] in METRICS and n.split("/")[1] not in UNBOUNDED
    ]
    figures = [
        element("figure", history_figure(run.history, columns[:MOST_LINES], quantity))
        for columns, quantity in ((losses, "loss"), (scores, "score"))
        if columns
    ]
    epochs = f"Epochs: {len(next(iter(run.history.values())))}, one point each."
    return joined([element("div", *figures, class_="pair"), element("p", epochs)])


def roc(run: RunFiles) -> Markup:
    caption = f"AUROC {_score(run, 'auroc')}. The straight line is chance."
    return _curve(run, roc_figure, caption)


def precision_recall(run: RunFiles) -> Markup:
    caption = f"AUPRC {_score(run, 'auprc')}. Dotted lines are chance: the share of the class."
    return _curve(run, precision_recall_figure, caption)


def calibration(run: RunFiles) -> Markup:
    caption = (
        f"Expected calibration error {_score(run, 'ece')}, Brier score {_score(run, 'brier')}. On the straight line "
        "probabilities mean what they say; the larger a point, the more records."
    )
    return _curve(run, reliability_figure, caption)


def confusion(run: RunFiles) -> Markup:
    p = run.predictions
    if p is None or not len(p.truth):
        return _no_predictions(run)
    n = len(p.classes)
    counts = np.bincount(p.truth * n + p.labels, minlength=n * n).reshape(n, n)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    rows = [
        [name, *[_count_cell(count, share) for count, share in zip(*row, strict=True)]]
        for name, row in zip(p.classes, zip(counts, shares, strict=True), strict=True)
    ]
    left_out = f" Rows left out, without answer or known class: {p.left_out}." if p.left_out else ""
    caption = "Rows: the true class; columns: what it was called; per cent of the row." + left_out
    return table(["", *p.classes], rows, caption)


def confident_errors(run: RunFiles) -> Markup:
    p = run.predictions
    if p is None or not len(p.truth):
        return _no_predictions(run)
    of_label = p.probabilities[np.arange(len(p.labels)), p.labels]
    wrong = np.flatnonzero(p.labels != p.truth)
    if not wrong.size:
        return element("p", f"All {len(p.truth)} records were called right.")
    worst = wrong[np.argsort(-of_label[wrong], kind="stable")][:MOST_ERRORS]
    rows = [
        [f"{of_label[i]:.3f}", p.classes[p.labels[i]], p.classes[p.truth[i]], one_line(p.ids[i])]
        for i in worst
    ]
    caption = f"{len(wrong)} of {len(p.truth)} records were called wrong; the surest first"
    return table(["probability", "called", "truth", "record"], rows, caption, "words")


def how_it_was_made(run: RunFiles) -> Markup:
    s = run.scores or {}
    facts = {key: s[key] for key in ("seed", "threshold", "calibration") if s.get(key) is not None}
    parts = [_list(facts, "Settings")] if facts else []
    titles = {"versions": "Versions", "fingerprints": "Fingerprints", "seconds": "Seconds"}
    for key, title in titles.items():
        if isinstance(s.get(key), dict) and s[key]:
            parts.append(_list(s[key], title))
    if run.config is None:
        parts.append(_missing("config.yaml", "the settings are not known"))
    else:
        parts.append(_folded("config.yaml: all settings", run.config))
    return joined([*parts, element("p", f"Run folder: {run.folder.name}", class_="lead")])


SECTIONS = {
    "Summary": summary,
    "Data and leaks": data_and_leaks,
    "Learning curves": learning_curves,
    "ROC": roc,
    "Precision and recall": precision_recall,
    "Calibration": calibration,
    "Confusion matrix": confusion,
    "Most confident errors": confident_errors,
    "How it was made": how_it_was_made,
}


def _missing(file: str, consequence: str) -> Markup:
    return element("p", f"{file} is not in the run folder, so {consequence}.")


def _no_predictions(run: RunFiles) -> Markup:
    if run.predictions is None:
        return _missing("predictions.test.tsv", "this section is empty")
    return element("p", "No answered record has a known class, so this section is empty.")


def _curve(run: RunFiles, figure, caption: str) -> Markup:
    if run.predictions is None or not len(run.predictions.truth):
        return _no_predictions(run)
    return element("figure", figure(run.predictions), element("figcaption", caption))


def _score(run: RunFiles, metric: str) -> str:
    return spaced((run.scores or {}).get("metrics", {}).get(metric))


def _meaning(classes: list) -> str:
    if len(classes) == 2:
        return f"AUROC, AUPRC, sensitivity, precision and F1 are those of the class {classes[-1]}."
    return "AUROC, AUPRC, sensitivity, specificity, precision and F1 are means over the classes, each against the rest."


def _sentence_case(line: str) -> str:
    return f"{line[0].upper()}{line[1:]}."


def _leaks(leaks: dict) -> list[Markup]:
    """The counts, and the pairs that were found, the first few of them by name."""
    counts = {key: value for key, value in leaks.items() if not isinstance(value, list | dict | None)}
    parts = [_facts(counts, "records", "Test records found in the training set")] if counts else []
    pairs = [pair for pair in leaks.get("ids") or [] if isinstance(pair, list) and len(pair) == 3]
    if pairs:
        rows = [
            [n, one_line(str(train)), one_line(str(judge)), one_line(str(kind).replace("_", " "))]
            for n, (train, judge, kind) in enumerate(pairs[:MOST_LEAKS], 1)
        ]
        title = (
            f"Pairs found: the first {len(rows)} of {len(pairs)}" if len(pairs) > len(rows) else "Pairs found"
        )
        pairs_table = table(["", "training record", "same as", "kind"], rows, kind="words")
        parts.append(element("details", element("summary", title), pairs_table))
    return parts


def _facts(facts: dict, row_name: str, title: str) -> Markup:
    """One table: a row of values, or a row for each inner dict, with the names of the values as columns."""
    nested = facts and all(isinstance(inner, dict) for inner in facts.values())
    rows = facts if nested else {row_name: facts}
    columns = list(dict.fromkeys(key for inner in rows.values() for key in inner))
    body = [[name, *[_shown(inner.get(c)) for c in columns]] for name, inner in rows.items()]
    return table(["", *columns], body, title)


def _list(facts: dict, title: str) -> Markup:
    """One table: a row for each value, which may be long."""
    return table(["", ""], [[name, _shown(value)] for name, value in facts.items()], title, "words")


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return "-" if value is None else str(value)


def _folded(title: str, text: str) -> Markup:
    return element("details", element("summary", title), element("pre", text))


def _count_cell(count: int, share: float) -> Markup:
    blue = f"background: rgba(0, 114, 178, {0.6 * share:.2f})"  # at 60 per cent black on it stays readable
    return element("td", int(count), element("small", f"{100 * share:.1f} %"), class_="count", style=blue)
