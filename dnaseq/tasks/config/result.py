"""The result of a task."""

from pathlib import Path
from typing import NamedTuple


class Outcome(NamedTuple):
    """The score for a multirun, and the run folder, of tasks that have them."""

    score: float | None = None
    folder: Path | None = None
    left_out: str = ""  # a message about records that could not be used; the work is complete without them
