"""Chunks of bytes to text whose lines all end in LF."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import NamedTuple

BOM = b"\xef\xbb\xbf"
ENOUGH = 512  # bytes that show the format of a file
_COMMENT = re.compile(rb"(?<=\n)[;#][^\n]*")


class Start(NamedTuple):
    """A text from its first line that is not blank."""

    line: int  # of that line, counted from 1
    head: bytes  # its beginning, ENOUGH bytes where there are as many; b"" for a blank text
    chunks: Iterator[bytes]  # all of it, head included


def text_chunks(
    chunks: Iterable[bytes], source: str, warn: Callable[[str], object] | None = None
) -> Iterator[bytes]:
    """Normalise a text: LF instead of CR LF and CR, no byte order mark, and LF at the end.

    `warn` is told of a missing end of the last line: it may be the only sign of a cut plain file.
    """
    held, last = b"", b"\n"  # a CR at the end of a chunk waits for its LF
    for chunk in _without_mark(chunks):
        text = held + chunk if held else chunk
        held = b"\r" if text.endswith(b"\r") else b""
        if b"\r" in text:
            text = text[: len(text) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if text:
            last = text[-1:]
            yield text
    if not held and last == b"\n":
        return
    if not held and warn:
        warn(f"{source}: no newline at the end, the file may be truncated")
    yield b"\n"


def _without_mark(chunks: Iterable[bytes]) -> Iterator[bytes]:
    chunks, head = iter(chunks), b""
    while len(head) < len(BOM) and (chunk := next(chunks, b"")):
        head += chunk
    yield head.removeprefix(BOM)
    yield from chunks


def at_first_line(chunks: Iterable[bytes]) -> Start:
    """Skip blank lines at the beginning of a text."""
    chunks, line, head = iter(chunks), 1, b""
    for chunk in chunks:
        head += chunk
        filled = head.lstrip(b" \t\n")
        skipped = head[: len(head) - len(filled)]
        line += skipped.count(b"\n")
        head = head[skipped.rfind(b"\n") + 1 :]
        if len(filled) >= ENOUGH:
            break
        if not filled:
            head = head[:ENOUGH]  # a file of blanks alone must not fill the memory
    return Start(line, head if head.strip() else b"", chain([head], chunks))


def without_comments(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Empty the lines of a text that begin with ";" or "#"; there are as many lines as before."""
    last, inside = b"\n", False  # the byte before, and True within a comment
    for chunk in chunks:
        rest = chunk[chunk.find(b"\n") :] if b"\n" in chunk else b""
        text = last + (rest if inside else chunk)
        if len(text) > 1:
            inside = bool(_COMMENT.match(text, text.rfind(b"\n") + 1))
            yield _COMMENT.sub(b"", text)[1:]
            last = text[-1:]


def lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Split a text from text_chunks into lines, without their ends."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
    if rest:
        yield rest
