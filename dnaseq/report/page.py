"""The report of a folder: one HTML file that needs no other file, no script and no network, and figures as files."""

from itertools import groupby
from pathlib import Path

from msgspec import UNSET

from dnaseq.errors import visible
from dnaseq.io.atomic import write_text
from dnaseq.io.progress import show_progress
from dnaseq.prediction_task import (
    CLASSIFICATION,
    MULTILABEL,
    PER_BASE,
    REGRESSION,
    PredictionTask,
    prediction_task,
)
from dnaseq.report.charts.chart import FOLDER, Chart, Drawn, draw_chart, figure_element, write_figures
from dnaseq.report.html.markup import Markup, element, joined
from dnaseq.report.html.stylesheet import CSS
from dnaseq.report.inputs.run_files import RunFiles, read_run
from dnaseq.report.sections.audit import SECTIONS as AUDIT
from dnaseq.report.sections.classification import OF_UNTESTED
from dnaseq.report.sections.classification import SECTIONS as CLASSES
from dnaseq.report.sections.comparison import SECTIONS as COMPARISON
from dnaseq.report.sections.explanation import SECTIONS as EXPLANATION
from dnaseq.report.sections.folds import SECTIONS as FOLDS
from dnaseq.report.sections.multilabel import SECTIONS as LABELS
from dnaseq.report.sections.per_base import SECTIONS as BASES
from dnaseq.report.sections.regression import SECTIONS as NUMBERS
from dnaseq.report.sections.section import Section
from dnaseq.report.sections.sweep import SECTIONS as SWEEP

RUNS: dict[PredictionTask, dict[str, Section]] = {
    CLASSIFICATION: CLASSES,
    MULTILABEL: LABELS,
    REGRESSION: NUMBERS,
    PER_BASE: BASES,
}
KINDS: dict[str, dict[str, Section]] = {
    "run": CLASSES,
    "audit": AUDIT,
    "cross-validation": FOLDS,
    "comparison": COMPARISON,
    "sweep": COMPARISON,
}
KINDS |= {"hyperparameter sweep": SWEEP, "explanation": EXPLANATION, "run without a test set": OF_UNTESTED}
KINDS |= {f"{name} run": sections for task, sections in RUNS.items() for name in task.names}


def write_report(run_dir: Path) -> Path:
    """Write report.html and figures/ into a folder, from the files in it alone, and return the report's path.

    The folder is that of a training or evaluation, an audit, a cross-validation, a comparison, a sweep or an
    explanation. A file that is missing leaves its section with a sentence that says so. Raises FileAccessError if the
    folder is missing or cannot be written to, InputError if a file in it is damaged.
    """
    run_dir = Path(run_dir)
    with show_progress("drawing the report"):
        text, drawings = page(read_run(run_dir))
        write_figures(run_dir / FOLDER, drawings)
    path = run_dir / "report.html"
    write_text(path, visible(text, keep="\n\t"))  # JSON may spell half a character, which no file holds
    return path


def page(run: RunFiles) -> tuple[str, list[Drawn]]:
    """Return the whole page and the figures that are drawn on it."""
    kind = find_kind(run)
    title = _title(run, kind)
    contents = {
        name: [draw_chart(block) if isinstance(block, Chart) else block for block in section(run)]
        for name, section in KINDS[kind].items()
    }
    lead = f"Report of {'an' if kind[0] in 'ae' else 'a'} {kind} by dnaseq"
    drawings = [block for blocks in contents.values() for block in blocks if isinstance(block, Drawn)]
    return document(title, lead, contents), drawings


def document(title: str, lead: str, contents: dict[str, list[Markup | Drawn]]) -> str:
    """Return a whole page of sections, each with its name and its blocks."""
    head = element(
        "head",
        Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        element("title", title),
        element("style", Markup(CSS)),
    )
    sections = [
        element("section", element("h2", name), _lay_out(blocks), id=_anchor(name))
        for name, blocks in contents.items()
    ]
    links = element("nav", *[element("a", name, href=f"#{_anchor(name)}") for name in contents])
    first = (element("h1", title), element("p", lead, class_="lead"), links)
    body = element("body", element("main", *first, joined(sections)))
    return "<!doctype html>\n" + element("html", head, body, lang="en") + "\n"


def find_kind(run: RunFiles) -> str:
    """Return the kind of a folder, one of KINDS, by the files in it."""
    if run.explanation is not None and run.scores is None:  # and not of a training
        return "explanation"
    if run.sweep is not None:
        return "hyperparameter sweep"
    if run.comparison is not None:
        return "sweep" if run.comparison.kind == "sweep" else "comparison"
    if run.scores is not None:
        if run.scores.folds:
            return "cross-validation"
        if not run.scores.n:
            return "run without a test set"
        prediction = prediction_task(run.scores.task or None)
        return "run" if prediction is CLASSIFICATION else f"{prediction.names[0]} run"
    return "audit" if run.audit is not None and run.audit.verdicts is not UNSET else "run"


def _title(run: RunFiles, kind: str) -> str:
    if run.sweep is not None:
        return f"Sweep of {run.sweep.model} on {run.sweep.data}"
    if run.scores is not None and run.comparison is None:
        return f"{run.scores.model} on {run.scores.data}"
    if kind == "explanation" and run.explanation is not None:
        return f"Why {run.explanation.faithfulness.target}?"
    data = (run.comparison and run.comparison.data) or (run.audit and run.audit.data)
    return f"{kind.capitalize()} {'of' if kind == 'audit' else 'on'} {data or run.folder.name}"


def _lay_out(blocks: list[Markup | Drawn]) -> Markup:
    """Lay the blocks out one after the other, figures that follow each other side by side where there is room."""
    parts: list[Markup] = []
    for is_wide, group in groupby(
        blocks, lambda block: block.chart.wide if isinstance(block, Drawn) else None
    ):
        some = list(group)
        figures = [figure_element(block) for block in some if isinstance(block, Drawn)]
        width = "wide" if is_wide else "one" if len(figures) == 1 else "pair"
        texts = [block for block in some if not isinstance(block, Drawn)]
        parts += [element("div", *figures, class_=width)] if figures else texts
    return joined(parts)


def _anchor(name: str) -> str:
    return name.lower().replace(" ", "-")
