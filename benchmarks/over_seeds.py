"""Finished runs of benchmarks of many trainings, rows that are kept of them, and means over their seeds."""

import csv
import json
import sys
from pathlib import Path
from statistics import mean
from threading import Lock
from typing import NamedTuple, TypeVar

from dnaseq.tasks.main import run_task

Row = TypeVar("Row", bound=NamedTuple)
_WRITING = Lock()


def run_or_leave(task: str, *arguments: str) -> None:
    """Run a command of dnaseq in this process, and leave with its exit code if it fails."""
    if code := run_task(task, list(arguments)):
        sys.exit(code)


def scores_of(folder: Path) -> dict | None:
    """scores.json of a run folder; None of one that is not complete."""
    if not (folder / "scores.json").exists() or (folder / "INCOMPLETE").exists():
        return None
    return json.loads((folder / "scores.json").read_text())


def values(runs: list[dict], metric: str) -> list[float]:
    """The score of each run."""
    return [run["metrics"][metric]["value"] for run in runs]


def cell(metrics: list[dict], metric: str) -> str:
    """Mean over seeds of the value and of both ends of its 95 % interval."""
    parts = [mean(one[metric][key] for one in metrics) for key in ("value", "low", "high")]
    return "{:.3f} [{:.3f}, {:.3f}]".format(*parts)


def read_rows(path: Path, kind: type[Row]) -> list[Row]:
    """Read the rows of a table that add_row has written, all cells as text."""
    if not path.exists():
        return []
    with path.open() as lines:
        return [kind(**row) for row in csv.DictReader(lines, delimiter="\t")]


def add_row(path: Path, row: NamedTuple) -> None:
    """Add a row to a table, with the names of its fields above the first one."""
    with _WRITING:
        is_new = not path.exists()
        with path.open("a") as lines:
            writer = csv.writer(lines, delimiter="\t", lineterminator="\n")
            writer.writerows([row._fields, row] if is_new else [row])
