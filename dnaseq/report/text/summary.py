"""The scores of a run as one screen of plain text."""

import math

from dnaseq.evaluation.comparison.phrasing import interval_text
from dnaseq.evaluation.metrics.names import metric_title
from dnaseq.prediction_task import CLASSIFICATION, prediction_task

COLUMNS = {metric: metric_title(metric) for metric in CLASSIFICATION.headline}
NAME_WIDTH, CELL_WIDTH = 13, 21  # four cells and a name fit into 100 columns
MUCH = 0.1  # share of the training part that was dropped

SHORT = {
    "kmer_canonical_logistic": "canonical",
    "position_logistic": "position",
    "kmer_position_logistic": "kmer_position",
}


def summary_table(scores_json: dict) -> str:
    """Return the table that a run prints at its end, from the contents of scores.json; at most 100 columns.

    One row for the model and one for each baseline: accuracy, AUROC, AUPRC and MCC (of the last of two classes,
    means over the classes if there are more), each with its 95 % interval; of a cross-validation these are means
    over the folds, and a row a fold follows. Then the leaks.
    """
    rows = {"model": scores_json.get("metrics", {})} | scores_json.get("baselines", {})
    lines = [heading(scores_json), "", _line("", list(COLUMNS.values()))]
    for name, metrics in rows.items():
        lines.append(_line(name, [interval_text(metrics.get(metric)) for metric in COLUMNS]))
    lines += _fold_lines(scores_json.get("folds", []))
    return "\n".join([*lines, "", leak_line(scores_json)])


def leak_line(scores_json: dict) -> str:
    """Return one line on the leaks: test records that were found in the training set, and those dropped, with their
    share where it is large."""
    leaks = scores_json.get("leaks") or {}
    kinds = {"exact": "exact", "reverse_complement": "reverse complement", "near": "near-duplicate"}
    found = [f"{leaks[kind]} {name}" for kind, name in kinds.items() if leaks.get(kind) is not None]
    if not found:
        return "leaks: not looked for"
    dropped = scores_json.get("dropped") or {}
    splits = {"train": "training", "val": "validation"}
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


def _fold_lines(folds: list[dict]) -> list[str]:
    """Return one row a fold, named by repeat and fold, without intervals."""
    if not folds:
        return []
    cells = [[_value(fold["metrics"].get(metric)) for metric in COLUMNS] for fold in folds]
    names = [f"fold {fold['repeat']}.{fold['fold']}" for fold in folds]
    return ["", *[_line(name, row) for name, row in zip(names, cells, strict=True)]]


def _value(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def heading(scores_json: dict) -> str:
    """Return the model, the data set and the number of records: one line of at most 100 columns."""
    model, data = scores_json.get("model", "model"), scores_json.get("data", "unknown data")
    what = f"{model} on {data}, {scores_json.get('split', 'test')} records"
    numbers = f"n = {scores_json.get('n', '-')}, seed {scores_json.get('seed', '-')}, 95 % intervals"
    return f"{what[: 99 - len(numbers) - 1]}: {numbers}"


def _line(name: str, cells: list[str]) -> str:
    name = SHORT.get(name, name)
    return (
        f"{name[:NAME_WIDTH]:<{NAME_WIDTH}}" + "".join(f"{'  ' + c:<{CELL_WIDTH}}" for c in cells)
    ).rstrip()


IN_UNITS = ("rmse", "mae")  # of what is predicted, and so of any size
WIDEST = 100


def task_summary_table(scores_json: dict) -> str:
    """Return the table that a run prints at its end, from the contents of scores.json, by its entry "task".

    One row for the model and one for each baseline, the headline of the task with 95 % intervals: means over the
    labels, targets or classes where there are several. Columns move together, then numbers lose digits, where the
    table would be wider than 100 columns. Then the leaks.
    """
    columns = {metric: metric_title(metric) for metric in prediction_task(scores_json["task"]).headline}
    rows = {"model": scores_json.get("metrics", {})} | scores_json.get("baselines", {})
    for digits, gap in ((3, 2), (3, 1), (2, 2), (1, 1)):
        cells = [
            [name, *[estimate_text(scores.get(m), m, digits) for m in columns]]
            for name, scores in rows.items()
        ]
        lines = _aligned([["", *columns.values()], *cells], gap)
        if max(map(len, lines)) <= WIDEST:
            break
    return "\n".join([heading(scores_json), "", *lines, "", leak_line(scores_json)])


def estimate_text(score: dict | None, metric: str, digits: int = 3) -> str:
    """Write '0.775 [0.733,0.815]' or, of an error, '1230 [1100,1.46e5]'; a dash for a score that is not known."""
    if not score or score.get("value") is None:
        return "-"
    text = error_text if metric.partition("/")[0] in IN_UNITS else number_text
    value, *ends = (
        text(score[key], digits) for key in ("value", "low", "high") if score.get(key) is not None
    )
    return f"{value} [{','.join(ends)}]" if len(ends) == 2 else value


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


def _aligned(rows: list[list[str]], gap: int) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [(" " * gap).join(f"{c:<{w}}" for c, w in zip(row, widths, strict=True)).rstrip() for row in rows]
