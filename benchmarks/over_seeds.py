"""What the benchmarks of many trainings have in common: finished runs, and means over their seeds."""

import json
from pathlib import Path
from statistics import mean


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
