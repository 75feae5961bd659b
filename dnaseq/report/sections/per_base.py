"""The sections of the report of a run that predicts a label for every base."""

import numpy as np

from dnaseq.errors import one_line
from dnaseq.report.charts.bases import FIRST_BASES, FIRST_RECORDS, base_confusion_chart, strip_chart
from dnaseq.report.html.markup import table
from dnaseq.report.html.tables import sentence
from dnaseq.report.inputs.predictions import PredictedBases
from dnaseq.report.inputs.run_files import RunFiles
from dnaseq.report.sections.classification import FIRST, LAST, MOST_ERRORS
from dnaseq.report.sections.headline import baselines, forest, summary
from dnaseq.report.sections.section import Blocks, Section, left_out, no_predictions
from dnaseq.schemas import present


def each_class(run: RunFiles) -> Blocks:
    return forest(run, "f1", None)


def confusion(run: RunFiles) -> Blocks:
    p = run.predictions
    if not isinstance(p, PredictedBases) or not p.ids:
        return [no_predictions(run, "truth")]
    caption = f"Bases. Rows: the true class; columns: the predicted class; per cent of the row.{left_out(p.left_out)}"
    return [base_confusion_chart(p, present(run.scores).classes, caption)]


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
    return [strip_chart(p, present(run.scores).classes, caption)]


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


SECTIONS: dict[str, Section] = {
    "Summary": summary,
    **FIRST,
    "Confusion matrix": confusion,
    "Along the records": strips,
    "Each class": each_class,
    "Baselines": baselines,
    "Most wrong records": wrong_bases,
    **LAST,
}
