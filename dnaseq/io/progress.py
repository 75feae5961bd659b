"""Progress of long work: a bar on a terminal, elsewhere a line in the log now and then."""

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

QUIET = (
    10.0  # seconds until the first line in the log, where there is no terminal; then twice as long each time
)
logger = logging.getLogger("dnaseq")


@contextmanager
def counted_on_terminal(what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Yield a function to call with the number of items just done. Without a total the bar vanishes at the end."""
    if not sys.stderr.isatty():
        yield _Lines(what).advance
        return
    columns: tuple[ProgressColumn, ...]
    if total is None:
        columns = (SpinnerColumn(), TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    else:
        columns = (TextColumn(what), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=total is None) as bar:
        yield partial(bar.advance, bar.add_task(what, total=total))


class _Lines:
    """A line for the log now and then, less often the longer it takes."""

    def __init__(self, what: str):
        self.what, self.done, self.began, self.after = what, 0, time.monotonic(), QUIET

    def advance(self, more: int) -> None:
        self.done += more
        seconds = time.monotonic() - self.began
        if seconds >= self.after:
            logger.info("%s %s so far, %d s", f"{self.done:,}", self.what, seconds)
            self.after = 2 * seconds
