"""Benchmarks of many trainings: command lines, finished runs, rows that are kept of them, and means over seeds."""

import argparse
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


def parser_of_rows(doc: str, **places: str) -> argparse.ArgumentParser:
    """Begin the command line of a benchmark that keeps rows. `places` are its paths, each with its meaning; the last is
    `runs`. None of them is needed with --table."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, meaning in places.items():
        parser.add_argument(name, type=Path, metavar=name.upper(), nargs="?", help=meaning)
    parser.add_argument("--table", action="store_true", help="print the rows so far and train nothing")
    return parser


def parsed(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """Read the command line; leave with a message where a path is missing."""
    arguments = parser.parse_args()
    if not arguments.table and arguments.runs is None:
        parser.error("give the paths, or --table")
    return arguments


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
