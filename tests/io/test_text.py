"""Every way to end a line reads alike, wherever a chunk is cut."""

import pytest

from dnaseq.io.text import at_first_line, lines, text_chunks, without_comments

TEXT = b"ab\n\nc d\nend\n"


def pieces(data, size):
    return [data[i : i + size] for i in range(0, len(data), size)]


@pytest.mark.parametrize("size", range(1, 21))
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_line_ends_become_lf_for_every_chunk_size(end, size):
    assert b"".join(text_chunks(pieces(TEXT.replace(b"\n", end), size), "x")) == TEXT


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_a_byte_order_mark_is_removed(size):
    assert b"".join(text_chunks(pieces(b"\xef\xbb\xbf" + TEXT, size), "x")) == TEXT


def test_a_missing_last_line_end_is_added():
    assert b"".join(text_chunks([b"ab\ncd"], "x")) == b"ab\ncd\n"


def test_a_missing_last_line_end_is_told():
    told = []
    list(text_chunks([b"ab\ncd"], "x.fa", told.append))
    assert told == ["x.fa: no newline at the end, the file may be truncated"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_last_line_that_is_ended_is_not_told(end):
    told = []
    list(text_chunks([b"ab" + end], "x.fa", told.append))
    assert not told


@pytest.mark.parametrize("size", [1, 3, 50])
def test_blank_lines_at_the_beginning_are_counted_and_skipped(size):
    start = at_first_line(pieces(b"\n \t\n>a\nACGT\n", size))
    assert (start.line, b"".join(start.chunks)) == (3, b">a\nACGT\n")


def test_a_text_of_blanks_has_no_head():
    assert at_first_line([b" \n", b"\t\n"]).head == b""


@pytest.mark.parametrize("size", range(1, 14))
def test_lines_do_not_depend_on_the_chunks(size):
    assert list(lines(pieces(TEXT, size))) == [b"ab", b"", b"c d", b"end"]


@pytest.mark.parametrize("size", range(1, 40))
@pytest.mark.parametrize(
    ("text", "left"),
    [
        (b";a\n#b\n>c ;d\nAC;#\n;\nGT\n;end\n", b"\n\n>c ;d\nAC;#\n\nGT\n\n"),
        (b">a\n; a long comment # of many words\nAC\n", b">a\n\nAC\n"),
        (b"AC\n#\n#\n", b"AC\n\n\n"),
    ],
)
def test_comment_lines_become_blank_ones(text, left, size):
    assert b"".join(without_comments(pieces(text, size))) == left
