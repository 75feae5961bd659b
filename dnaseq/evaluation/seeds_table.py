"""Runs of several seeds as a table of plain text, for tasks whose answers no paired test compares."""

from statistics import mean, stdev

from dnaseq.evaluation.comparison_words import metric_words

MOST_METRICS = 5
CELL_WIDTH = 18


def seeds_table(runs: list[dict]) -> str:
    """A row a name: of each score the mean over its seeds and the standard deviation; a row for each failed run.

    A run is {"name", "seed", "metrics" (name -> value or None), "failed" (a reason, or None)}.
    """
    done = [run for run in runs if run["failed"] is None]
    metrics = [name for name in (done[0]["metrics"] if done else ()) if "/" not in name][:MOST_METRICS]
    of_name: dict[str, list[dict]] = {}
    for run in done:
        of_name.setdefault(run["name"], []).append(run["metrics"])
    failed = {f"{run['name']}, seed {run['seed']}": run["failed"] for run in runs if run["failed"]}
    width = max(map(len, [*of_name, *failed]))
    lines = [_line("", [metric_words(metric) for metric in metrics], width)]
    for name, scores in of_name.items():
        lines.append(_line(name, [_spread([s[metric] for s in scores]) for metric in metrics], width))
    return "\n".join([*lines, *[f"{name:<{width}}  failed: {reason}" for name, reason in failed.items()]])


def _spread(values: list[float | None]) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return "-"
    return f"{mean(known):.3f}" + (f" sd {stdev(known):.3f}" if len(known) > 1 else "")


def _line(name: str, cells: list[str], width: int) -> str:
    return (f"{name:<{width}}" + "".join(f"  {cell:<{CELL_WIDTH}}" for cell in cells)).rstrip()
