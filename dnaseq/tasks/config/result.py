"""What a task hands back to the program."""

from pathlib import Path
from typing import NamedTuple


class Outcome(NamedTuple):
    """The score that a multirun looks at, and the run folder, where there are such."""

    score: float | None = None
    folder: Path | None = None
    left_out: str = ""  # which records could not be used; the work is done, but not without fault
