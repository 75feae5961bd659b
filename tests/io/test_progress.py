import io
import logging
import sys
import time

from dnaseq.io.progress import counted_on_terminal


class Terminal(io.StringIO):
    def isatty(self):
        return True


def said(stream, monkeypatch, total=None) -> str:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", stream)
    with counted_on_terminal("records read", total) as advance:
        advance(3)
        advance(1000)
    return stream.getvalue()


def test_a_terminal_shows_how_many_are_done(monkeypatch):
    text = said(Terminal(), monkeypatch)
    assert "records read" in text
    assert "1003/?" in text


def test_a_total_shows_the_share_that_is_done(monkeypatch):
    text = said(Terminal(), monkeypatch, total=2006)
    assert "records read" in text
    assert "50%" in text


def test_a_file_has_none_of_it_as_long_as_it_is_quick(monkeypatch, caplog):
    with caplog.at_level(logging.INFO, "dnaseq"):
        assert said(io.StringIO(), monkeypatch) == ""
    assert caplog.text == ""


def test_what_takes_long_says_how_far_it_is_less_and_less_often(monkeypatch, caplog):
    clock = iter([0, 3, 11, 15, 23, 40])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    with caplog.at_level(logging.INFO, "dnaseq"), counted_on_terminal("records") as advance:
        for _ in range(5):
            advance(1000)
    assert caplog.messages == ["2,000 records so far, 11 s", "4,000 records so far, 23 s"]
