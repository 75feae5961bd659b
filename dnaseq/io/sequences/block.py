"""Consecutive records of one file, packed, and the checks that every format's records pass."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, overload

import numpy as np

from dnaseq.encode import alphabet
from dnaseq.errors import InputError
from dnaseq.io.reading_options import Reading

BLANKS = b" \t\n"  # removed inside sequences
CODES = alphabet.CODE_OF_BYTE.tobytes()  # for bytes.translate


class Headers(Sequence[bytes]):
    """Header lines that are cut out of a text on access."""

    def __init__(self, text: bytes, begin: np.ndarray, end: np.ndarray):
        """Take header i from text[begin[i]:end[i]]; (n,) each."""
        self._text, self._begin, self._end = text, begin, end

    def __len__(self) -> int:
        return len(self._begin)

    @overload
    def __getitem__(self, i: int) -> bytes: ...

    @overload
    def __getitem__(self, i: slice) -> "Headers": ...

    def __getitem__(self, i: int | slice) -> "bytes | Headers":
        if isinstance(i, slice):
            return Headers(self._text, self._begin[i], self._end[i])
        return self._text[self._begin[i] : self._end[i]]

    def __iter__(self) -> Iterator[bytes]:
        text = self._text
        return iter([text[a:b] for a, b in zip(self._begin.tolist(), self._end.tolist(), strict=True)])

    def __reduce__(self) -> tuple[type[list], tuple[list[bytes]]]:
        return list, (list(self),)  # another process needs no text of the sequences


class Block(NamedTuple):
    """Consecutive records of ONE source file. Record i is codes[offsets[i]:offsets[i + 1]]; codes are read-only."""

    source: str  # the path as given; "<stdin>" for "-"
    headers: Sequence[bytes]  # header lines without '>' or '@', stripped
    codes: np.ndarray  # (total,) uint8 codes
    offsets: np.ndarray  # (n + 1,) int64
    lines: np.ndarray  # (n,) int64 line of each header, counted from 1; 0 in formats without lines
    rejected: dict[int, str]  # index in the block -> reason; such a record has no codes
    begin: int = 0  # of a block that is a part of a record: the position of its first base there, 0-based


class Raw(NamedTuple):
    """Consecutive records as they stand in a file, before any check."""

    source: str
    headers: Sequence[bytes]
    nameless: list[int]  # indices of the headers without an id, from nameless()
    codes: np.ndarray  # (total,) uint8 of all records; 255 where there is no nucleotide letter
    lengths: np.ndarray  # (n,) int64
    lines: np.ndarray  # (n,) int64
    # index -> the sequence as it stands in the file, from the line after the header
    text: Callable[[int], bytes]
    damaged: dict[int, "Fault"] = {}  # noqa: RUF012 (it is never changed): records whose reader has found a fault


class Fault(NamedTuple):
    """A reason why a record cannot be used, and the line of the fault."""

    reason: str
    line: int
    fix: str = "Fix it, or reject such records with bad_records=keep"

    def error(self, source: str, header: bytes) -> InputError:
        line = self.line or None
        return InputError(self.reason, file=source, line=line, record=record_id(header), fix=self.fix)


def codes_of(letters: bytes) -> np.ndarray:
    """Encode letters: (n,) uint8, read-only, 255 for all but nucleotide letters."""
    return np.frombuffer(letters.translate(CODES), dtype=np.uint8)


def record_id(header: bytes) -> str:
    """Return the header up to its first white space, "" if it is empty; bytes that are not UTF-8 become \\xNN."""
    words = header.split(None, 1)
    return words[0].decode("utf-8", "backslashreplace") if words else ""


def nameless(headers: Sequence[bytes], suspects: Iterable[int]) -> list[int]:
    """List the suspects whose header is empty or begins with a blank."""
    return [i for i in suspects if not headers[i][:1].strip()]


def too_long(limit: int, line: int) -> Fault:
    return Fault(f"record longer than {limit:,} bases", line, "Raise reading.max_length")


def rejected_block(source: str, header: bytes, fault: Fault, line: int) -> Block:
    """Build the block of one record that is not used."""
    empty, offsets = np.zeros(0, np.uint8), np.zeros(2, np.int64)
    return Block(source, [header], empty, offsets, np.array([line], np.int64), {0: fault.reason})


def check_records(raw: Raw, reading: Reading) -> Block:
    """Check each record and return the Block.

    A record with an empty id, no sequence, too many bases, a letter outside IUPAC, or nothing but ambiguous
    letters is an InputError, or goes without codes into `rejected`, by `reading.bad_records`.
    """
    codes = raw.codes
    offsets = _offsets(raw.lengths)
    faults = _faults(raw, codes, offsets, reading)
    if faults and reading.bad_records == "fail":
        first = min(faults)
        fault = faults[first]
        fault = Fault(fault, int(raw.lines[first])) if isinstance(fault, str) else fault
        raise fault.error(raw.source, raw.headers[first])
    if faults:
        used = np.ones(len(raw.lengths), dtype=bool)
        used[list(faults)] = False
        codes = codes[np.repeat(used, raw.lengths)]
        offsets = _offsets(raw.lengths * used)
    rejected = {i: fault if isinstance(fault := faults[i], str) else fault.reason for i in sorted(faults)}
    headers = [h.strip() for h in raw.headers] if raw.nameless else raw.headers
    return Block(raw.source, headers, codes, offsets, raw.lines, rejected)


def _offsets(lengths: np.ndarray) -> np.ndarray:
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def _faults(raw: Raw, codes: np.ndarray, offsets: np.ndarray, reading: Reading) -> dict[int, Fault | str]:
    """Map each index to the first fault of that record. Where its line is that of the header, the reason alone: there
    may be millions of empty records."""
    faults: dict[int, Fault | str] = dict.fromkeys(
        np.flatnonzero(raw.lengths == 0).tolist(), "empty sequence"
    )
    faults |= raw.damaged | dict.fromkeys(raw.nameless, "empty id")
    for i in np.flatnonzero(raw.lengths > reading.max_length).tolist():
        faults.setdefault(i, too_long(reading.max_length, int(raw.lines[i])))
    highest = codes.max(initial=0)
    if highest == alphabet.INVALID:
        bad = np.flatnonzero(codes == alphabet.INVALID)
        owners = np.searchsorted(offsets, bad, side="right") - 1
        for i, first in zip(*np.unique(owners, return_index=True), strict=True):
            at = int(bad[first] - offsets[i])
            fault = _bad_letter(raw.text(int(i)), at, int(raw.lengths[i]), int(raw.lines[i]))
            faults.setdefault(int(i), fault)
    for i in _without_a_base(codes, offsets) if highest >= alphabet.N else ():
        faults.setdefault(i, "every letter is N")
    return faults


def _without_a_base(codes: np.ndarray, offsets: np.ndarray) -> list[int]:
    """List the records that have letters, but none that is one base."""
    filled = np.flatnonzero(np.diff(offsets))
    smallest = np.minimum.reduceat(codes, offsets[filled])
    return filled[smallest >= alphabet.N].tolist()


def _bad_letter(text: bytes, at: int, letters: int, header_line: int) -> Fault:
    """Describe the letter at index `at` of a record of `letters` letters, the first one outside IUPAC."""
    with_blanks = text.replace(b"\n", b"")
    left_out = b"\n" if len(with_blanks) == letters else BLANKS  # FASTQ has a quality for a blank as well
    sequence = text.translate(None, left_out)
    bad = np.flatnonzero(codes_of(sequence) == alphabet.INVALID)
    line, left = header_line, at
    for row in text.split(b"\n"):
        line += header_line > 0
        left -= len(row.translate(None, left_out))
        if left < 0:
            break
    return Fault(alphabet.invalid_letters(sequence.decode("latin-1"), bad), line)
