"""FASTA to blocks, a chunk at a time: whole-array work on newlines and letters, no Python per line.

A buffer holds whole records. The newlines in it give the headers; the text between headers, joined, becomes codes by
one `bytes.translate`. A record longer than a few chunks is read apart, chunk by chunk, so that nothing is ever scanned
twice and memory is bounded by `max_length`.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dnaseq.encode import alphabet
from dnaseq.errors import InputError
from dnaseq.io.reading_options import Reading
from dnaseq.io.sequences.block import (
    BLANKS,
    Block,
    Fault,
    Headers,
    Raw,
    check_records,
    code_table,
    codes_of,
    letter_fix,
    nameless,
    rejected_block,
    too_long,
)

LONG = 4 << 20  # bytes; longer records are read apart, and no header may be longer
_LF, _HEADER = 10, 62  # "\n" and ">"


def fasta_blocks(
    chunks: Iterable[bytes], source: str, reading: Reading, line: int = 1, long: int = LONG
) -> Iterator[Block]:
    """Read the records of a text that begins with a header, at `line`; every line of it ends in LF.

    Raises InputError for a header longer than `long` and, by `reading.bad_records`, for the first bad record.
    """
    chunks, tail = iter(chunks), b""
    for chunk in chunks:
        cut = chunk.rfind(b"\n>") + 1
        if cut:
            whole, tail = b"".join((tail, memoryview(chunk)[:cut])), chunk[cut:]
        else:
            whole, tail = b"", tail + chunk
        if len(tail) > long and not cut:
            block, tail, passed = _long_record(tail, chunks, source, line, reading)
            yield block
            line += passed
            cut = tail.rfind(b"\n>") + 1
            whole, tail = tail[:cut], tail[cut:]
        if whole:
            records, passed = _records(whole, source, line, reading)
            yield check_records(records, reading)
            line += passed
    if tail:
        yield check_records(_records(tail, source, line, reading)[0], reading)


def _records(text: bytes, source: str, line: int, reading: Reading) -> tuple[Raw, int]:
    """Read all records of a text that begins with '>' and ends in LF, and count its lines."""
    letters = np.frombuffer(text, dtype=np.uint8)
    newlines = np.flatnonzero(letters == _LF)
    starts = np.concatenate(([0], newlines[:-1] + 1))
    header_lines = np.flatnonzero(letters[starts] == _HEADER)
    begin, end = starts[header_lines], newlines[header_lines]
    following = np.append(begin[1:], len(text))
    headers: Sequence[bytes] = Headers(text, begin + 1, end)
    suspects = np.flatnonzero(letters[begin + 1] <= ord(" "))
    if suspects.size or (letters[end - 1] <= ord(" ")).any():
        headers = [header.strip() for header in headers]
    lines = np.diff(header_lines, append=len(newlines))  # of each record
    places = _Places(text, letters, end, following, lines)
    codes, lengths, spaced = _equal_records(places, reading) or _any_records(places, reading)

    def text_of(i: int) -> bytes:
        return text[end[i] + 1 : following[i]]

    unnamed = nameless(headers, suspects.tolist())
    raw = Raw(source, headers, unnamed, codes, lengths, line + header_lines, text_of, spaced=spaced)
    return raw, len(newlines)


class _Places(NamedTuple):
    """The places of n records in a text."""

    text: bytes
    letters: np.ndarray  # (L,) uint8, of the text
    end: np.ndarray  # (n,) of the line of the header
    following: np.ndarray  # (n,) the first letter after the record
    lines: np.ndarray  # (n,) with that of the header


def _equal_records(places: _Places, reading: Reading) -> tuple[np.ndarray, np.ndarray, list[int]] | None:
    """Return what _any_records does, of records whose lines are broken alike and that hold nucleotide letters alone.

    None for other records. Such records are the rows of a table, which takes a fifth of the time of cutting out each.
    """
    text, letters, end, following, lines = places
    sizes = following - end - 1
    if (sizes != sizes[0]).any():
        return None
    breaks = np.flatnonzero(letters[end[0] + 1 : following[0]] == _LF)
    if (lines != 1 + len(breaks)).any() or (letters[end[:, None] + 1 + breaks] != _LF).any():
        return None
    rows = _cut(codes_of(text, reading), end + 1, breaks)
    if rows.max(initial=0) == alphabet.INVALID:
        return None
    rows.flags.writeable = False
    return rows.reshape(-1), np.full(len(rows), rows.shape[1]), []


def _cut(codes: np.ndarray, begin: np.ndarray, breaks: np.ndarray) -> np.ndarray:
    """(n, bases) from each `begin` on, without the columns `breaks`; it ends before the last of them."""
    if len(breaks) < 2:
        return sliding_window_view(codes, int(breaks.sum()))[begin]
    rows = sliding_window_view(codes, int(breaks[-1]))[begin]
    kept = np.empty((len(rows), rows.shape[1] - len(breaks) + 1), dtype=np.uint8)
    first = 0
    for skipped, column in enumerate(breaks.tolist()):
        kept[:, first - skipped : column - skipped] = rows[:, first:column]
        first = column + 1
    return kept


def _any_records(places: _Places, reading: Reading) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Return codes and lengths of any records, and which have blanks between letters."""
    text, letters, end, following, lines = places
    bodies = b"".join([text[a:b] for a, b in zip((end + 1).tolist(), following.tolist(), strict=True)])
    codes, lengths = codes_of(bodies.replace(b"\n", b""), reading), following - end - lines
    if codes.max(initial=0) < alphabet.INVALID:
        return codes, lengths, []
    codes = codes_of(bodies.translate(None, BLANKS), reading)
    kept = np.concatenate(([0], np.cumsum(~np.isin(letters, list(BLANKS)))))
    without = kept[following] - kept[end]
    return codes, without, np.flatnonzero(without < lengths).tolist()


def _long_record(
    start: bytes, chunks: Iterator[bytes], source: str, line: int, reading: Reading
) -> tuple[Block, bytes, int]:
    """Read the first record of a text that begins with `start`: its block, the text after it, and its lines."""
    header, newline, body = start[1:].partition(b"\n")
    if not newline:
        raise InputError(f"header longer than {len(start) - 1:,} bytes", file=source, line=line)
    parts: list[bytes] = []
    length, passed, rest = 0, 1, b""
    fault: Fault | None = None
    for piece, rest in _until_header(body, chunks):  # noqa: B007 (the last one is the text after the record)
        codes = piece.translate(code_table(reading), BLANKS)
        if fault is None:
            fault = _fault(piece, codes, length, line + passed, line, reading)
            if fault and reading.bad_records == "fail":
                raise fault.error(source, header, reading.id)
            parts.append(codes)
        length += len(codes)
        passed += piece.count(b"\n")
    if fault:
        return rejected_block(source, header.strip(), fault, line, reading.id), rest, passed
    headers, size, at = [header.strip()], np.array([length]), np.array([line])
    letters = np.frombuffer(b"".join(parts), np.uint8)
    words = body[: body.rfind(b" ") + 1]  # its beginning shows if it is of words
    unnamed, spaced = nameless(headers, [0]), [0] if words else []
    raw = Raw(source, headers, unnamed, letters, size, at, lambda i: words, spaced=spaced)
    return check_records(raw, reading), rest, passed


def _until_header(body: bytes, chunks: Iterator[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the sequence of one record in pieces, each with b"", and the last one with the text after the record."""
    before = b"\n"
    for piece in chain([body], chunks):
        end = (before + piece).find(b"\n>")
        if end >= 0:
            yield piece[:end], piece[end:]
            return
        yield piece, b""
        before = piece[-1:] or before


def _fault(
    piece: bytes, codes: bytes, before: int, line: int, header_line: int, reading: Reading
) -> Fault | None:
    """Find the fault in a piece of a long record that has `before` letters before it and begins at `line`."""
    at = codes.find(alphabet.INVALID)
    if at >= 0:
        letter = piece.translate(None, BLANKS)[at : at + 1]
        passed = piece[: piece.index(letter)].count(b"\n")  # its first occurrence is the first bad letter
        name = letter.decode("latin-1")
        what = f"letter {name!r} at position {before + at + 1} is not a nucleotide"
        return Fault(what, line + passed, letter_fix(name, is_last=True))
    if before + len(codes) > reading.max_length:
        return too_long(reading.max_length, header_line)
    return None
