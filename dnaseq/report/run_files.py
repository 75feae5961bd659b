"""What a run folder holds for its report. A file that is not there reads as None; a damaged one is an error."""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dnaseq.errors import FileAccessError, InputError


class Predictions(NamedTuple):
    """The answered rows of known class; classes are in the order of the file's p_ columns."""

    ids: list[str]
    classes: list[str]
    labels: np.ndarray  # (n,) the class each record was called
    truth: np.ndarray  # (n,) the class it is of
    probabilities: np.ndarray  # (n, C)
    left_out: int  # rows that were rejected or whose class is unknown


class RunFiles(NamedTuple):
    """One run, as far as its folder tells."""

    folder: Path
    config: str | None
    scores: dict | None
    audit: dict | None
    history: dict[str, list[float]] | None
    predictions: Predictions | None


def read_run(folder: Path) -> RunFiles:
    """Read config.yaml, scores.json, audit.json, history.csv and predictions.test.tsv of a run folder.

    Raises FileAccessError if there is no such folder or a file cannot be read, InputError for a damaged file.
    """
    if not folder.is_dir():
        raise FileAccessError(f"{folder}: no such run folder. Give the folder that a training wrote")
    return RunFiles(
        folder,
        _text(folder / "config.yaml"),
        _json(folder / "scores.json"),
        _json(folder / "audit.json"),
        _history(folder / "history.csv"),
        _predictions(folder / "predictions.test.tsv"),
    )


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FileAccessError(f"{path}: cannot be read: {error.strerror}") from error


def _json(path: Path) -> dict | None:
    text = _text(path)
    if text is None:
        return None
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"not JSON: {error.msg}", file=path, line=error.lineno) from error
    if not isinstance(content, dict):
        raise InputError("holds no table of names and values", file=path)
    return content


def _rows(path: Path, delimiter: str) -> list[tuple[int, dict[str, str]]] | None:
    """Line, counted from 1, and cells by column name of each row of a table without quoting."""
    text = _text(path)
    if text is None:
        return None
    names, *rows = [line.rstrip("\r").split(delimiter) for line in text.rstrip("\r\n").split("\n")]
    for line, cells in enumerate(rows, 2):
        if len(cells) != len(names):
            raise InputError(f"{len(cells)} cells under {len(names)} column names", file=path, line=line)
    return [(line, dict(zip(names, cells, strict=True))) for line, cells in enumerate(rows, 2)]


def _history(path: Path) -> dict[str, list[float]] | None:
    """Each column as numbers, NaN where a cell is empty."""
    rows = _rows(path, ",")
    if not rows:
        return None
    return {
        name: [_number(row[name], path, line, name) if row[name] else np.nan for line, row in rows]
        for name in rows[0][1]
    }


def _predictions(path: Path) -> Predictions | None:
    rows = _rows(path, "\t")
    if not rows:
        return None
    columns = rows[0][1]
    classes = [column[2:] for column in columns if column.startswith("p_")]
    if len(classes) < 2 or not {"id", "label", "truth"} <= columns.keys():
        raise InputError("columns id, label, truth and p_CLASS of two classes or more are needed", file=path)
    known = [(line, r) for line, r in rows if r["truth"] and r.get("status", "ok") == "ok"]
    of_class = {name: c for c, name in enumerate(classes)}
    for line, row in known:
        for name in (row["label"], row["truth"]):
            if name not in of_class:
                what = f"class {name!r} has no column p_{name}"
                raise InputError(what, file=path, line=line, record=row["id"])
    numbers = [[_number(row[f"p_{c}"], path, line, f"p_{c}") for c in classes] for line, row in known]
    return Predictions(
        [row["id"] for _, row in known],
        classes,
        np.array([of_class[row["label"]] for _, row in known], dtype=np.int64),
        np.array([of_class[row["truth"]] for _, row in known], dtype=np.int64),
        np.array(numbers, dtype=np.float64).reshape(-1, len(classes)),
        len(rows) - len(known),
    )


def _number(text: str, path: Path, line: int, column: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"column {column}: {text!r} is not a number", file=path, line=line) from None
