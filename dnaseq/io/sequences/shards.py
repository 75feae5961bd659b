"""Shards of a long FASTA file that are read apart: whole records, each once, in order."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple

from dnaseq.errors import InputError
from dnaseq.io.address import STDIN, opened, version_of
from dnaseq.io.compress import CHUNK
from dnaseq.io.os_errors import access
from dnaseq.io.sequences.reading import Block, Reading, file_blocks
from dnaseq.io.text import text_chunks

_CUTTABLE = ("auto", "fasta")  # formats in which the beginning of a record can be found from anywhere


class Shard(NamedTuple):
    """The records of a file whose headers begin in the bytes [begin, end); without an end, of the whole file."""

    source: str
    begin: int = 0
    end: int | None = None


def shards_of(sources: Sequence[str], size: int, reading: Reading) -> list[Shard]:
    """Cut files into shards of about `size` bytes, in order. A file that is compressed or not FASTA is one shard."""
    return [shard for source in sources for shard in _cut(source, size, reading)]


def shard_blocks(shard: Shard, reading: Reading) -> Iterator[Block]:
    """Read the records of a shard, packed; none where no record begins in it. The lines of blocks and errors are
    counted from the first one of the shard. The expected number of records is not checked."""
    return file_blocks(
        shard.source, reading, None if shard.end is None else _bytes(shard.source, shard.begin, shard.end)
    )


def in_file(error: InputError, shard: Shard) -> InputError:
    """Give an error in a shard the line that it has in the file."""
    if not error.line or not shard.begin:
        return error
    before = _bytes(shard.source, 0, shard.begin)
    line = error.line + sum(chunk.count(b"\n") for chunk in text_chunks(before, shard.source))
    return InputError(error.what, file=error.file, line=line, record=error.record, fix=error.fix)


def _cut(source: str, size: int, reading: Reading) -> list[Shard]:
    if source == STDIN or reading.format not in _CUTTABLE:
        return [Shard(source)]
    with access(source):
        length = (version_of(source) or [0])[0]
        if length <= size:
            return [Shard(source)]
        with opened(source) as raw:
            if raw.read(1) != b">":
                return [Shard(source)]
    begins = range(0, length, size)
    return [Shard(source, begin, min(begin + size, length)) for begin in begins]


def _bytes(source: str, begin: int, end: int) -> Iterator[bytes]:
    """Read from the first header at or after `begin` to the first one at or after `end`."""
    with access(source), opened(source) as raw:
        at, end = _header_from(raw, begin), _header_from(raw, end)
        raw.seek(at)
        while at < end and (piece := raw.read(min(CHUNK, end - at))):
            at += len(piece)
            yield piece


def _header_from(raw: BinaryIO, at: int) -> int:
    """Find the first header that begins at or after a byte; the length of the file if there is none."""
    if at == 0:
        return 0
    at, before = at - 1, b""
    raw.seek(at)
    while piece := raw.read(CHUNK):
        text = before + piece
        found = text.find(b"\n>")
        if found >= 0:
            return at + found + 1
        before = text[-1:]
        at += len(text) - len(before)
    return at + len(before)
