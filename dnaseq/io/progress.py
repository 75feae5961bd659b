"""How many of something are done, as a bar on a terminal; nothing where stderr is none."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


@contextmanager
def counted_on_terminal(what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A function to call with how many more are done. Without a total the bar is gone at the end."""
    if total is None:
        columns = (SpinnerColumn(), TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    else:
        columns = (TextColumn(what), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console, silent = Console(stderr=True), not sys.stderr.isatty()
    with Progress(*columns, console=console, transient=total is None, disable=silent) as bar:
        yield partial(bar.advance, bar.add_task(what, total=total))
