"""The runs in a folder, as rows of a table."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from dnaseq.errors import DnaseqError, FileAccessError
from dnaseq.evaluation.comparison.results import Scores
from dnaseq.io.results.run_files import read_record
from dnaseq.prediction_task import prediction_task
from dnaseq.schemas import Estimate
from dnaseq.tasks.config.saved_config import read_config
from dnaseq.tasks.runs.run_folder import OF_A_SWEEP, is_complete, name_kind

COMPLETE, INCOMPLETE, DAMAGED = "complete", "incomplete", "damaged"


class ListedRun(NamedTuple):
    """A training or an evaluation; what its files do not tell is None."""

    data: str | None = None
    model: str | None = None
    seed: int | None = None
    metric: str | None = None  # the main one of its task
    value: float | None = None
    low: float | None = None
    high: float | None = None
    seconds: float | None = None  # of all its steps
    state: str = DAMAGED
    time: str = ""  # of its newest result
    path: str = ""


def list_runs(root: Path) -> list[ListedRun]:
    """List the runs below a folder by their data, the newest first. A damaged one is listed too.

    Raises FileAccessError where there is no such folder.
    """
    if not root.is_dir():
        raise FileAccessError(f"{root}: no such folder. Give the folder of your runs: folder=PATH")
    found = [run for folder in _run_folders(root) if (run := _read(folder)) is not None]
    return sorted(sorted(found, key=lambda run: run.time, reverse=True), key=lambda run: run.data or "")


def _run_folders(root: Path) -> Iterator[Path]:
    """Yield the folders with a configuration; in a run there are no others, but in a sweep are its final runs."""
    for path, inner, files in os.walk(root):
        inner.sort()
        if any(name in files or name in inner for name in OF_A_SWEEP):
            inner[:] = [name for name in inner if name == "runs"]
        elif "config.yaml" in files:
            inner.clear()
            yield Path(path)


def _read(folder: Path) -> ListedRun | None:
    """Read a run folder; None for one of an audit, or of an evaluation that has no scores yet."""
    scores = folder / "scores.json"
    newest = scores if scores.exists() else folder / "config.yaml"
    time = datetime.fromtimestamp(newest.stat().st_mtime).isoformat(" ", "minutes")
    nothing = ListedRun(time=time, path=str(folder))
    try:
        if scores.exists():
            return _scored(nothing, read_record(scores, Scores), is_complete(folder))
        choices = dict(read_config(folder / "config.yaml").choices)
    except DnaseqError:
        return nothing
    if "model" not in choices:
        return None
    return nothing._replace(data=choices["data"], model=name_kind(choices), state=INCOMPLETE)


def _scored(nothing: ListedRun, scores: Scores, complete: bool) -> ListedRun:
    metric = prediction_task(scores.task or None).main_metric
    score = scores.metrics.get(metric) or Estimate(None, None, None)
    seconds = [value for value in (scores.seconds or {}).values() if value is not None]
    return nothing._replace(
        data=scores.data,
        model=scores.model,
        seed=scores.seed if isinstance(scores.seed, int) else None,
        metric=metric,
        value=score.value,
        low=score.low,
        high=score.high,
        seconds=round(sum(seconds), 2) if seconds else None,
        state=COMPLETE if complete else INCOMPLETE,
    )
