"""The scores of a run as one screen of plain text."""

import math
from collections.abc import Mapping
from typing import Any

from msgspec import UNSET

from dnaseq.evaluation.comparison.phrasing import interval_text
from dnaseq.evaluation.comparison.results import Fold, Scores
from dnaseq.evaluation.metrics.names import metric_title
from dnaseq.prediction_task import CLASSIFICATION, prediction_task
from dnaseq.schemas import Estimate

COLUMNS = {metric: metric_title(metric) for metric in CLASSIFICATION.headline}
NAME_WIDTH, CELL_WIDTH = 13, 21  # four cells and a name fit into 100 columns
MUCH = 0.1  # share of the training part that was dropped

SHORT = {
    "kmer_canonical_logistic": "canonical",
    "position_logistic": "position",
    "kmer_position_logistic": "kmer_position",
}


def summary_table(scores: Scores) -> str:
    """Return the table that a run prints at its end, from the contents of scores.json; at most 100 columns.

    One row for the model and one for each baseline: accuracy, AUROC, AUPRC and MCC (of the last of two classes,
    means over the classes if there are more), each with its 95 % interval; of a cross-validation these are means
    over the folds, and a row a fold follows. Then the leaks.
    """
    rows = {"model": scores.metrics} | scores.baselines
    lines = [heading(scores), "", _line("", list(COLUMNS.values()))]
    for name, metrics in rows.items():
        lines.append(_line(name, [interval_text(metrics.get(metric)) for metric in COLUMNS]))
    lines += _fold_lines(scores.folds or [])
    return "\n".join([*lines, "", leak_line(scores.leaks or {}, scores.dropped or {})])


def leak_line(leaks: Mapping[str, Any], dropped: Mapping[str, Any]) -> str:
    """Return one line on the leaks: test records that were found in the training set, and those dropped, with their
    share where it is large."""
    kinds = {"exact": "exact", "reverse_complement": "reverse complement", "near": "near-duplicate"}
    kinds |= {"init": "test records that init= had learnt"}
    kinds |= {"learned": "test records that the bundle had learnt"}
    found = [f"{leaks[kind]} {name}" for kind, name in kinds.items() if leaks.get(kind) is not None]
    if not found:
        return "leaks: not looked for"
    splits = {"train": "training", "val": "validation", "test": "test"}
    done = (
        [f"{dropped[s]} {name}" for s, name in splits.items() if s == "train" or dropped.get(s)]
        if dropped
        else []
    )
    line = "leaks: " + ", ".join(found)
    if not done:
        return line
    before = dropped.get("of_train") or math.inf  # earlier versions wrote none
    share = dropped["train"] / before
    much = f", {share:.0%} of the training part" if share > MUCH else ""
    return f"{line}; dropped {' and '.join(done)} records{much}"


def _fold_lines(folds: list[Fold]) -> list[str]:
    """Return one row a fold, named by repeat and fold, without intervals."""
    if not folds:
        return []
    cells = [[_value(fold.metrics.get(metric)) for metric in COLUMNS] for fold in folds]
    names = [f"fold {fold.repeat}.{fold.fold}" for fold in folds]
    return ["", *[_line(name, row) for name, row in zip(names, cells, strict=True)]]


def _value(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def heading(scores: Scores) -> str:
    """Return the model, the data set and the number of records: one line of at most 100 columns."""
    what = f"{scores.model} on {scores.data}, {scores.split} records"
    seed = "-" if scores.seed is UNSET else scores.seed
    numbers = f"n = {scores.n}, seed {seed}, 95 % intervals"
    return f"{what[: 99 - len(numbers) - 1]}: {numbers}"


def _line(name: str, cells: list[str]) -> str:
    name = SHORT.get(name, name)
    return (
        f"{name[:NAME_WIDTH]:<{NAME_WIDTH}}" + "".join(f"{'  ' + c:<{CELL_WIDTH}}" for c in cells)
    ).rstrip()


IN_UNITS = ("rmse", "mae")  # of what is predicted, and so of any size
WIDEST = 100


def task_summary_table(scores: Scores) -> str:
    """Return the table that a run prints at its end, from the contents of scores.json, by its entry "task".

    One row for the model and one for each baseline, the headline of the task with 95 % intervals: means over the
    labels, targets or classes where there are several. Columns move together, then numbers lose digits, where the
    table would be wider than 100 columns. Then the leaks.
    """
    columns = {metric: metric_title(metric) for metric in prediction_task(scores.task or None).headline}
    rows = {"model": scores.metrics} | scores.baselines
    for digits, gap in ((3, 2), (3, 1), (2, 2), (1, 1)):
        cells = [
            [name, *[estimate_text(own.get(m), m, digits) for m in columns]] for name, own in rows.items()
        ]
        lines = align_columns([["", *columns.values()], *cells], gap)
        if max(map(len, lines)) <= WIDEST:
            break
    return "\n".join([heading(scores), "", *lines, "", leak_line(scores.leaks or {}, scores.dropped or {})])


def estimate_text(score: Estimate | None, metric: str, digits: int = 3) -> str:
    """Write '0.775 [0.733,0.815]' or, of an error, '1230 [1100,1.46e5]'; a dash for a score that is not known."""
    if score is None or score.value is None:
        return "-"
    text = error_text if metric.partition("/")[0] in IN_UNITS else number_text
    value, *ends = (text(number, digits) for number in score.known or (score.value,))
    return f"{value} [{','.join(ends)}]" if ends else value


def number_text(value: float, digits: int) -> str:
    """Write a score below 10 with `digits` decimals, one below 10,000 with `digits` digits, others as 1.23e5."""
    size = abs(value)
    if size >= 9_999.5:
        return _with_exponent(value, digits)
    before = len(f"{size:.0f}") if size >= 10 else 0
    return f"{value:z.{max(digits - before, 0)}f}"  # z: no -0.000


def error_text(value: float, digits: int) -> str:
    """Write an error like number_text, but as 1.23e-5 where all decimals would be 0."""
    vanishes = 0 < abs(value) < 10**-digits / 2
    return _with_exponent(value, digits) if vanishes else number_text(value, digits)


def _with_exponent(value: float, digits: int) -> str:
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


def align_columns(rows: list[list[str]], gap: int) -> list[str]:
    """Return a line for each row of cells, the cells of a column one below the other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [(" " * gap).join(f"{c:<{w}}" for c, w in zip(row, widths, strict=True)).rstrip() for row in rows]
