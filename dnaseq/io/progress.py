"""Progress of long work: a bar on a terminal, elsewhere a line in the log now and then."""

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial

FIRST, NEXT = 2.0, 9.0  # seconds until the first line, and from each line to the next
_displays: list[Callable[["Step"], None]] = []  # of a notebook; the last one is used
logger = logging.getLogger("dnaseq")


@contextmanager
def show_progress(
    what: str, unit: str = "", total: int | None = None, early: bool = False
) -> Iterator["Step"]:
    """Show that work is going on, how far it is and, unless it was quick, how long it took.

    Yield the step, to be told of every item of `unit` that is done. Steps are not shown one inside the other. The
    first line of an `early` one comes in half the time, as there was silence before it.
    """
    step = Step(what, unit, total)
    with _display(step, FIRST / 2 if early else FIRST):
        yield step
    if step.seconds >= FIRST:
        logger.info("%s", step.describe(is_over=True))


@contextmanager
def shown_by(display: Callable[["Step"], None]) -> Iterator[None]:
    """Show the steps of this block by a function that is called twice a second, in place of a bar or lines."""
    _displays.append(display)
    try:
        yield
    finally:
        _displays.remove(display)


class Step:
    """The state of the work: items that are done, and a note."""

    def __init__(self, what: str, unit: str, total: int | None):
        self.what, self.unit, self.total = what, unit, total
        self.done, self.note, self.began = 0, "", time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def advance(self, more: int) -> None:
        """Count more items as done."""
        self.done += more

    def describe(self, is_over: bool = False) -> str:
        """Describe the state in one line."""
        seconds = f"{self.seconds:.0f} s" + ("" if is_over else " so far")
        return f"{self.what}: {', '.join([*self.facts(is_over), seconds])}"

    def facts(self, is_over: bool = False) -> list[str]:
        """List the count, with its total before the end, and the note, as far as there are any."""
        of = f" of {self.total:,}" if self.total and not is_over else ""
        count = f"{self.done:,}{of} {self.unit}" if self.done else ""
        return [fact for fact in (count, self.note) if fact]


def _display(step: Step, first: float) -> AbstractContextManager[None]:
    if _displays:
        return _repeating(partial(_displays[-1], step), 0.5, 0.5)
    return _bar(step) if sys.stderr.isatty() else _lines(step, first)


@contextmanager
def _bar(step: Step) -> Iterator[None]:
    """Draw a bar that follows the step, and vanishes at its end."""
    from rich import progress as shown  # here, as rich takes long to load, and lines need nothing of it
    from rich.console import Console  # here, as above

    columns = (shown.SpinnerColumn(), shown.TextColumn("{task.description}"), shown.BarColumn())
    times = (shown.TimeElapsedColumn(), *((shown.TimeRemainingColumn(),) if step.total else ()))
    with shown.Progress(*columns, *times, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(step.what, total=step.total)

        def follow() -> None:
            text = ", ".join([step.what, *step.facts()])
            bar.update(task, completed=step.done, description=text)

        with _repeating(follow, 0.1, 0.1):
            yield
        follow()


def _lines(step: Step, first: float) -> AbstractContextManager[None]:
    """Log the state after `first` seconds, and now and then."""
    return _repeating(lambda: logger.info("%s", step.describe()), first, NEXT)


@contextmanager
def _repeating(call: Callable[[], None], first: float, then: float) -> Iterator[None]:
    """Call a function beside the work: after `first` seconds, and every `then` seconds."""
    over = threading.Event()

    def repeat() -> None:
        wait = first
        while not over.wait(wait):
            call()
            wait = then

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
