"""Where the notes of the program go."""

import logging
import sys

logger = logging.getLogger("dnaseq")


def talk_on_stderr() -> None:
    """Notes and progress of every module go to stderr, whatever the time or place they come from."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.INFO)
