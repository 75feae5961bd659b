"""FASTQ of four lines a record to blocks. Qualities are checked for their length and then dropped."""

from collections.abc import Iterable, Iterator

import numpy as np

from dnaseq.errors import InputError
from dnaseq.io.reading_options import Reading
from dnaseq.io.sequences.block import Block, Raw, check_records, codes_of, nameless, record_id, too_long

_LF, _AT, _PLUS = 10, 64, 43


def fastq_blocks(chunks: Iterable[bytes], source: str, reading: Reading, line: int = 1) -> Iterator[Block]:
    """Read the records of a text that begins with '@', at `line`; every line of it ends in LF.

    Raises InputError, with every `reading.bad_records`, where the four lines are damaged: nothing after that can be
    trusted.
    """
    pending: list[bytes] = []
    newlines = size = 0
    # sequence, quality and two headers; each part is looked at again below, this only keeps memory bounded
    largest = 2 * reading.max_length + (8 << 20)
    for chunk in chunks:
        pending.append(chunk)
        newlines, size = newlines + chunk.count(b"\n"), size + len(chunk)
        if newlines >= 4:
            text = b"".join(pending)
            cut = _whole_records(text)
            if records := _records(text[:cut], source, line):
                yield check_records(records, reading)
            line += text[:cut].count(b"\n")
            pending, newlines, size = [text[cut:]], newlines % 4, len(text) - cut
        elif size > largest:
            header = pending[0].partition(b"\n")[0][1:].strip()
            raise too_long(reading.max_length, line).error(source, header)
    left = b"".join(pending)
    if left.strip():
        header = left.partition(b"\n")[0][1:]
        what = "record is cut: the file ends inside it"
        raise InputError(what, file=source, line=line, record=record_id(header))


def _whole_records(text: bytes) -> int:
    """Find the end of the last whole record."""
    newlines = np.flatnonzero(np.frombuffer(text, dtype=np.uint8) == _LF)
    return int(newlines[len(newlines) // 4 * 4 - 1]) + 1


def _records(text: bytes, source: str, line: int) -> Raw | None:
    """Read all records of a text of whole records; None where only blank lines are left of the file."""
    letters = np.frombuffer(text, dtype=np.uint8)
    newlines = np.flatnonzero(letters == _LF)
    starts = np.concatenate(([0], newlines[:-1] + 1)).reshape(-1, 4)
    ends = newlines.reshape(-1, 4)
    damaged = _damaged(letters, starts, ends)
    if damaged < len(starts):
        if text[starts[damaged, 0] :].strip():
            raise _damage(text, starts[damaged], ends[damaged], source, line + 4 * damaged)
        starts, ends = starts[:damaged], ends[:damaged]
    if not len(starts):
        return None
    heads = zip((starts[:, 0] + 1).tolist(), ends[:, 0].tolist(), strict=True)
    headers = [text[a:b].rstrip() for a, b in heads]
    suspects = np.flatnonzero(letters[starts[:, 0] + 1] <= ord(" "))
    begin, end = starts[:, 1].tolist(), ends[:, 1].tolist()
    codes = codes_of(b"".join([text[a:b] for a, b in zip(begin, end, strict=True)]))
    return Raw(
        source,
        headers,
        nameless(headers, suspects),
        codes,
        ends[:, 1] - starts[:, 1],
        line + 4 * np.arange(len(starts), dtype=np.int64),
        lambda i: text[begin[i] : end[i]],
    )


def _damaged(letters: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> int:
    """Return the index of the first record whose four lines are not FASTQ; the number of records where all are."""
    lengths = ends - starts
    good = (
        (letters[starts[:, 0]] == _AT) & (letters[starts[:, 2]] == _PLUS) & (lengths[:, 1] == lengths[:, 3])
    )
    return len(good) if good.all() else int(good.argmin())


def _damage(text: bytes, start: np.ndarray, end: np.ndarray, source: str, line: int) -> InputError:
    """Build the error for a damaged record that begins at `line`."""
    parts = [text[a:b] for a, b in zip(start.tolist(), end.tolist(), strict=True)]
    name = record_id(parts[0][1:])
    if not parts[0].startswith(b"@"):
        found = parts[0][:40].decode("utf-8", "backslashreplace")
        return InputError(f"expected '@' at the start of a record, found {found!r}", file=source, line=line)
    if not parts[2].startswith(b"+"):
        fix = "Each record must have four lines"
        return InputError("missing '+' line", file=source, line=line + 2, record=name, fix=fix)
    what = f"{len(parts[3])} qualities for {len(parts[1])} letters"
    return InputError(what, file=source, line=line + 3, record=name)
