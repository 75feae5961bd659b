"""The scores of a run as one screen of plain text."""

COLUMNS = {"accuracy": "accuracy", "auroc": "AUROC", "auprc": "AUPRC", "mcc": "MCC"}
NAME_WIDTH, CELL_WIDTH = 13, 21  # four cells and a name fit into 100 columns

SHORT = {
    "kmer_canonical_logistic": "canonical",
    "position_logistic": "position",
    "kmer_position_logistic": "kmer_position",
}


def summary_table(scores_json: dict) -> str:
    """The table that a run prints at its end, from the contents of scores.json; at most 100 columns.

    One row for the model and one for each baseline: accuracy, AUROC, AUPRC and MCC (of the last of two classes,
    means over the classes if there are more), each with its 95 % interval; of a cross-validation these are means
    over the folds, and a row a fold follows. Then what was found of leaks.
    """
    rows = {"model": scores_json.get("metrics", {})} | scores_json.get("baselines", {})
    lines = [heading(scores_json), "", _line("", list(COLUMNS.values()))]
    for name, metrics in rows.items():
        lines.append(_line(name, [interval_text(metrics.get(metric)) for metric in COLUMNS]))
    lines += _fold_lines(scores_json.get("folds", []))
    return "\n".join([*lines, "", leak_line(scores_json)])


def interval_text(score: dict | None) -> str:
    """'0.775 [0.733,0.815]'; a dash for a score that is not known."""
    if not score or score.get("value") is None:
        return "-"
    if score.get("low") is None or score.get("high") is None:
        return f"{score['value']:.3f}"
    return f"{score['value']:.3f} [{score['low']:.3f},{score['high']:.3f}]"


def leak_line(scores_json: dict) -> str:
    """What was found of test records in the training set, and what was done: one line."""
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
    return f"{line}; dropped {' and '.join(done)} records" if done else line


def _fold_lines(folds: list[dict]) -> list[str]:
    """One row a fold, named by repeat and fold, without intervals."""
    if not folds:
        return []
    cells = [[_value(fold["metrics"].get(metric)) for metric in COLUMNS] for fold in folds]
    names = [f"fold {fold['repeat']}.{fold['fold']}" for fold in folds]
    return ["", *[_line(name, row) for name, row in zip(names, cells, strict=True)]]


def _value(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def heading(scores_json: dict) -> str:
    """What was judged on what: one line of at most 100 columns."""
    model, data = scores_json.get("model", "model"), scores_json.get("data", "unknown data")
    what = f"{model} on {data}, {scores_json.get('split', 'test')} records"
    numbers = f"n = {scores_json.get('n', '-')}, seed {scores_json.get('seed', '-')}, 95 % intervals"
    return f"{what[: 99 - len(numbers) - 1]}: {numbers}"


def _line(name: str, cells: list[str]) -> str:
    name = SHORT.get(name, name)
    return (
        f"{name[:NAME_WIDTH]:<{NAME_WIDTH}}" + "".join(f"{'  ' + c:<{CELL_WIDTH}}" for c in cells)
    ).rstrip()
