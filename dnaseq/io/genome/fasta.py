"""FASTA genomes: by their index where there is one, else unpacked into a scratch file.

A FASTA index (.fai) has a line a sequence: name, length, byte of the first letter, letters a line, bytes a line.
"""

import logging
import mmap
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np

from dnaseq.encode import alphabet
from dnaseq.errors import InputError
from dnaseq.io.bgzip import IndexedBgzip, is_bgzip
from dnaseq.io.compress import EndsEarlyError, chunks, shown
from dnaseq.io.genome.letters import Letters, Unpacked
from dnaseq.io.os_errors import access
from dnaseq.io.progress import show_progress
from dnaseq.io.text import text_chunks

INDEX, BLOCK_INDEX = ".fai", ".gzi"
_LETTERS = bytes(np.flatnonzero(alphabet.CODE_OF_BYTE != alphabet.INVALID).astype(np.uint8))
_BLANKS = b" \t\n"
_LONGEST_HEADER = 1 << 20
logger = logging.getLogger("dnaseq")


class Entry(NamedTuple):
    """A sequence in a FASTA index."""

    name: str
    length: int
    offset: int
    line_letters: int
    line_bytes: int

    def place(self, position: int) -> int:
        """Return the byte of a position, 0-based."""
        line, column = divmod(position, self.line_letters) if self.line_letters else (0, 0)
        return self.offset + line * self.line_bytes + column


class Bytes(Protocol):
    """A file whose (decompressed) bytes can be read from anywhere."""

    def read(self, begin: int, end: int) -> bytes:
        """Return the bytes [begin, end), fewer at the end of the file."""
        ...


class Mapped:
    """The bytes of a plain file."""

    def __init__(self, path: str):
        with access(path), open(path, "rb") as handle:
            self._bytes = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)

    def read(self, begin: int, end: int) -> bytes:
        return self._bytes[begin:end]


class Indexed:
    """Letters by the index of a FASTA file."""

    def __init__(self, entries: list[Entry], data: Bytes):
        self.names, self.lengths = [one.name for one in entries], [one.length for one in entries]
        self._entries, self._bytes = entries, data

    def read(self, number: int, start: int, end: int) -> np.ndarray:
        entry = self._entries[number]
        if start == end:
            return np.empty(0, np.uint8)
        data = self._bytes.read(entry.place(start), entry.place(end - 1) + 1)
        if b"\n" in data:
            data = data.translate(None, b"\r\n")
        return np.frombuffer(data, np.uint8)


def open_fasta(path: str) -> Letters:
    """Open a FASTA file, plain or compressed. Raises InputError for a file that is no FASTA or damaged."""
    found = _open_indexed(path)
    return _unpack(path) if found is None else found


def _open_indexed(path: str) -> Indexed | None:
    """Open a file by its index; None where it has none, or one that does not fit it."""
    if not os.path.isfile(path + INDEX) or not os.path.getsize(path):
        return None
    data: Bytes
    if is_bgzip(path):
        if not os.path.isfile(path + BLOCK_INDEX):
            return None
        data = IndexedBgzip(path, path + BLOCK_INDEX)
    else:
        data = Mapped(path)
    entries = _read_index(path + INDEX)
    if not entries or not all(_fits(entry, data) for entry in entries):
        how = f"Make it anew: samtools faidx {path}"
        logger.warning(
            "note: %s is not the index of this file, which is read without it. %s", path + INDEX, how
        )
        return None
    _check_names(path, [entry.name for entry in entries])
    return Indexed(entries, data)


def _read_index(path: str) -> list[Entry]:
    entries = []
    with access(path), open(path, encoding="utf-8", errors="backslashreplace") as handle:
        for number, line in enumerate(handle, start=1):
            name, *cells = line.rstrip("\n").split("\t")
            try:
                entry = Entry(name, *map(int, cells[:4]))
            except (TypeError, ValueError) as error:
                fix = f"Make it anew: samtools faidx {path.removesuffix(INDEX)}"
                raise InputError("not a line of a FASTA index", file=path, line=number, fix=fix) from error
            entries.append(entry)
    return entries


def _fits(entry: Entry, data: Bytes) -> bool:
    """Check that a header of this name is before the sequence, and that the sequence ends where the index says."""
    if entry.length < 0 or entry.offset < 1 or (entry.length and entry.line_letters < 1):
        return False
    name = entry.name.encode("utf-8", "backslashreplace")
    before = data.read(max(entry.offset - 4096, 0), entry.offset)
    header = before.rstrip(b"\r\n").rpartition(b"\n")[2]
    if len(before) < 4096 and header[:1] != b">":
        return False
    if header[:1] == b">" and header[1:].split(None, 1)[:1] != [name]:
        return False
    if not entry.length:
        return True
    last = entry.place(entry.length - 1)
    end = data.read(last, last + 2)
    first = data.read(entry.offset, entry.offset + 1)
    return bool(first.strip()) and bool(end[:1].strip()) and end[1:] in (b"", b"\n", b"\r")


def _unpack(path: str) -> Unpacked:
    """Write the letters of all sequences into a scratch file."""
    names: list[str] = []
    lengths: list[int] = []
    place = access(f"scratch file in {tempfile.gettempdir()}")
    with place, tempfile.TemporaryFile() as file, show_progress(f"reading {shown(path)}", "bases") as step:
        try:
            for piece in _pieces(path):
                if isinstance(piece, str):
                    names.append(piece)
                    lengths.append(0)
                    continue
                _check_letters(path, names[-1], lengths[-1], piece)
                file.write(piece)
                lengths[-1] += len(piece)
                step.advance(len(piece))
        except EndsEarlyError as error:
            what = f"{error.what} in sequence {names[-1]!r}" if names else error.what
            raise InputError(what, file=error.file, fix="Copy or download it again") from error
        if not names:
            raise InputError("no sequences", file=shown(path))
        _check_names(path, names)
        return Unpacked(names, lengths, file)


def _pieces(path: str) -> Iterator[str | bytes]:
    """Yield the name of each sequence, and then its letters in pieces."""
    rest, inside = (
        b"",
        False,
    )  # the beginning of a header that goes on in the next chunk; a line of letters has begun
    seen = False
    for chunk in text_chunks(chunks(path), shown(path), logger.warning):
        text = rest + chunk
        rest = b""
        while text:
            if text[:1] == b">" and not inside:
                header, end, after = text.partition(b"\n")
                if not end:
                    if len(text) > _LONGEST_HEADER:
                        raise InputError(f"a header of more than {_LONGEST_HEADER:,} bytes", file=shown(path))
                    rest = text
                    break
                yield _name(path, header)
                seen, text = True, after
                continue
            at = text.find(b"\n>") + 1
            part, text = (text[:at], text[at:]) if at else (text, b"")
            letters = part.translate(None, _BLANKS)
            if letters and not seen:
                what = f"text before the first header: {letters[:40].decode('utf-8', 'backslashreplace')!r}"
                raise InputError(what, file=shown(path), fix="A genome is FASTA (plain, gzip, bgzip) or 2bit")
            if letters:
                yield letters
            inside = not part.endswith(b"\n")


def _name(path: str, header: bytes) -> str:
    words = header[1:].split(None, 1)
    if not words:
        raise InputError("a header without a name", file=shown(path))
    return words[0].decode("utf-8", "backslashreplace")


def _check_letters(path: str, name: str, before: int, letters: bytes) -> None:
    """Raise InputError for the first letter that is no nucleotide; `before` letters came earlier in the sequence."""
    if not letters.translate(None, _LETTERS):
        return
    bad = alphabet.CODE_OF_BYTE[np.frombuffer(letters, np.uint8)] == alphabet.INVALID
    at = int(np.flatnonzero(bad)[0])
    what = f"letter {chr(letters[at])!r} at position {before + at + 1} is not a nucleotide"
    raise InputError(what, file=shown(path), record=name)


def _check_names(path: str, names: list[str]) -> None:
    """Raise InputError for two sequences of one name."""
    name, count = Counter(names).most_common(1)[0]
    if count > 1:
        fix = "Give each its own name"
        raise InputError(f"{count} sequences have the name {name!r}", file=shown(path), fix=fix)
