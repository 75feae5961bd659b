"""Sequences without headers to blocks: one on each line, one in the whole file, or strings given from Python."""

import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

import numpy as np

from dnaseq.errors import InputError
from dnaseq.io.compress import stem_and_suffix
from dnaseq.io.reading_options import Reading
from dnaseq.io.sequences.block import BLANKS, Block, check_records, raw_of_texts, too_long
from dnaseq.io.text import lines

AT_ONCE, GIVEN_AT_ONCE = 1024, 8192  # lines, and given sequences, of a block

logger = logging.getLogger("dnaseq")


def plain_blocks(chunks: Iterable[bytes], source: str, reading: Reading, line: int = 1) -> Iterator[Block]:
    """Read each line as a sequence, from `line` on, or with reading.format=raw the whole text as one.

    The id is the name of the file without its suffix; where there are several lines, the number of the sequence
    follows it.
    Raises InputError where the lines look like those of one sequence, unless the format says what they are.
    """
    numbered: Iterator[tuple[int, bytes]] = enumerate(
        lines(_bounded(chunks, source, reading, line)), start=line
    )
    texts: Iterator[tuple[int, bytes]] = ((number, text) for number, text in numbered if text.strip(BLANKS))
    if reading.format == "raw":
        whole = list(texts)
        texts = ((number, b"\n".join(text for _, text in whole)) for number, _ in whole[:1])
    else:
        texts = _watched(texts, source, reading.format == "lines")
    first = list(islice(texts, 2))
    name = os.path.basename(stem_and_suffix(source)[0]).strip("<>")
    stem = "_".join(os.path.splitext(name)[0].split())
    count, rest = 0, chain(first, texts)
    while group := list(islice(rest, AT_ONCE)):
        begin, count = count + 1, count + len(group)
        names = [f"{stem}:{i}" if len(first) > 1 else stem for i in range(begin, count + 1)]
        headers, at = [name.encode() for name in names], np.array([number for number, _ in group])
        yield check_records(raw_of_texts(source, headers, [text for _, text in group], at, reading), reading)


def _bounded(chunks: Iterable[bytes], source: str, reading: Reading, line: int) -> Iterator[bytes]:
    """Pass a text on. Raises InputError for a line that is much longer than a record may be, or such a raw text."""
    size = 0
    for chunk in chunks:
        is_one = reading.format == "raw" or b"\n" not in chunk
        size = size + len(chunk) if is_one else len(chunk) - chunk.rfind(b"\n")
        if size > 2 * reading.max_length + (8 << 20):
            raise too_long(reading.max_length, line).error(source, b"")
        yield chunk


def _watched(texts: Iterator[tuple[int, bytes]], source: str, is_sure: bool) -> Iterator[tuple[int, bytes]]:
    """Pass lines on. Where they are several, log how they are read, or raise InputError if that is not sure."""
    count = width = last = 0
    alike = True  # all lines before the last
    for number, text in texts:
        alike = alike and last in (0, width)
        count, width, last = count + 1, width or len(text), len(text)
        yield number, text
    if count > 1 and alike and last < width and not is_sure:
        what = f"{count} lines without headers, all but the last of {width} letters: one sequence or {count}?"
        raise InputError(what, file=source, fix="Set reading.format=raw for one, or reading.format=lines")
    if count > 1:
        logger.info("note: %s: no headers, so each of its %d lines is read as one sequence", source, count)


def sequence_blocks(
    sequences: Iterable[str], reading: Reading, ids: Sequence[str] | None = None
) -> Iterator[Block]:
    """The sequences as records of no file; without `ids`, their ids are their numbers, counted from 1.

    Blanks and line ends are left out, as they are in files. Raises InputError for what is no string and, if
    `reading` says so, for the first sequence that cannot be used.
    """
    sequences = list(sequences)
    for at in range(0, len(sequences), GIVEN_AT_ONCE):
        some = range(at, min(at + GIVEN_AT_ONCE, len(sequences)))
        names = [str(i + 1) if ids is None else ids[i] for i in some]
        texts = [
            _text(one, name) for one, name in zip(sequences[at : at + GIVEN_AT_ONCE], names, strict=True)
        ]
        headers, lines = [name.encode() for name in names], np.zeros(len(names), dtype=np.int64)
        yield check_records(raw_of_texts("", headers, texts, lines, reading), reading)


def _text(sequence: str, name: str) -> bytes:
    if not isinstance(sequence, str):
        raise InputError(f"{type(sequence).__name__} instead of a string of letters", record=name)
    return sequence.encode("latin-1", "replace")
