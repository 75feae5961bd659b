"""The predictions of labelled records as a run wrote them, and what else is known of these records."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from dnaseq.errors import InputError
from dnaseq.evaluation.scores import ROUNDING
from dnaseq.io.rows import OK, Rows, read_rows
from dnaseq.io.saved import read_columns


class Predictions(NamedTuple):
    """The answered rows of known class; classes are in the order of the file's p_ columns."""

    ids: list[str]
    classes: list[str]
    labels: np.ndarray  # (n,) the class each record was called
    truth: np.ndarray  # (n,) the class it is of
    probabilities: np.ndarray  # (n, C)
    left_out: int  # rows that were rejected or whose class is unknown
    lengths: np.ndarray  # (n,) bases
    gc: np.ndarray | None = (
        None  # (n,) share of G and C, NaN where a record has no base; None where not known
    )
    groups: list[str] | None = None  # (n,) records of one group are alike; None where not known


def read_predictions(path: Path, strata: Path) -> Predictions:
    """The rows of a prediction file, with GC and groups from `strata` if there is such a file.

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
    """Classes of which there is no record."""
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
