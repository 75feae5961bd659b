"""Logging of the program."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from dnaseq.errors import visible

logger = logging.getLogger("dnaseq")


class VisibleFormatter(logging.Formatter):
    """Formatter that escapes control characters, as names in the data may come from anybody."""

    def format(self, record: logging.LogRecord) -> str:
        return visible(super().format(record), keep="\n\t")


class StderrHandler(logging.StreamHandler):
    """Handler for whatever stderr is now: a progress bar takes its place, so that a line does not run into the bar."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


class EarlyNotes(logging.Handler):
    """Handler that keeps notes and warnings until a log.txt is open, as data are read before a run has a folder."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        is_note = record.levelno >= logging.WARNING or record.getMessage().startswith("note:")
        if is_note and not any(isinstance(other, logging.FileHandler) for other in logger.handlers):
            self._kept.append(record)

    def forget(self) -> None:
        self._kept.clear()

    def pass_on(self, log: logging.Handler) -> None:
        """Write the notes so far into a log."""
        for record in self._kept:
            log.handle(record)
        self.forget()


early_notes = EarlyNotes()


def log_to_stderr() -> None:
    """Send log messages and progress of every module to stderr; to nowhere, where it is closed."""
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 (it stays open)
    handler = StderrHandler()
    handler.setFormatter(VisibleFormatter("%(message)s"))
    logger.handlers, logger.propagate = [handler, early_notes], False
    logger.setLevel(logging.INFO)


@contextmanager
def log_where_nobody_does() -> Iterator[None]:
    """Send log messages and progress to stderr meanwhile, unless the program has set logging up itself. A level that it
    has given the logger "dnaseq" holds."""
    handlers, level = list(logger.handlers), logger.level
    if not logger.hasHandlers():
        handler = StderrHandler()
        handler.setFormatter(VisibleFormatter("%(message)s"))
        logger.addHandler(handler)
        logger.setLevel(level or logging.INFO)
    logger.addHandler(early_notes)
    try:
        yield
    finally:
        logger.handlers = handlers
        logger.setLevel(level)
