"""Comparisons of models, and runs of several seeds that no paired test compares, as tables of plain text."""

from collections.abc import Sequence
from statistics import mean, stdev
from textwrap import wrap

from dnaseq.evaluation.comparison.phrasing import interval_text
from dnaseq.evaluation.comparison.results import Comparison, FailedRun, Values
from dnaseq.evaluation.comparison.searches import RunRow
from dnaseq.evaluation.metrics.names import metric_title

CELL_WIDTH, SEEDS_CELL_WIDTH, COST_WIDTH, LONGEST_NAME, WIDTH = 22, 20, 12, 36, 100
MOST_METRICS = 5  # of runs that no test compares
SEEDS = "  {} seeds"
COSTS = {"parameters": "{:,}", "seconds": "{:.1f}"}  # of a model, where they are known


def comparison_table(comparison: Comparison) -> str:
    """Return a table with a row a model, a row for each run that failed, and the conclusions in sentences.

    A row has the scores, means over the seeds with 95 % intervals over records, the parameters and the seconds of
    training. Where there are several seeds, the standard deviation over them stands below.
    """
    models = comparison.models
    metrics = list(models[0].metrics)
    failed = {_failed_name(one): one.reason for one in comparison.failed}
    width = max(map(len, [*(_short(model.name) for model in models), *failed, SEEDS]))
    costs = [cost for cost in COSTS if any(getattr(model, cost) for model in models)]
    lines = [_line("", [metric_title(metric) for metric in metrics], width, costs)]
    for model in models:
        scores = [model.metrics[metric] for metric in metrics]
        own = [COSTS[cost].format(value) if (value := getattr(model, cost)) else "" for cost in costs]
        lines.append(_line(_short(model.name), [interval_text(score) for score in scores], width, own))
        if any(score.sd_seeds is not None for score in scores):
            n = len(scores[0].seeds)
            cells = ["" if s.sd_seeds is None else f"sd {s.sd_seeds:.3f}" for s in scores]
            lines.append(_line(SEEDS.format(n), cells, width))
    lines += [f"{name:<{width}}  failed: {reason}" for name, reason in failed.items()]
    return "\n".join([*lines, "", *[line for text in comparison.words for line in _item(text)]]).rstrip()


def _failed_name(one: FailedRun) -> str:
    return _short(one.name) + ("" if one.seed is None else f", seed {one.seed}")


def _line(
    name: str, cells: list[str], width: int, costs: Sequence[str] = (), cell_width: int = CELL_WIDTH
) -> str:
    scores = "".join(f"{'  ' + cell:<{cell_width}}" for cell in cells)
    return (f"{name:<{width}}{scores}" + "".join(f"{cost:>{COST_WIDTH}}" for cost in costs)).rstrip()


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 3] + "..."


def _item(text: str) -> list[str]:
    return wrap(f"- {text}", WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def seeds_table(runs: list[RunRow]) -> str:
    """Return a table with a row a name, mean and standard deviation over its seeds, and a row for each failed run."""
    done = [(run.name, run.metrics) for run in runs if run.metrics]
    metrics = [name for name in (done[0][1] if done else ()) if "/" not in name][:MOST_METRICS]
    of_name: dict[str, list[Values]] = {}
    for name, values in done:
        of_name.setdefault(name, []).append(values)
    failed = {f"{run.name}, seed {run.seed}": run.failed for run in runs if run.failed}
    width = max(map(len, [*of_name, *failed]))
    rows = {"": [metric_title(metric) for metric in metrics]}
    rows |= {name: [_spread([s[m] for s in scores]) for m in metrics] for name, scores in of_name.items()}
    lines = [_line(name, cells, width, cell_width=SEEDS_CELL_WIDTH) for name, cells in rows.items()]
    return "\n".join([*lines, *[f"{name:<{width}}  failed: {reason}" for name, reason in failed.items()]])


def _spread(values: list[float | None]) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return "-"
    return f"{mean(known):.3f}" + (f" sd {stdev(known):.3f}" if len(known) > 1 else "")
