"""GenBank, EMBL and 2bit to blocks, by Biopython."""

import os
import struct
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any, BinaryIO, Literal

from dnaseq.errors import ConfigError, InputError
from dnaseq.io.os_errors import access
from dnaseq.io.reading_options import HEADER, Reading
from dnaseq.io.sequences.block import BLANKS, Block, Raw, check_records, join_records, too_long
from dnaseq.io.text import lines

FORMAT_OF_SUFFIX = {
    ".gb": "genbank",
    ".gbk": "genbank",
    ".genbank": "genbank",
    ".embl": "embl",
    ".2bit": "2bit",
}
FLAT = ("genbank", "embl")
_NAMES = {"genbank": "GenBank", "embl": "EMBL"}
_FIRST_WORD = {"genbank": b"LOCUS", "embl": b"ID"}
_TWO_BIT_LITTLE = b"\x43\x27\x41\x1a"  # the first bytes of a little-endian 2bit file
_TWO_BIT_ENTRY = 5  # bytes at least for the name and the place of a sequence
_BLOCK = 1 << 20  # letters after which a block is full
# Exceptions of Biopython's parsers on damaged text.
_DAMAGE = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RuntimeError, struct.error)


def flat_file_blocks(chunks: Iterable[bytes], kind: str, source: str, reading: Reading) -> Iterator[Block]:
    """Read the records of a GenBank or EMBL text whose lines end in LF; `lines` hold the first line of each entry.

    Raises InputError for an entry that Biopython cannot read and for one without its end, the line "//".
    """
    return _blocks(_flat_records(chunks, kind, source, reading), source, reading)


def two_bit_blocks(path: str, reading: Reading) -> Iterator[Block]:
    """Read the records of a 2bit file. It has no lines, so those are 0. It cannot be a pipe or compressed."""
    if path == "-":
        raise ConfigError("2bit cannot be read from standard input. Give the path of the file")
    return _blocks(_two_bit_records(path, reading), path, reading)


def _flat_records(
    chunks: Iterable[bytes], kind: str, source: str, reading: Reading
) -> Iterator[tuple[bytes, bytes, int]]:
    """Yield header, sequence and first line of every entry."""
    entry: list[bytes] = []
    size, first = 0, 1
    for number, line in enumerate(lines(chunks), start=1):
        if not entry and not line.strip():
            continue
        if not entry:
            first, size = number, 0
            if line.split()[0] != _FIRST_WORD[kind]:
                what = (
                    f"no {_NAMES[kind]} record begins with {line[:40].decode('utf-8', 'backslashreplace')!r}"
                )
                raise InputError(what, file=source, line=number)
        entry.append(line)
        size += len(line)
        if size > 2 * reading.max_length + (64 << 20):  # letters with their blanks, and the annotation
            raise too_long(reading.max_length, first).error(source, b"")
        if line.rstrip() == b"//":
            yield (*_header_and_letters(_parse(entry, kind, source, first)), first)
            entry = []
    if entry:
        raise InputError("record is cut: no line '//' ends it", file=source, line=first)


def _parse(entry: list[bytes], kind: str, source: str, line: int) -> Any:
    from Bio import SeqIO  # here, as few files need Biopython, which takes long to load

    text = b"\n".join([*entry, b""]).decode("utf-8", "replace")
    try:
        return SeqIO.read(StringIO(text), kind)
    except _DAMAGE as error:
        name = _NAMES[kind]
        reason = " ".join(str(error).split())
        raise InputError(f"not a readable {name} record ({reason})", file=source, line=line) from error


def _two_bit_records(path: str, reading: Reading) -> Iterator[tuple[bytes, bytes, int]]:
    from Bio import SeqIO  # here, as above

    with access(path), open(path, "rb") as handle:
        try:
            _check_counts(handle)
            for record in SeqIO.parse(handle, "twobit"):
                if len(record) > reading.max_length and reading.bad_records == "fail":
                    raise too_long(reading.max_length, 0).error(path, record.id.encode(), HEADER)
                yield (*_header_and_letters(record), 0)
        except (*_DAMAGE, EOFError, MemoryError) as error:
            raise InputError(f"not a readable 2bit file ({error})", file=path) from error


def _check_counts(handle: BinaryIO) -> None:
    """Raise ValueError for a 2bit file that announces more sequences, bases or stretches than it has room for.

    Biopython would look for all of them, which may be billions.
    """
    size = os.fstat(handle.fileno()).st_size
    order: Literal["little", "big"] = "little" if handle.read(8).startswith(_TWO_BIT_LITTLE) else "big"

    def number(at_most: float, what: str) -> int:
        found = int.from_bytes(handle.read(4), order)
        if found > at_most:
            raise ValueError(f"it announces {found:,} {what} and is too short for them")
        return found

    count, places = number(size / _TWO_BIT_ENTRY, "sequences"), []
    handle.seek(16)
    for _ in range(count):
        handle.seek(int.from_bytes(handle.read(1), order), os.SEEK_CUR)  # its name
        places.append(int.from_bytes(handle.read(4), order))
    for place in places:
        handle.seek(place)
        number(4 * size, "bases")
        for what in ("stretches of N", "stretches in lower case"):
            handle.seek(8 * number(size / 8, what), os.SEEK_CUR)
    handle.seek(0)


def _header_and_letters(record: Any) -> tuple[bytes, bytes]:
    from Bio.Seq import UndefinedSequenceError  # here, as above

    description = "" if record.description == "<unknown description>" else record.description
    header = " ".join(f"{record.id} {description}".split())
    try:
        return header.encode(), b"" if record.seq is None else bytes(record.seq)
    except UndefinedSequenceError:  # an entry without its sequence
        return header.encode(), b""


def _blocks(records: Iterator[tuple[bytes, bytes, int]], source: str, reading: Reading) -> Iterator[Block]:
    group: list[tuple[bytes, bytes, int]] = []
    size = 0
    for record in records:
        group.append(record)
        size += len(record[1])
        if size >= _BLOCK:
            yield check_records(_raw(group, source, reading), reading)
            group, size = [], 0
    if group:
        yield check_records(_raw(group, source, reading), reading)


def _raw(group: list[tuple[bytes, bytes, int]], source: str, reading: Reading) -> Raw:
    headers = [header for header, _, _ in group]
    sequences = [sequence.translate(None, BLANKS) for _, sequence, _ in group]
    at = [line for _, _, line in group]
    return join_records(source, headers, sequences, at, sequences.__getitem__, reading)
