"""Progress in a notebook: messages and a bar in one place below the cell, in place of lines on stderr."""

import logging
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

from dnaseq.errors import visible
from dnaseq.io.progress import Step, shown_by

KEPT = 12  # messages that stay
logger = logging.getLogger("dnaseq")


@contextmanager
def progress_in_notebook() -> Iterator[None]:
    """Show messages and progress below the cell that runs; outside a notebook, and where the program has a handler of
    its own for messages of dnaseq, change nothing."""
    if not _is_notebook() or logger.hasHandlers():
        yield
        return
    shown, level = _Shown(), logger.level
    logger.addHandler(shown)
    logger.setLevel(level or logging.INFO)
    try:
        with shown_by(shown.follow):
            yield
    finally:
        shown.follow(None)
        logger.removeHandler(shown)
        logger.setLevel(level)


def _is_notebook() -> bool:
    """Tell if this is the kernel of a notebook; IPython is there then, and dnaseq does not load it."""
    python: Any = sys.modules.get("IPython")
    shell = python.get_ipython() if python is not None else None
    return getattr(shell, "kernel", None) is not None


class _Shown(logging.Handler):
    """Handler of messages with a place below a cell, which also shows the step that goes on."""

    def __init__(self) -> None:
        from IPython.display import display  # here, as only a notebook has it

        super().__init__()
        self.kept: deque[str] = deque(maxlen=KEPT)
        self.step: Step | None = None
        self._place: Any = display(self, display_id=True)

    def emit(self, record: logging.LogRecord) -> None:
        self.kept.append(visible(record.getMessage()))
        self._place.update(self)

    def follow(self, step: Step | None) -> None:
        """Show how far a step is, or none."""
        self.step = step
        self._place.update(self)

    def _repr_html_(self) -> str:
        lines = "\n".join(escape(line) for line in self.kept)
        if self.step is None:
            return f"<pre>{lines}</pre>"
        total = self.step.total
        bar = f'<progress value="{self.step.done}" max="{total}"></progress> ' if total else ""
        return f"<pre>{lines}</pre>{bar}{escape(visible(self.step.describe()))}"
