"""Progress in a notebook: one place below the cell, and nothing left behind."""

import logging
import sys
import threading
from types import ModuleType, SimpleNamespace

import pytest

from dnaseq.api.notebook import progress_in_notebook
from dnaseq.io.progress import show_progress

LOGGER = logging.getLogger("dnaseq")
DRAWN = threading.Event()  # a step is shown


@pytest.fixture
def notebook(monkeypatch):
    """A kernel, and the list of what it has shown below the cell."""
    pages: list[str] = []

    def update(shown):
        pages.append(shown._repr_html_())
        if "<progress" in pages[-1]:
            DRAWN.set()

    def display(shown, display_id):
        assert display_id is True
        return SimpleNamespace(update=update)

    python, of_display = ModuleType("IPython"), ModuleType("IPython.display")
    python.get_ipython = lambda: SimpleNamespace(kernel=object())
    of_display.display = display
    monkeypatch.setitem(sys.modules, "IPython", python)
    monkeypatch.setitem(sys.modules, "IPython.display", of_display)
    return pages


@pytest.fixture
def set_handlers(monkeypatch):
    """set_handlers(...) -> the logger has these alone: to be called in the test, as pytest adds its own before it."""

    def set_all(*handlers):
        monkeypatch.setattr(LOGGER, "propagate", False)
        monkeypatch.setattr(LOGGER, "handlers", list(handlers))

    return set_all


def test_messages_and_the_step_stand_in_one_place(notebook, set_handlers, capsys):
    set_handlers()
    with progress_in_notebook():
        LOGGER.info("records: <%d>", 3)
        with show_progress("training", "batches", total=10) as step:
            step.advance(4)
            assert DRAWN.wait(60)
    assert notebook[0] == "<pre>records: &lt;3&gt;</pre>"
    (during, *_) = [page for page in notebook if "<progress" in page]
    assert '<progress value="4" max="10"></progress> training: 4 of 10 batches' in during
    assert "progress" not in notebook[-1]
    assert capsys.readouterr() == ("", "")


def test_the_last_messages_stay_and_nothing_else_does(notebook, set_handlers):
    set_handlers()
    before = LOGGER.level
    with progress_in_notebook():
        for number in range(20):
            LOGGER.warning("message %d", number)
    assert notebook[-1].count("message") == 12
    assert "message 19" in notebook[-1]
    assert (LOGGER.handlers, LOGGER.level) == ([], before)


def test_a_program_with_handlers_of_its_own_keeps_them(notebook, set_handlers):
    own = logging.NullHandler()
    set_handlers(own)
    with progress_in_notebook():
        LOGGER.warning("message")
    assert notebook == []
    assert LOGGER.handlers == [own]


def test_outside_a_notebook_there_is_nothing_to_show(notebook, set_handlers):
    set_handlers()
    sys.modules["IPython"].get_ipython = lambda: None
    with progress_in_notebook():
        LOGGER.warning("message")
    assert notebook == []
