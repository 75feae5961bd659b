"""Label strings, a letter for every base of a record: from FASTA or from a table of labels."""

import logging
from collections.abc import Iterator
from pathlib import Path

from dnaseq.errors import InputError
from dnaseq.io.compress import chunks, shown
from dnaseq.io.reading_options import FIRST_WORD
from dnaseq.io.sequences.block import record_id
from dnaseq.io.sequences.labels import read_labels
from dnaseq.io.text import Start, at_first_line, lines, text_chunks

logger = logging.getLogger("dnaseq")


def read_label_strings(path: str | Path, id_from: str = FIRST_WORD) -> dict[str, str]:
    """Read the label string of every id, plain or compressed.

    A file that begins with ">" is FASTA with label strings in place of sequences, on one line or several; blanks
    are left out, and any other letter is a label. Any other file is a table with columns id and label.
    Raises InputError, with the line, for an empty id, an id that is used twice, a record without labels and text
    that is not UTF-8; for tables as read_labels does.
    """
    name = shown(path)
    start = at_first_line(text_chunks(chunks(path), name, warn=logger.warning))
    if not start.head.startswith(b">"):
        return read_labels(path)
    strings: dict[str, str] = {}
    lines_of: dict[str, int] = {}
    for line, header, labels in _records(start):
        key = record_id(header, id_from)
        if not key:
            raise InputError("empty id", file=name, line=line)
        if key in strings:
            what = f"the id is used twice, first on line {lines_of[key]}"
            raise InputError(what, file=name, line=line, record=key)
        if not labels:
            raise InputError("no labels", file=name, line=line, record=key)
        strings[key], lines_of[key] = _decode(labels, name, line, key), line
    return strings


def _records(start: Start) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield line of the header, header and labels of every record."""
    header: bytes | None = None
    pieces: list[bytes] = []
    at = start.line
    for line, text in enumerate(lines(start.chunks), start=start.line):
        if not text.startswith(b">"):
            pieces.append(b"".join(text.split()))
            continue
        if header is not None:
            yield at, header, b"".join(pieces)
        header, at, pieces = text[1:], line, []
    assert header is not None  # the text begins with ">"
    yield at, header, b"".join(pieces)


def _decode(labels: bytes, name: str, line: int, key: str) -> str:
    try:
        return labels.decode()
    except UnicodeDecodeError as error:
        fix = "Save it as UTF-8"
        raise InputError("not UTF-8 text", file=name, line=line, record=key, fix=fix) from error
