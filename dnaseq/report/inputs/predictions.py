"""The predictions of a run, read from its tables: classes, label sets, numbers, or a label for every base."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dnaseq.errors import InputError
from dnaseq.evaluation.metrics.classification import ROUNDING
from dnaseq.io.results.rows import OK, Rows, read_rows
from dnaseq.io.results.run_files import read_columns
from dnaseq.prediction_task import MULTILABEL, PER_BASE, REGRESSION, PredictionTask, prediction_task


class Predictions(NamedTuple):
    """The predicted rows of known class; classes are in the order of the file's p_ columns."""

    ids: list[str]
    classes: list[str]
    labels: np.ndarray  # (n,) predicted class
    truth: np.ndarray  # (n,) true class
    probabilities: np.ndarray  # (n, C)
    left_out: int  # rows that were rejected or whose class is unknown
    lengths: np.ndarray  # (n,) bases
    gc: np.ndarray | None = None  # (n,) share of G and C, NaN for a record without a base; None if not known
    groups: list[str] | None = None  # (n,) records of one group are alike; None where not known


def read_predictions(path: Path, strata: Path) -> Predictions:
    """Return the rows of a prediction file, with GC and groups from `strata` if there is such a file.

    Raises InputError, with the line, for rows that are damaged or do not fit together.
    """
    classes, rows = read_rows(path)
    if len(classes) < 2 or "truth" not in rows.extra:
        raise InputError("columns p_CLASS of two classes or more and truth are needed", file=path)
    known = np.array(
        [
            bool(truth and label and status == OK)
            for truth, label, status in zip(rows.extra["truth"], rows.labels, rows.statuses, strict=True)
        ],
        dtype=bool,
    )
    at = np.flatnonzero(known)
    _check_probabilities(rows, at, path)
    found = Predictions(
        [rows.ids[i] for i in at],
        classes,
        _classes_of(rows.labels, classes, rows, at, path),
        _classes_of(rows.extra["truth"], classes, rows, at, path),
        rows.probabilities[at],
        len(known) - len(at),
        rows.lengths[at],
    )
    return _with_strata(found, strata, rows.ids, at) if strata.exists() else found


def missing_classes(predictions: Predictions) -> list[str]:
    """Return the classes without a record."""
    there = np.bincount(predictions.truth, minlength=len(predictions.classes)) > 0
    return [name for name, some in zip(predictions.classes, there, strict=True) if not some]


def _classes_of(names: list[str], classes: list[str], rows: Rows, at: np.ndarray, path: Path) -> np.ndarray:
    of_class = {name: c for c, name in enumerate(classes)}
    numbers = np.array([of_class.get(names[i], -1) for i in at], dtype=np.int64)
    for i in at[numbers < 0]:
        what = f"class {names[i]!r} has no column p_{names[i]}"
        raise InputError(what, file=path, line=int(i) + 2, record=rows.ids[i])
    return numbers


def _check_probabilities(rows: Rows, at: np.ndarray, path: Path) -> None:
    p = rows.probabilities[at]
    sound = (np.abs(p.sum(axis=1) - 1) <= ROUNDING * p.shape[1]) & (p >= 0).all(axis=1)  # NaN is not sound
    for i in at[~sound]:
        what = "probabilities must be from 0 to 1 and sum to 1"
        raise InputError(what, file=path, line=int(i) + 2, record=rows.ids[i])


def _with_strata(found: Predictions, path: Path, ids: list[str], at: np.ndarray) -> Predictions:
    """The predictions with GC and group of every record; the file has a row for each prediction, in their order."""
    if _column(path, "id") != ids or (shares := _column(path, "gc")) is None:
        raise InputError("columns id and gc, a row for each row of the predictions, are needed", file=path)
    try:
        gc = np.array([float(shares[i] or "nan") for i in at], dtype=np.float64)
    except ValueError as error:
        raise InputError(f"column gc: {error}", file=path) from error
    del shares  # before the groups come
    groups = _column(path, "group")
    return found._replace(gc=gc, groups=groups and [groups[i] for i in at])


def _column(path: Path, name: str) -> list[str] | None:
    # one at a time: the text of a column takes much memory
    return read_columns(path, (name,)).get(name)


SEPARATOR, NONE = ";", "-"  # between the labels of a set, and the set without labels


class PredictedSets(NamedTuple):
    """Predicted records of known labels."""

    ids: list[str]
    labels: list[str]  # all C, in the order of the p_ columns
    truth: np.ndarray  # (n, C) bool
    called: np.ndarray  # (n, C) bool
    probabilities: np.ndarray  # (n, C)
    left_out: int  # rows that were rejected or whose truth is unknown


class PredictedNumbers(NamedTuple):
    """Predicted records of known numbers."""

    ids: list[str]
    targets: list[str]  # all T, in the order of the value_ columns
    truth: np.ndarray  # (n, T)
    values: np.ndarray  # (n, T)
    left_out: int


class PredictedBases(NamedTuple):
    """Predicted records with a known label for every base."""

    ids: list[str]
    truth: list[np.ndarray]  # of each record (L_i,) bytes, the letter of each base
    called: list[np.ndarray]  # of each record (L_i,) bytes
    left_out: int


TaskPredictions = PredictedSets | PredictedNumbers | PredictedBases


def read_task_predictions(path: Path, task: str) -> TaskPredictions:
    """Return the table of a run whose task is multilabel, regression or labelling.

    Raises InputError, with the line, for rows that are damaged or do not fit together.
    """
    columns = read_columns(path)
    _need(columns, ("id", "status"), path)
    return READERS[prediction_task(task)](columns, path)


def _label_sets(columns: dict[str, list[str]], path: Path) -> PredictedSets:
    labels = _named(columns, "p_", path)
    _need(columns, ("label", "truth"), path)
    rows = _known(columns, ("label", "truth"))
    given = _numbers(columns, "p_", labels, rows, path)
    outside = np.flatnonzero(~((given >= 0) & (given <= 1)).all(axis=1))
    if outside.size:
        raise _damage_error("probabilities must be from 0 to 1", columns, rows[outside[0]], path)
    truth, called = (_sets(columns, name, labels, rows, path) for name in ("truth", "label"))
    return PredictedSets(_ids(columns, rows), labels, truth, called, given, len(columns["id"]) - len(rows))


def _numbers_of_records(columns: dict[str, list[str]], path: Path) -> PredictedNumbers:
    targets = _named(columns, "value_", path)
    truths = [f"truth_{name}" for name in targets]
    _need(columns, truths, path)
    rows = _known(columns, [*truths, *(f"value_{name}" for name in targets)])
    truth, values = (_numbers(columns, prefix, targets, rows, path) for prefix in ("truth_", "value_"))
    return PredictedNumbers(_ids(columns, rows), targets, truth, values, len(columns["id"]) - len(rows))


def _base_labels(columns: dict[str, list[str]], path: Path) -> PredictedBases:
    _need(columns, ("label", "truth"), path)
    rows = _known(columns, ("label", "truth"))
    for row in rows:
        truth, called = columns["truth"][row], columns["label"][row]
        if len(truth) != len(called) or not (truth + called).isascii():
            raise _damage_error("label and truth must have a letter for each base", columns, row, path)
    truths, labels = (
        [np.frombuffer(columns[name][row].encode(), dtype="S1") for row in rows]
        for name in ("truth", "label")
    )
    return PredictedBases(_ids(columns, rows), truths, labels, len(columns["id"]) - len(rows))


READERS: dict[PredictionTask, Callable[[dict[str, list[str]], Path], TaskPredictions]] = {
    MULTILABEL: _label_sets,
    REGRESSION: _numbers_of_records,
    PER_BASE: _base_labels,
}


def _known(columns: dict[str, list[str]], needed: Sequence[str]) -> np.ndarray:
    """Return the rows that have a prediction and all of the needed cells."""
    cells = zip(columns["status"], *(columns[name] for name in needed), strict=True)
    return np.flatnonzero([status == OK and all(rest) for status, *rest in cells])


def _named(columns: dict[str, list[str]], prefix: str, path: Path) -> list[str]:
    names = [name.removeprefix(prefix) for name in columns if name.startswith(prefix)]
    if not names:
        raise InputError(f"columns {prefix}NAME are needed", file=path)
    return names


def _need(columns: dict[str, list[str]], names: Iterable[str], path: Path) -> None:
    for name in names:
        if name not in columns:
            raise InputError(f"has no column {name!r}", file=path)


def _numbers(
    columns: dict[str, list[str]], prefix: str, names: list[str], rows: np.ndarray, path: Path
) -> np.ndarray:
    """(n, number of names) finite numbers."""
    found = np.empty((len(rows), len(names)))
    for i, row in enumerate(rows):
        try:
            found[i] = [float(columns[prefix + name][row]) for name in names]
        except ValueError as error:
            raise _damage_error(f"columns {prefix}NAME: {error}", columns, row, path) from error
    wrong = np.flatnonzero(~np.isfinite(found).all(axis=1))
    if wrong.size:
        raise _damage_error(f"columns {prefix}NAME: not a finite number", columns, rows[wrong[0]], path)
    return found


def _sets(
    columns: dict[str, list[str]], column: str, labels: list[str], rows: np.ndarray, path: Path
) -> np.ndarray:
    """(n, C) bool."""
    of_label = {name: c for c, name in enumerate(labels)}
    found = np.zeros((len(rows), len(labels)), dtype=bool)
    for i, row in enumerate(rows):
        cell = columns[column][row]
        for name in cell.split(SEPARATOR) if cell != NONE else ():
            if name not in of_label:
                raise _damage_error(f"label {name!r} has no column p_{name}", columns, row, path)
            found[i, of_label[name]] = True
    return found


def _ids(columns: dict[str, list[str]], rows: np.ndarray) -> list[str]:
    return [columns["id"][row] for row in rows]


def _damage_error(what: str, columns: dict[str, list[str]], row: int, path: Path) -> InputError:
    return InputError(what, file=path, line=int(row) + 2, record=columns["id"][row])
