"""Where the notes of the program go."""

import logging
import os
import sys

from dnaseq.errors import visible

logger = logging.getLogger("dnaseq")


class VisibleFormatter(logging.Formatter):
    """Lines in which a name of somebody else's can do nothing to a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        return visible(super().format(record), keep="\n\t")


def talk_on_stderr() -> None:
    """Notes and progress of every module go to stderr, whatever the time or place they come from; to nowhere, where it
    is closed."""
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 (it stays open)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(VisibleFormatter("%(message)s"))
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.INFO)
