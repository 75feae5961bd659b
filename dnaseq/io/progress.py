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
    TextColumn,
    TimeElapsedColumn,
)


@contextmanager
def counted_on_terminal(what: str) -> Iterator[Callable[[int], None]]:
    """A function to call with how many more are done. The bar is gone at the end."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console, on_terminal = Console(stderr=True), sys.stderr.isatty()
    with Progress(
        *columns, TimeElapsedColumn(), console=console, transient=True, disable=not on_terminal
    ) as bar:
        yield partial(bar.advance, bar.add_task(what, total=None))
