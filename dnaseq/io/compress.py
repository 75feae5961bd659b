"""Files to bytes: plain, gzip, BGZF and zstd alike, known by their first bytes and not by their names.

A file that is cut must never look complete: gzip and zstd have to reach the end of their last member, and BGZF its
28-byte end marker, since a BGZF file cut between two blocks is a valid gzip file.
"""

import logging
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import zstandard
from isal import isal_zlib

from dnaseq.errors import FileAccessError, InputError
from dnaseq.io.address import STDIN, is_address, opened
from dnaseq.io.os_errors import access
from dnaseq.io.reading_options import Reading

CHUNK = 1 << 19
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_MAGIC = 6  # bytes that show every kind
_NAMES = {"gzip": (".gz", ".bgz", ".bgzf"), "zstd": (".zst", ".zstd")}
_ZIP = b"PK\x03\x04"
_UNSUPPORTED = {b"\xfd7zXZ\x00": "xz", b"BZh": "bzip2", _ZIP: "zip"}
_IN_WORKBOOK = (b"[Content_Types].xml", b"xl/")  # names of files in a zip that is an Excel workbook
_DOCUMENTS = (".doc", ".docx", ".odt", ".rtf", ".pdf")  # of Word and others
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"  # .xls
_BGZF_MARKER = 28  # bytes of the empty block that ends a BGZF file (SAM specification, 4.1.2)
# One zstd block of 128 KiB can come from 4 bytes, so 1 KiB of input is 32 MiB of output at most.
_PIECE = {"gzip": 1 << 17, "zstd": 1 << 10}

logger = logging.getLogger("dnaseq")


class EndsEarlyError(InputError):
    """A compressed file that stops before its own end; its reader adds after which record."""


def shown(path: str | Path) -> str:
    """Return the name of an input in messages: its path, or <stdin>."""
    return "<stdin>" if str(path) == STDIN else str(path)


def stem_and_suffix(path: str | Path) -> tuple[str, str]:
    """Return a path without the suffix of its compression, and then its last suffix, in lower case."""
    name = str(path)
    for suffix in (s for suffixes in _NAMES.values() for s in suffixes):
        if name.lower().endswith(suffix):
            name = name[: -len(suffix)]
            break
    return name, os.path.splitext(name)[1].lower()


def chunks(path: str | Path, reading: Reading | None = None, size: int = CHUNK) -> Iterator[bytes]:
    """Read the decompressed bytes of a file ("-" is standard input), by its path or address, in chunks of exactly
    `size`, the last one shorter. Files beside sequences, such as VCF or a genome, are read without settings.

    Raises FileAccessError for a file that cannot be opened or read, and InputError, with the byte offset where there
    is one, for a compressed file that is cut, corrupt or followed by something else, for BGZF without its end
    marker, and for a file that changes while it is read.
    """
    name = shown(path)
    if str(path) == STDIN:
        with access(name):
            yield from _decompress(sys.stdin.buffer, name, reading, size)
        return
    with access(name), opened(path) as raw:
        before = None if is_address(path) else os.fstat(raw.fileno())
        yield from _decompress(raw, name, reading, size)
        if before and stat.S_ISREG(before.st_mode):
            _check_unchanged(path, before)


def _decompress(raw: BinaryIO, name: str, reading: Reading | None, size: int) -> Iterator[bytes]:
    head = b""
    while len(head) < _MAGIC and (piece := raw.read(_PIECE["zstd"])):
        head += piece
    kind = _kind(head, name)
    if kind == "plain":
        yield from _rechunk(_pieces(raw, head, size), size)
        return
    source = _Compressed(_pieces(raw, head, _PIECE[kind]))
    yield from _rechunk(_gunzip(source, name, reading) if kind == "gzip" else _unzstd(source, name), size)


def _kind(head: bytes, name: str) -> str:
    """Return plain, gzip or zstd. Logs a warning where the name does not fit."""
    kind = "gzip" if head.startswith(_GZIP) else "zstd" if head.startswith(_ZSTD) else "plain"
    named = next((k for k, suffixes in _NAMES.items() if name.lower().endswith(suffixes)), "plain")
    if name.lower().endswith(_DOCUMENTS):
        raise InputError("is a document, not plain text", file=name, fix="Save it as plain text (.txt)")
    if head.startswith(_OLD_WORKBOOK) or (head.startswith(_ZIP) and any(one in head for one in _IN_WORKBOOK)):
        fix = "Save it as CSV. As a table it may also end in .xlsx"
        raise InputError("is an Excel workbook", file=name, fix=fix)
    for magic, tool in _UNSUPPORTED.items():
        if head.startswith(magic):
            fix = "Decompress it first, or compress it with gzip or zstd"
            raise InputError(f"{tool} compression is not supported", file=name, fix=fix)
    if not head and named != "plain":
        raise InputError(f"empty {named} file", file=name)
    if kind != named and name != "<stdin>":
        logger.warning("%s: its name says %s, but its content is %s", name, named, kind)
    return kind


def _pieces(raw: BinaryIO, head: bytes, size: int) -> Iterator[bytes]:
    """Read all bytes, `size` at most at once: a pipe may give fewer."""
    if len(head) < size:
        head += raw.read(size - len(head))
    piece = head
    while piece:
        yield piece
        piece = raw.read(size)


def _rechunk(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Cut the bytes into pieces of exactly `size`; those before an early end are yielded before the error."""
    held: list[bytes] = []
    n = 0
    try:
        for piece in pieces:
            if not n and len(piece) == size:
                yield piece
                continue
            held.append(piece)
            n += len(piece)
            if n >= size:
                data = b"".join(held)
                for start in range(0, n - size + 1, size):
                    yield data[start : start + size]
                held, n = [data[n - n % size :]], n % size
    except EndsEarlyError:
        if n:
            yield b"".join(held)
        raise
    if n:
        yield b"".join(held)


class _Compressed:
    """Compressed bytes that are not used yet, and where in the file they begin."""

    def __init__(self, pieces: Iterator[bytes]):
        self._pieces = pieces
        self.data, self.offset = b"", 0

    def more(self) -> bool:
        piece = next(self._pieces, b"")
        self.data += piece
        return bool(piece)

    def at_least(self, n: int) -> bytes:
        while len(self.data) < n and self.more():
            pass
        return self.data

    def used(self, rest: bytes) -> None:
        self.offset += len(self.data) - len(rest)
        self.data = rest

    def corrupt(self, kind: str, error: Exception) -> str:
        return f"corrupt {kind} data between bytes {self.offset} and {self.offset + len(self.data)} ({error})"


def _gunzip(source: _Compressed, name: str, reading: Reading | None) -> Iterator[bytes]:
    """Decompress the members of a gzip file in order; BGZF is such a file with an extra field "BC"."""
    bgzf = marker = False
    while head := source.at_least(18):
        if not head.startswith(_GZIP):
            _check_padding(source, name)
            break
        bgzf = head[3:4] == b"\x04" and head[12:14] == b"BC"
        start, produced = source.offset, 0
        for piece in _member(source, name):
            produced += len(piece)
            yield piece
        marker = produced == 0 and source.offset - start == _BGZF_MARKER
    if bgzf and not marker and not (reading and reading.allow_missing_eof):
        fix = "Allow with reading.allow_missing_eof=true" if reading else "Copy or download it again"
        raise InputError("no BGZF end marker, file may be truncated", file=name, fix=fix)


def _member(source: _Compressed, name: str) -> Iterator[bytes]:
    """Decompress one gzip member, with its length and CRC checked; never more than CHUNK bytes at once."""
    inflate = isal_zlib.decompressobj(wbits=31)
    while not inflate.eof:
        try:
            piece = inflate.decompress(source.data, CHUNK)
        except isal_zlib.error as error:  # type: ignore[misc]  # its stub has no base class
            raise InputError(source.corrupt("gzip", error), file=name) from error
        source.used(inflate.unused_data if inflate.eof else inflate.unconsumed_tail)
        if piece:
            yield piece
        if not inflate.eof and not source.data and not source.more() and not piece:
            raise EndsEarlyError("compressed file ends early", file=name)


def _unzstd(source: _Compressed, name: str) -> Iterator[bytes]:
    """Decompress the frames of a zstd file in order."""
    while head := source.at_least(len(_ZSTD)):
        if not head.startswith(_ZSTD):
            _check_padding(source, name)
            break
        frame = zstandard.ZstdDecompressor().decompressobj()
        while not frame.eof:
            if not source.data and not source.more():
                raise EndsEarlyError("compressed file ends early", file=name)
            try:
                piece = frame.decompress(source.data)
            except zstandard.ZstdError as error:
                raise InputError(source.corrupt("zstd", error), file=name) from error
            source.used(frame.unused_data if frame.eof else b"")
            if piece:
                yield piece


def _check_padding(source: _Compressed, name: str) -> None:
    """Accept zero bytes up to the end of the file (tapes and block devices add them), and nothing else."""
    while source.data:
        rest = source.data.lstrip(b"\0")
        source.used(rest)
        if rest:
            what = f"other bytes follow the end of the compressed data, from byte {source.offset} on"
            raise InputError(what, file=name, fix="Copy or download it again")
        source.more()


def _check_unchanged(path: str | Path, before: os.stat_result) -> None:
    """Raise InputError for a file that grew or was replaced while it was read."""
    try:
        after = os.stat(path)
    except FileNotFoundError as error:
        raise FileAccessError(f"{path}: was removed while it was read") from error
    if (before.st_size, before.st_mtime_ns, before.st_ino) != (
        after.st_size,
        after.st_mtime_ns,
        after.st_ino,
    ):
        raise InputError("file changed while it was read", file=path, fix="Wait until it is complete")
