"""The files that a report is made from. A missing file reads as None; a damaged one is an error."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

from dnaseq.audit_record import Audit
from dnaseq.errors import FileAccessError, InputError
from dnaseq.evaluation.comparison.results import Comparison, Scores
from dnaseq.evaluation.comparison.searches import Recipe, RecipeSearch, Sweep
from dnaseq.io.results.explanation import FOLDER
from dnaseq.io.results.run_files import read_record, read_text
from dnaseq.io.tables.sequence_table import table_rows
from dnaseq.prediction_task import prediction_task
from dnaseq.report.inputs.explanation import Explanation, read_explanation
from dnaseq.report.inputs.predictions import (
    READERS,
    Predictions,
    TaskPredictions,
    read_predictions,
    read_task_predictions,
)

PREDICTIONS, STRATA = "predictions.test.tsv", "strata.tsv"
Contents = TypeVar("Contents")


class RunFiles(NamedTuple):
    """One run, audit, cross-validation, comparison or sweep, as far as its folder has the files."""

    folder: Path
    config: str | None
    scores: Scores | None
    audit: Audit | None
    comparison: Comparison | None
    history: dict[str, list[float]] | None
    predictions: Predictions | TaskPredictions | None  # by the task
    recipe: Recipe | None  # what recipe=probe found
    search: RecipeSearch | None  # what experiment=auto tried
    sweep: Sweep | None
    explanation: Explanation | None = None


def read_run(folder: Path) -> RunFiles:
    """Read config.yaml, scores.json, audit.json, comparison.json, recipe.json, search.json, sweep.json, history.csv,
    the predictions and the explanation of a folder.

    Raises FileAccessError if there is no such folder or a file cannot be read, InputError for a damaged file.
    """
    if not folder.is_dir():
        raise FileAccessError(f"{folder}: no such run folder. Give the folder that a training wrote")
    scores = _record(folder / "scores.json", Scores)
    return RunFiles(
        folder,
        _if_there(folder / "config.yaml", read_text),
        scores,
        _record(folder / "audit.json", Audit),
        _comparison(folder),
        _if_there(folder / "history.csv", _history),
        _predictions(folder, (scores and scores.task) or None),
        _record(folder / "recipe.json", Recipe),
        _record(folder / "search.json", RecipeSearch),
        _record(folder / "sweep.json", Sweep),
        read_explanation(folder if scores is None else folder / FOLDER),
    )


def _comparison(folder: Path) -> Comparison | None:
    """Read the comparison of the folder or, in the folder of a sweep, that of its final runs."""
    of_sweep = folder / "comparison" / "comparison.json"
    is_sweep = (folder / "sweep.json").exists()
    return _record(of_sweep if is_sweep else folder / "comparison.json", Comparison)


def _predictions(folder: Path, task: str | None) -> Predictions | TaskPredictions | None:
    """Read the predictions by the task of the run; None where there are none."""
    if prediction_task(task) not in READERS:
        return read_class_predictions(folder)
    return _if_there(folder / PREDICTIONS, lambda path: read_task_predictions(path, task or ""))


def read_class_predictions(folder: Path) -> Predictions | None:
    """Read the predictions of classes in a folder, None where there are none."""
    return _if_there(folder / PREDICTIONS, lambda path: read_predictions(path, folder / STRATA))


def _record(path: Path, kind: type[Contents]) -> Contents | None:
    return _if_there(path, lambda there: read_record(there, kind))


def _if_there(path: Path, read: Callable[[Path], Contents]) -> Contents | None:
    return read(path) if path.exists() else None


def _history(path: Path) -> dict[str, list[float]] | None:
    """Return each column as numbers, NaN where a cell is empty; None where there is no epoch."""
    names = read_text(path).partition("\n")[0].strip().split(",")
    rows = list(table_rows(path, names))
    columns = {
        name: [_number(cells[i], path, line, name) for line, cells in rows] for i, name in enumerate(names)
    }
    return columns if rows else None


def _number(text: str, path: Path, line: int, column: str) -> float:
    try:
        return float(text) if text else math.nan
    except ValueError:
        raise InputError(f"column {column}: {text!r} is not a number", file=path, line=line) from None
