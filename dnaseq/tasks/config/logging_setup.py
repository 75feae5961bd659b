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


def log_to_stderr() -> None:
    """Send log messages and progress of every module to stderr; to nowhere, where it is closed."""
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 (it stays open)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(VisibleFormatter("%(message)s"))
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.INFO)
