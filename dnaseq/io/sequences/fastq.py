"""FASTQ to blocks. Qualities are checked and then dropped.

Records of four lines are read as arrays, a chunk at a time. From the first other record on (sequence or quality on
several lines, blank lines, damage) a file is read line by line, by the rules of Biopython's FASTQ parser.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

import numpy as np

from dnaseq.errors import InputError
from dnaseq.io.reading_options import Reading
from dnaseq.io.sequences.block import (
    Block,
    Fault,
    Raw,
    check_records,
    codes_of,
    join_records,
    nameless,
    record_id,
    too_long,
)
from dnaseq.io.text import lines

_LF, _AT, _PLUS = 10, 64, 43
_QUALITIES = bytes(range(33, 127))  # Phred scores 0 to 93
_BLOCK = 1 << 20  # bytes of text after which a block of records that are read line by line is full


def fastq_blocks(chunks: Iterable[bytes], source: str, reading: Reading, line: int = 1) -> Iterator[Block]:
    """Read the records of a text that begins with '@', at `line`; every line of it ends in LF.

    Raises InputError, with every `reading.bad_records`, where it cannot be known at which line the next record
    begins, or the file ends inside a record: nothing after that can be trusted.
    """
    chunks = iter(chunks)
    pending: list[bytes] = []
    newlines = size = 0
    for chunk in chunks:
        pending.append(chunk)
        newlines, size = newlines + chunk.count(b"\n"), size + len(chunk)
        if newlines >= 4:
            text = b"".join(pending)
            cut = _whole_records(text)
            records, end = _records(text[:cut], source, line, reading)
            if records:
                yield check_records(records, reading)
            line += 4 * len(records.headers) if records else 0
            pending, newlines, size = [text[end:]], newlines % 4, len(text) - cut
            if end < cut:
                break
        elif size > _largest(reading):
            header = pending[0].partition(b"\n")[0][1:].strip()
            raise too_long(reading.max_length, line).error(source, header, reading.id)
    yield from _blocks_by_line(_Lines(lines(chain(pending, chunks)), line), source, reading)


def _largest(reading: Reading) -> int:
    """Return the most bytes of a record, to bound memory: sequence, quality and two headers."""
    return 2 * reading.max_length + (8 << 20)


def _whole_records(text: bytes) -> int:
    """Find the end of the last whole record of four lines."""
    newlines = np.flatnonzero(np.frombuffer(text, dtype=np.uint8) == _LF)
    return int(newlines[len(newlines) // 4 * 4 - 1]) + 1


def _records(text: bytes, source: str, line: int, reading: Reading) -> tuple[Raw | None, int]:
    """Read the records of a text up to the first one that is not four lines of FASTQ, and return where they end."""
    letters = np.frombuffer(text, dtype=np.uint8)
    newlines = np.flatnonzero(letters == _LF)
    starts = np.concatenate(([0], newlines[:-1] + 1)).reshape(-1, 4)
    ends = newlines.reshape(-1, 4)
    good = _are_four_lines(text, letters, starts, ends)
    n = len(good) if good.all() else int(good.argmin())
    if not n:
        return None, 0
    starts, ends = starts[:n], ends[:n]
    heads = zip((starts[:, 0] + 1).tolist(), ends[:, 0].tolist(), strict=True)
    headers = [text[a:b].strip() for a, b in heads]
    suspects = np.flatnonzero(letters[starts[:, 0] + 1] <= ord(" "))
    begin, end = starts[:, 1].tolist(), ends[:, 1].tolist()
    raw = Raw(
        source,
        headers,
        nameless(headers, suspects.tolist()),
        codes_of(b"".join([text[a:b] for a, b in zip(begin, end, strict=True)]), reading),
        ends[:, 1] - starts[:, 1],
        line + 4 * np.arange(n, dtype=np.int64),
        lambda i: text[begin[i] : end[i]],
    )
    return raw, int(ends[-1, 3]) + 1


def _are_four_lines(text: bytes, letters: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """(n,) bool: True for a record whose four lines are FASTQ."""
    lengths = ends - starts
    good = (
        (letters[starts[:, 0]] == _AT) & (letters[starts[:, 2]] == _PLUS) & (lengths[:, 1] == lengths[:, 3])
    )
    odd = np.flatnonzero(letters - _QUALITIES[0] >= len(_QUALITIES))  # smaller ones become large
    lines_of_odd = np.searchsorted(ends.reshape(-1), odd[letters[odd] != _LF])
    good[lines_of_odd[lines_of_odd % 4 == 3] // 4] = False
    for i in np.flatnonzero(lengths[:, 2] > 1).tolist():
        title, again = (text[starts[i, j] + 1 : ends[i, j]].rstrip() for j in (0, 2))
        good[i] &= again in (b"", title)
    return good


class _Lines:
    """The lines of a text, without blanks at their ends; `number` is that of the next one."""

    def __init__(self, texts: Iterator[bytes], number: int):
        self._texts, self._back, self.number = texts, list[bytes](), number

    def __iter__(self) -> Iterator[bytes]:
        while (text := self._back.pop() if self._back else next(self._texts, None)) is not None:
            self.number += 1
            yield text.rstrip()

    def put_back(self, texts: list[bytes]) -> None:
        self._back += reversed(texts)
        self.number -= len(texts)


class _Record(NamedTuple):
    """A record of any number of lines. One with a fault cannot be used, but the next one can."""

    header: bytes
    line: int
    lines: list[bytes]  # after the header
    plus: int  # the index of the one that begins with "+"
    fault: Fault | None = None

    @property
    def text(self) -> bytes:
        return b"\n".join(self.lines[: self.plus])


def _blocks_by_line(texts: _Lines, source: str, reading: Reading) -> Iterator[Block]:
    group: list[_Record] = []
    size = 0
    for first in texts:
        if not first:
            continue
        group.append(_next_record(first, texts, source, reading))
        size += len(first) + len(group[-1].text)
        if size > _BLOCK:
            yield check_records(_raw(group, source, reading), reading)
            group, size = [], 0
    if group:
        yield check_records(_raw(group, source, reading), reading)


def _raw(group: list[_Record], source: str, reading: Reading) -> Raw:
    headers = [record.header for record in group]
    sequences = [b"" if record.fault else record.text.replace(b"\n", b"") for record in group]
    at = [record.line for record in group]
    raw = join_records(source, headers, sequences, at, lambda i: group[i].text, reading)
    return raw._replace(damaged={i: record.fault for i, record in enumerate(group) if record.fault})


def _next_record(first: bytes, texts: _Lines, source: str, reading: Reading) -> _Record:
    """Read the record whose first line is `first`. Its quality ends before a line with "@", once it is long enough."""
    at, header = texts.number - 1, first[1:].strip()
    if not first.startswith(b"@"):
        found = first[:40].decode("utf-8", "backslashreplace")
        raise InputError(f"expected '@' at the start of a record, found {found!r}", file=source, line=at)
    held: list[bytes] = []
    plus, letters, qualities, is_last = -1, 0, 0, True
    for text in texts:
        if plus < 0 and text.startswith(b"+"):
            plus = len(held)
        elif plus < 0:
            letters += len(text)
        elif text.startswith(b"@") and qualities >= letters:
            texts.put_back([text])
            is_last = False
            break
        else:
            qualities += len(text)
        held.append(text)
        if letters + qualities > _largest(reading):
            raise too_long(reading.max_length, at).error(source, header, reading.id)
    while len(held) > max(plus, 0) + 2 and not held[-1]:
        held.pop()
    record = _Record(header, at, held, plus)
    if plus >= 0 and letters == qualities:
        return record._replace(fault=_fault(record))
    return _damaged(record, qualities - letters, is_last, texts, source)


def _fault(record: _Record) -> Fault | None:
    """Find what is wrong in a record with as many qualities as letters."""
    again = record.lines[record.plus][1:].strip()
    if again not in (b"", record.header):
        return Fault("the '+' line has another id than the '@' line", record.line + 1 + record.plus)
    for line, text in enumerate(record.lines[record.plus + 1 :], start=record.line + record.plus + 2):
        if odd := text.translate(None, _QUALITIES):
            return Fault(f"{odd[:1].decode('latin-1')!r} is not a quality", line)
    return None


def _damaged(record: _Record, surplus: int, is_last: bool, texts: _Lines, source: str) -> _Record:
    """Return a record with more or fewer qualities than letters as one that has a fault, if it has four lines: only
    then is it known where the next one begins."""
    name, held, plus = record_id(record.header), record.lines, record.plus
    headers = [i for i, text in enumerate(held[:plus] if plus >= 0 else held) if text.startswith(b"@")]
    if headers or (plus < 0 and len(held) > 1):
        line = record.line + 1 + (headers[0] if headers else 1)
        raise InputError("missing '+' line", file=source, line=line, record=name)
    if plus == 1 and len(held) > 3 and held[3].startswith(b"@"):
        texts.put_back(held[3:])
        held, is_last = held[:3], False
    elif len(held) < plus + 2 or plus < 0:
        what, fix = "record is cut: the file ends inside it", "Copy or download it again"
        raise InputError(what, file=source, line=record.line, record=name, fix=fix)
    sequence, quality = b"".join(held[:plus]), b"".join(held[plus + 1 :])
    what, line = f"{len(quality)} qualities for {len(sequence)} letters", record.line + plus + 2
    if plus != 1 or len(held) > 3 or (is_last and surplus < 0):
        raise InputError(what, file=source, line=line, record=name)
    has_blanks = len(sequence.split()) > 1  # a fault of their own
    return record._replace(lines=held, fault=None if has_blanks else Fault(what, line))
