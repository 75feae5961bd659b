"""The sections of the report of a comparison or a sweep: what is shown, models, differences, curves, runs."""

from functools import partial

import numpy as np
from matplotlib.figure import Figure

from dnaseq.errors import DnaseqError, one_line
from dnaseq.evaluation.comparison.phrasing import BETTER_IF_LOWER
from dnaseq.evaluation.comparison.results import ComparedModel, ComparedRun, FailedRun, Pair, SeedsEstimate
from dnaseq.evaluation.metrics.curves import roc_points
from dnaseq.evaluation.metrics.names import metric_title
from dnaseq.report.charts.chart import Chart
from dnaseq.report.charts.drawing import COLOURS, GREY, draw_forest, legend, line_style, series, square
from dnaseq.report.html.markup import Markup, element, joined, table
from dnaseq.report.html.tables import p_text, score_cell, sentence, shown
from dnaseq.report.inputs.run_files import RunFiles, read_class_predictions
from dnaseq.report.sections.provenance import how_it_was_made
from dnaseq.report.sections.section import Section
from dnaseq.schemas import Estimate, present

COSTS = ("parameters", "seconds")  # of a model
MOST_ROWS = 30  # of a forest plot
MOST_CURVES = len(COLOURS)  # models; more cannot be told apart


def summary(run: RunFiles) -> list[Markup]:
    c = present(run.comparison)
    seeds = len({of_run.seed for of_run in c.runs if of_run.seed is not None})
    trained = f"Models: {len(c.models)}; runs: {len(c.runs)}" + (f" with {seeds} seeds" if seeds > 1 else "")
    what = f"{trained}; {c.n} test records of the classes {', '.join(c.classes)}."
    items = [element("li", text) for text in c.words]
    return [sentence(what), element("ul", *items, class_="findings")]


def models(run: RunFiles) -> list[Markup]:
    c = present(run.comparison)
    found = c.models
    metrics = _metrics(found)
    costs = [cost for cost in COSTS if any(getattr(m, cost) is not None for m in found)]
    body = [
        [
            one_line(m.name),
            *[score_cell(m.metrics.get(name)) for name in metrics],
            *[_cost(getattr(m, cost) or None) for cost in costs],
        ]
        for m in found
    ]
    header = ["", *map(metric_title, metrics)]
    caption = "Means over seeds, with 95 % intervals over the test records"
    parts = [
        table([*header, *costs], body, f"{caption}; seconds are those of training" if costs else caption)
    ]
    if failed := c.failed:
        texts = [one_line(f"{f.name}{_seed(f)}: {f.reason}") for f in failed]
        parts += [sentence("Failed:"), element("ul", *[element("li", text) for text in texts])]
    if any(_seeds(m, name) for m in found for name in metrics):
        body = [[one_line(m.name), *[_seed_cell(m.metrics.get(name)) for name in metrics]] for m in found]
        caption = "Each seed, and the standard deviation over seeds: what training anew changes"
        parts.append(table(header, body, caption))
    return parts


def differences(run: RunFiles) -> list[Markup | Chart]:
    """Draw a forest plot for each metric, and list all pairs."""
    pairs = present(run.comparison).pairs
    if not pairs:
        return [sentence("There is one model only, so there is no pair.")]
    charts = [_forest(pairs, metric) for metric in dict.fromkeys(pair.metric for pair in pairs)]
    rows = [
        [
            one_line(f"{p.a} minus {p.b}"),
            metric_title(p.metric),
            score_cell(Estimate(p.difference, p.low, p.high)),
            p_text(p.p),
            p_text(p.p_holm),
            p.test,
        ]
        for p in pairs
    ]
    header = ["pair", "score", "difference", "p", "p (Holm)", "test"]
    caption = "Paired tests on the same records; p (Holm) is corrected for the number of pairs"
    return [*charts, table(header, rows, caption, "pairs")]


def curves(run: RunFiles) -> list[Markup | Chart]:
    """Draw the ROC curves of the runs whose predictions lie where the comparison says."""
    c = present(run.comparison)
    if len(c.classes) != 2:
        return [sentence("Curves are drawn together for two classes only; see the reports of the runs.")]
    numbers: dict[str, list] = {"model": [], "run": [], "false_positive_rate": [], "true_positive_rate": []}
    names = list(dict.fromkeys(of_run.name for of_run in c.runs))[:MOST_CURVES]
    for name in names:
        for of_run in (r for r in c.runs if r.name == name):
            for x, y in _roc(run, of_run):
                cells = (name, of_run.folder, float(x), float(y))
                for column, cell in zip(numbers.values(), cells, strict=True):
                    column.append(cell)
    if not numbers["run"]:
        return [sentence("The predictions of the runs are not where they were, so there are no curves.")]
    caption = "A line is a run; runs of one model share colour and dashes. The straight line is chance."
    return [Chart("roc", "ROC curves", caption, numbers, draw_roc_curves)]


def runs(run: RunFiles) -> list[Markup]:
    found = present(run.comparison).runs
    keys = [k for k in dict.fromkeys(key for r in found for key in r.settings) if k != "seed"]
    rows = [
        [
            one_line(r.name),
            shown(r.seed),
            *[shown(r.settings.get(k)) for k in keys],
            r.folder,
        ]
        for r in found
    ]
    return [table(["name", "seed", *keys, "folder"], rows, "Runs, with the settings that differ", "words")]


SECTIONS: dict[str, Section] = {
    "Summary": summary,
    "Models": models,
    "Differences": differences,
    "ROC": curves,
    "Runs": runs,
    "How it was made": how_it_was_made,
}


def draw_roc_curves(numbers: dict[str, list]) -> Figure:
    figure, axes = square("false positive rate", "true positive rate")
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1)
    lines, styles = {}, list(dict.fromkeys(numbers["model"]))
    model_of = dict(zip(numbers["run"], numbers["model"], strict=True))
    points = {key: cells for key, cells in numbers.items() if key != "model"}
    for folder, curve in series(points, "run"):
        model = model_of[folder]
        style = line_style(styles.index(model), model) | {"linewidth": 1.2}
        lines[model], *_ = axes.plot(curve["false_positive_rate"], curve["true_positive_rate"], **style)
    legend(figure, list(lines.values()))
    return figure


def _forest(pairs: list[Pair], metric: str) -> Chart:
    mine = [pair for pair in pairs if pair.metric == metric][:MOST_ROWS]
    numbers = {"pair": [one_line(f"{p.a} minus {p.b}") for p in mine]}
    numbers |= {key: [getattr(p, key) for p in mine] for key in ("difference", "low", "high")}
    better = "second" if metric in BETTER_IF_LOWER else "first"
    caption = (
        f"Right of the broken line the {better} of the pair is better. Lines are 95 % intervals, not corrected for "
        "the number of pairs; a hollow point is one whose interval holds 0."
    )
    draw = partial(draw_forest, x=f"difference in {metric_title(metric)}", reference=0.0)
    return Chart(
        f"differences_{metric.replace('/', '_')}", f"differences in {metric}", caption, numbers, draw
    )


def _roc(run: RunFiles, of_run: ComparedRun) -> list[tuple[float, float]]:
    """Return the points of a run's curve; none where its predictions are gone, damaged or of one class."""
    try:
        predictions = read_class_predictions(run.folder / of_run.folder)
    except DnaseqError:
        return []
    if predictions is None or predictions.classes != present(run.comparison).classes:
        return []
    positive = predictions.truth == 1
    if not 0 < positive.sum() < len(positive):
        return []
    return np.column_stack(roc_points(positive, predictions.probabilities[:, 1])).tolist()


def _cost(value: float | None) -> str:
    return "-" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:.1f}"


def _seed(failed: FailedRun) -> str:
    return "" if failed.seed is None else f", seed {failed.seed}"


def _metrics(found: list[ComparedModel]) -> list[str]:
    return list(dict.fromkeys(name for model in found for name in model.metrics))


def _seeds(model: ComparedModel, metric: str) -> bool:
    return metric in model.metrics and len(model.metrics[metric].seeds) > 1


def _seed_cell(score: SeedsEstimate | None) -> Markup:
    seeds = [f"{value:.3f}" for value in (score.seeds if score else ()) if value is not None]
    spread = f"sd {score.sd_seeds:.3f}" if score and score.sd_seeds is not None else ""
    return element("td", ", ".join(seeds) or "-", joined([element("small", spread)]) if spread else "")
