"""The sections of the report of a hyperparameter sweep."""

from dnaseq.errors import one_line
from dnaseq.evaluation.comparison.searches import RunRow, SearchedKey, Sweep
from dnaseq.report.charts.chart import Chart
from dnaseq.report.charts.sweep import history_chart, importance_chart, parallel_chart
from dnaseq.report.html.markup import Markup, element, table
from dnaseq.report.html.tables import folded, sentence, shown
from dnaseq.report.inputs.run_files import RunFiles
from dnaseq.report.sections.comparison import models
from dnaseq.report.sections.provenance import how_it_was_made
from dnaseq.report.sections.section import Section
from dnaseq.schemas import present

MOST_ROWS = 50  # of the table of trials before it is folded


def summary(run: RunFiles) -> list[Markup]:
    s = present(run.sweep)
    counts = ", ".join(f"{count} {state}" for state, count in s.counts.items())
    what = f"{s.model} on {s.data}: {len(s.trials)} trials ({counts}), compared by {s.monitor} of the "
    parts = [
        sentence(
            f"{what}validation records alone; the {'smallest' if s.direction == 'min' else 'largest'} is best."
        )
    ]
    if best := s.best:
        text = f"The best is trial {best.number}: {s.monitor} {best.value:.4g}."
        if best.name == "default":
            text = f"No trial was better than the default settings: {s.monitor} {best.value:.4g}."
        parts += [element("p", text, class_="verdict"), element("pre", best.command, class_="command")]
    if s.failed:
        parts.append(sentence(f"{s.failed.capitalize()}."))
    return [*parts, _space(s)]


def retrained(run: RunFiles) -> list[Markup]:
    """Show the scores on test records of the best and the default settings."""
    finals = present(run.sweep).finals
    if not finals:
        return [sentence("No trial came to a score, so nothing was retrained.")]
    seeds = len({final.seed for final in finals})
    anew = f"Trained anew with {seeds} seed{'s' * (seeds > 1)} each"
    how = f"{anew} and evaluated once on the test records, which no trial has used."
    parts = [sentence(how)]
    if run.comparison is not None:
        words = [element("li", text) for text in run.comparison.words]
        parts += [*models(run), element("ul", *words, class_="findings")]
        parts.append(element("p", element("a", "The comparison in full", href="comparison/report.html")))
    done = [final for final in finals if final.failed is None]
    metrics = [name for name in (done[0].metrics or () if done else ()) if "/" not in name]
    rows = [
        [
            f.name,
            f.seed,
            *[shown((f.metrics or {})[m]) for m in metrics],
            f.parameters,
            shown(f.seconds),
            _link(f),
        ]
        for f in done
    ]
    header = ["settings", "seed", *metrics, "parameters", "seconds", "run"]
    if run.comparison is None and done:
        parts.append(table(header, rows, "Runs"))
    else:
        parts.append(folded("Runs", table(header, rows)))
    failed = [element("li", one_line(f"{f.name}, seed {f.seed}: {f.failed}")) for f in finals if f.failed]
    return [*parts, *([sentence("Failed:"), element("ul", *failed)] if failed else [])]


def history(run: RunFiles) -> list[Markup | Chart]:
    return [history_chart(present(run.sweep))]


def importance(run: RunFiles) -> list[Markup | Chart]:
    if not present(run.sweep).importance:
        return [sentence("There are too few complete trials to say what the score depends on.")]
    return [importance_chart(present(run.sweep))]


def parallel(run: RunFiles) -> list[Markup | Chart]:
    return [parallel_chart(present(run.sweep))]


def trials(run: RunFiles) -> list[Markup]:
    s = present(run.sweep)
    keys = [d.key for d in s.space]
    rows = [
        [
            t.number,
            t.state,
            shown(t.value),
            t.epochs,
            shown(round(t.seconds, 1)),
            *[shown(t.params.get(key)) for key in keys],
        ]
        for t in s.trials
    ]
    header = ["trial", "state", s.monitor, "epochs", "seconds", *keys]
    failed = [f"trial {t.number}: {t.reason}" for t in s.trials if t.state == "failed"]
    parts = (
        [sentence("Failed:"), element("ul", *[element("li", one_line(text)) for text in failed])]
        if failed
        else []
    )
    listed = table(header, rows, "Every trial; of a pruned one the best score it had", "words")
    return [*parts, listed if len(rows) <= MOST_ROWS else folded(f"All {len(rows)} trials", listed)]


SECTIONS: dict[str, Section] = {
    "Summary": summary,
    "Best and default": retrained,
    "Scores": history,
    "Importance": importance,
    "What was tried": parallel,
    "Trials": trials,
    "How it was made": how_it_was_made,
}


def _space(sweep: Sweep) -> Markup:
    best = sweep.best.params if sweep.best else {}
    rows = [[d.key, _bounds(d), _condition(d), shown(best.get(d.key))] for d in sweep.space]
    return table(["", "tried", "only with", "best"], rows, "What was searched", "words")


def _bounds(dimension: SearchedKey) -> str:
    values = [shown(value) for value in dimension.values]
    if dimension.kind == "choice":
        return ", ".join(values)
    more = " on a logarithmic scale" if dimension.log else ""
    return f"{values[0]} to {values[1]}{more}"


def _condition(dimension: SearchedKey) -> str:
    when = dimension.when or {}
    return ", ".join(f"{key} = {' or '.join(map(shown, values))}" for key, values in when.items()) or "-"


def _link(final: RunRow) -> Markup:
    return element("td", element("a", final.folder, href=f"{final.folder}/report.html"))
