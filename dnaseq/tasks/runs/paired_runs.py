"""Runs to be compared, read from their folders and paired by their test records."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dnaseq.errors import ConfigError, InputError
from dnaseq.evaluation.comparison.results import Scores
from dnaseq.io.results.rows import OK, Rows, read_rows
from dnaseq.io.results.run_files import read_columns, read_record
from dnaseq.old_names import with_new_names
from dnaseq.tasks.config.validation import plain
from dnaseq.tasks.runs.manifest import PREDICTIONS, STRATA, configuration
from dnaseq.tasks.runs.run_folder import is_complete


class Key(NamedTuple):
    """The identity of a test record: predictions with the same key are compared."""

    id: str
    sequence: str  # digest of the record's letters: tables without ids number their rows alike
    truth: str
    fold: str  # fold of a cross-validation, otherwise ""


class Run(NamedTuple):
    """The files of a run folder that a comparison needs."""

    folder: Path
    scores: Scores
    config: dict  # config.yaml
    classes: list[str]
    rows: Rows
    sequences: dict[str, str]  # id -> digest of the record's letters
    groups: dict[str, str]  # id -> group


def read_runs(folders: list[Path]) -> list[Run]:
    """Read the runs of complete folders, which have the same test records.

    Raises ConfigError for an incomplete run; InputError for runs of an older version, and for runs with other test
    records, other classes, another order of classes, or other folds.
    """
    runs = [_read(folder) for folder in folders]
    for run in runs[1:]:
        _check_pair(runs[0], run)
    return runs


def keys_of(run: Run) -> list[Key]:
    """List the keys of the rows with a prediction, in their order."""
    return list(_rows_of(run))


def answers(run: Run, order: list[Key]) -> tuple[np.ndarray, float]:
    """Return the probabilities (n, C) of the records in an order, and the decision threshold."""
    threshold = run.scores.threshold
    if not isinstance(threshold, float):
        raise InputError("has no entry 'threshold'", file=run.folder / "scores.json")
    row_of = _rows_of(run)
    return run.rows.probabilities[[row_of[key] for key in order]], threshold


def _read(folder: Path) -> Run:
    if not is_complete(folder) or not (folder / PREDICTIONS).exists():
        raise ConfigError(f"{folder} is not a complete run. Name folders that train or evaluate wrote")
    config: Any = with_new_names(plain(configuration(folder), resolve=False))
    classes, rows = read_rows(folder / PREDICTIONS)
    if "truth" not in rows.extra:
        raise InputError("no column truth", file=folder / PREDICTIONS)
    if not (folder / STRATA).exists() or "sequence" not in read_columns(folder / STRATA, ["sequence"]):
        raise InputError("written by an older dnaseq", file=folder, fix="Evaluate it again")
    sequences = _of_each(folder / STRATA, "sequence", rows.ids)
    groups = _of_each(folder / "split.tsv", "group", rows.ids)
    if unknown := set(rows.extra["truth"]) - {*classes, ""}:
        raise InputError(f"class {min(unknown)!r} has no column", file=folder / PREDICTIONS)
    return Run(folder, read_record(folder / "scores.json", Scores), config, classes, rows, sequences, groups)


def _of_each(path: Path, column: str, ids: list[str]) -> dict[str, str]:
    """Return id -> cell of a column, for every record in `ids` and maybe more."""
    table = read_columns(path, ("id", column))
    if len(table) < 2:
        raise InputError(f"columns id and {column} are needed", file=path)
    found = dict(zip(table["id"], table[column], strict=True))
    if unknown := set(ids) - set(found):
        raise InputError("not in the table", file=path, record=min(unknown))
    return found


def _check_pair(first: Run, run: Run) -> None:
    """Raise InputError unless both have the same test records, classes and folds."""
    pair = f"{first.folder} and {run.folder}"
    if bool(run.scores.folds) != bool(first.scores.folds):
        raise InputError(f"{pair}: one is a cross-validation and the other is not")
    if run.classes != first.classes:
        what = "classes in another order" if sorted(run.classes) == sorted(first.classes) else "other classes"
        both = f"{', '.join(first.classes)}; {', '.join(run.classes)}"
        raise InputError(f"{pair}: {what} ({both})", fix="Give both the same data.classes")
    own, other = set(keys_of(first)), set(keys_of(run))
    if own != other:
        records = {key[:2] for key in own}
        common = len(records & {key[:2] for key in other})
        shared = f"{common} of {len(records)} test records in common, by id and letters"
        fix = "Compare runs of the same data and split"
        raise InputError(f"{pair}: scored on different records, labels or folds ({shared})", fix=fix)


def _rows_of(run: Run) -> dict[Key, int]:
    """Return the key of each row with a prediction -> its place in the table."""
    ids, extra = run.rows.ids, run.rows.extra
    folds = extra.get("fold", [""] * len(ids))
    keys = [Key(i, run.sequences[i], *more) for i, *more in zip(ids, extra["truth"], folds, strict=True)]
    return {key: row for row, key in enumerate(keys) if run.rows.statuses[row] == OK}
