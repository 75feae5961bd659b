"""Logging of the program."""

import logging
import os
import sys

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


def log_to_stderr() -> None:
    """Send log messages and progress of every module to stderr; to nowhere, where it is closed."""
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 (it stays open)
    handler = StderrHandler()
    handler.setFormatter(VisibleFormatter("%(message)s"))
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.INFO)
