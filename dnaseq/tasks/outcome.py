"""What a task hands back to the program."""

from pathlib import Path
from typing import NamedTuple


class Outcome(NamedTuple):
    """The score that a sweep looks at, and the run folder, where there are such."""

    score: float | None = None
    folder: Path | None = None
    sweep: Path | None = None  # where what several runs (-m) say together belongs
