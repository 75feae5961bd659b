import io
import logging
import re
import sys
import threading
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from dnaseq.io import progress
from dnaseq.io.progress import show_progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Waiting(logging.Handler):
    """Handler that lets a test wait for so many lines."""

    def __init__(self, count: int):
        super().__init__(logging.INFO)
        self.lines: list[str] = []
        self.count, self.complete = count, threading.Event()

    def emit(self, record):
        self.lines.append(record.getMessage())
        if len(self.lines) >= self.count:
            self.complete.set()


@contextmanager
def waiting(count: int):
    handler, logger = Waiting(count), logging.getLogger("dnaseq")
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


def said(stream, monkeypatch, total=None) -> str:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", stream)
    with show_progress("reading", "records", total) as step:
        step.advance(3)
        step.advance(1000)
    return stream.getvalue()


def test_a_terminal_shows_how_many_are_done(monkeypatch):
    assert "reading, 1,003 records" in said(Terminal(), monkeypatch)


def test_a_total_is_shown_too(monkeypatch):
    assert "1,003 of 2,006 records" in said(Terminal(), monkeypatch, total=2006)


def test_a_file_has_none_of_it_as_long_as_it_is_quick(monkeypatch, caplog):
    with caplog.at_level(logging.INFO, "dnaseq"):
        assert said(io.StringIO(), monkeypatch) == ""
    assert caplog.text == ""


def test_what_takes_long_has_a_line_again_and_again(monkeypatch, caplog):
    monkeypatch.setattr(progress, "FIRST", 0.0)
    monkeypatch.setattr(progress, "NEXT", 0.0)
    with caplog.at_level(logging.INFO, "dnaseq"), show_progress("training", "batches", 20) as step:
        step.advance(7)
        step.note = "epoch 1 of 2"
        with waiting(3) as handler:
            assert handler.complete.wait(60)
    assert re.fullmatch(r"training: 7 of 20 batches, epoch 1 of 2, \d+ s so far", handler.lines[2])


def test_an_early_step_has_its_first_line_in_half_the_time(monkeypatch, caplog):
    monkeypatch.setattr(progress, "FIRST", 3600.0)
    waits: list[float] = []
    over = SimpleNamespace(wait=lambda seconds: waits.append(seconds) or True, set=lambda: None)
    monkeypatch.setattr(progress, "threading", SimpleNamespace(Event=lambda: over, Thread=threading.Thread))
    for early in (False, True):
        with show_progress("loading", early=early):
            pass  # at its end it waits for the thread
    assert waits == [3600, 1800]


def test_the_last_line_says_how_long_it_took(monkeypatch, caplog):
    monkeypatch.setattr(progress, "FIRST", 0.0)
    with caplog.at_level(logging.INFO, "dnaseq"), show_progress("reading", "records") as step:
        step.advance(1000)
    assert re.fullmatch(r"reading: 1,000 records, \d+ s", caplog.messages[-1])


def test_work_that_failed_has_no_last_line(monkeypatch, caplog):
    monkeypatch.setattr(progress, "FIRST", 0.0)
    with (
        caplog.at_level(logging.INFO, "dnaseq"),
        pytest.raises(ValueError, match="spoilt"),
        show_progress("reading"),
    ):
        raise ValueError("spoilt")
    assert not [line for line in caplog.messages if "so far" not in line]
