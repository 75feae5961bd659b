import io
import sys

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


def test_a_file_has_none_of_it(monkeypatch):
    assert said(io.StringIO(), monkeypatch) == ""
