"""Consecutive records of one file, packed, and the checks that every format's records pass."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple, overload

import numpy as np

from dnaseq.encode import alphabet
from dnaseq.errors import InputError
from dnaseq.io.reading_options import FIRST_WORD, HEADER, Reading, id_of

BLANKS = b" \t\n"  # removed inside sequences
GAPS, UNKNOWN, STAR = b"-.", b"XxIi", b"*"
_GAP, _STAR = (
    254,
    253,
)  # codes of letters that are left out, if the settings say so: a star is the last one then
_FIX = "Correct the file, or write bad_records=keep to leave such records out"


class Headers(Sequence[bytes]):
    """Header lines that are cut out of a text on access; all of them once, when they are first gone through."""

    def __init__(self, text: bytes, begin: np.ndarray, end: np.ndarray):
        """Take header i from text[begin[i]:end[i]]; (n,) each."""
        self._text, self._begin, self._end = text, begin, end
        self._all: list[bytes] | None = None

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
        if self._all is None:
            text, places = self._text, zip(self._begin.tolist(), self._end.tolist(), strict=True)
            self._all = [text[a:b] for a, b in places]
        return iter(self._all)

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
    id_from: str = FIRST_WORD  # the part of a header that is the id, as in Reading
    kept: Sequence[tuple[str, ...]] = ()  # cells of each record's other columns, as in Reading.keep

    @property
    def ids(self) -> list[bytes]:
        if self.id_from == FIRST_WORD:  # the headers are stripped
            return [header.split(None, 1)[0] if header else b"" for header in self.headers]
        return [id_of(header, self.id_from) for header in self.headers]

    def id(self, i: int) -> str:
        return record_id(self.headers[i], self.id_from)


class Raw(NamedTuple):
    """Consecutive records as they stand in a file, before any check."""

    source: str
    headers: Sequence[bytes]
    nameless: list[int]  # indices of the headers without an id, from nameless()
    codes: np.ndarray  # (total,) uint8 of all records, from codes_of()
    lengths: np.ndarray  # (n,) int64
    lines: np.ndarray  # (n,) int64
    # index -> the sequence as it stands in the file, from the line after the header
    text: Callable[[int], bytes]
    damaged: dict[int, "Fault"] = {}  # noqa: RUF012 (it is never changed): records whose reader has found a fault
    spaced: Sequence[int] = ()  # indices of the sequences with blanks between letters
    in_line: bool = False  # True: a sequence is on the line of its header, which is nothing but an id


class Fault(NamedTuple):
    """A reason why a record cannot be used, and the line of the fault."""

    reason: str
    line: int
    fix: str = _FIX

    def error(self, source: str, header: bytes, id_from: str = FIRST_WORD) -> InputError:
        line, name = self.line or None, record_id(header, id_from)
        return InputError(self.reason, file=source, line=line, record=name, fix=self.fix)


def codes_of(letters: bytes, reading: Reading) -> np.ndarray:
    """Encode letters: (n,) uint8, read-only. Letters that are left out are 253 or 254, and 255 is no letter at all."""
    return np.frombuffer(letters.translate(code_table(reading)), dtype=np.uint8)


@cache
def code_table(reading: Reading) -> bytes:
    """Return the code of every byte, for bytes.translate."""
    table = alphabet.CODE_OF_BYTE.copy()
    if reading.gaps == "drop":
        table[list(GAPS)] = _GAP
    if reading.unknown == "N":
        table[list(UNKNOWN)] = alphabet.N
        table[list(STAR)] = _STAR
    return table.tobytes()


def record_id(header: bytes, id_from: str = FIRST_WORD) -> str:
    """Return the id in a header, "" where there is none; bytes that are not UTF-8 become \\xNN."""
    return text_of(id_of(header, id_from))


def text_of(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")


def nameless(headers: Sequence[bytes], suspects: Iterable[int]) -> list[int]:
    """List the suspects whose header is empty."""
    return [i for i in suspects if not headers[i].strip()]


def too_long(limit: int, line: int) -> Fault:
    return Fault(f"record longer than {limit:,} bases", line, "Raise reading.max_length")


def rejected_block(source: str, header: bytes, fault: Fault, line: int, id_from: str = FIRST_WORD) -> Block:
    """Build the block of one record that is not used."""
    empty, offsets, lines = np.zeros(0, np.uint8), np.zeros(2, np.int64), np.array([line], np.int64)
    return Block(source, [header], empty, offsets, lines, {0: fault.reason}, id_from=id_from)


def raw_of_texts(
    source: str, headers: list[bytes], texts: list[bytes], lines: np.ndarray, reading: Reading
) -> Raw:
    """Join sequences that stand on the lines of their ids, (n,), or on none, as records."""
    texts = [text.replace(b"\r", b"\n") for text in texts]
    sequences = [text.translate(None, BLANKS) for text in texts]
    spaced = [i for i, text in enumerate(texts) if len(text) != len(sequences[i])]
    raw = join_records(source, headers, sequences, lines, texts.__getitem__, reading)
    return raw._replace(spaced=spaced, in_line=True)


def join_records(
    source: str,
    headers: list[bytes],
    sequences: list[bytes],
    lines: np.ndarray | list[int],
    text: Callable[[int], bytes],
    reading: Reading,
) -> Raw:
    """Join records that were cut out one by one; `sequences` are without blanks, `text` gives them as they stand."""
    return Raw(
        source,
        headers,
        nameless(headers, range(len(headers))),
        codes_of(b"".join(sequences), reading),
        np.array([len(sequence) for sequence in sequences], dtype=np.int64),
        np.asarray(lines, dtype=np.int64),
        text,
    )


def check_records(raw: Raw, reading: Reading) -> Block:
    """Check each record, leave out the letters that the settings say, and return the Block.

    A record with an empty id, no sequence, too many bases, a letter outside IUPAC, or nothing but ambiguous
    letters is an InputError, or goes without codes into `rejected`, by `reading.bad_records`.
    """
    offsets, id_from = _offsets(raw.lengths), HEADER if raw.in_line else reading.id
    words = {i: found for i in raw.spaced if (found := _kmers(raw, offsets, i, reading))}
    kept = _kept_letters(raw.codes, offsets, words, reading)
    lengths = raw.lengths if kept is None else _count(kept, offsets)
    faults = _faults(raw, offsets, lengths, words, reading)
    if faults and reading.bad_records == "fail":
        first = min(faults)
        fault = faults[first]
        fault = Fault(fault, int(raw.lines[first])) if isinstance(fault, str) else fault
        raise fault.error(raw.source, raw.headers[first], id_from)
    if faults:
        used = np.ones(len(lengths), dtype=bool)
        used[list(faults)] = False
        of_used = np.repeat(used, raw.lengths)
        kept, lengths = of_used if kept is None else kept & of_used, lengths * used
    rejected = {i: fault if isinstance(fault := faults[i], str) else fault.reason for i in sorted(faults)}
    codes = raw.codes if kept is None else raw.codes[kept]
    offsets = _offsets(lengths)
    return Block(raw.source, raw.headers, codes, offsets, raw.lines, rejected, id_from=id_from)


def _offsets(lengths: np.ndarray) -> np.ndarray:
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def _part(codes: np.ndarray, offsets: np.ndarray, i: int) -> np.ndarray:
    return codes[offsets[i] : offsets[i + 1]]


def _count(chosen: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """(total,) bool -> (n,) int64: how many letters of each record are chosen."""
    counts, filled = np.diff(offsets), np.flatnonzero(np.diff(offsets))
    counts[filled] = np.add.reduceat(chosen, offsets[filled], dtype=np.int64) if filled.size else 0
    return counts


def _kmers(raw: Raw, offsets: np.ndarray, i: int, reading: Reading) -> tuple[int, int] | None:
    """Return the length and the overlap of the k-mers that record i is written as; None if it is no such text.

    By chance one text in 256 or fewer looks so, and long words that are a few ones again and again are a repeat,
    unless the settings say that there are k-mers.
    """
    text, codes, sure = raw.text(i), _part(raw.codes, offsets, i), reading.words == "join"
    for line_end in (b" ", b""):  # a line may end between two words or within one
        words = text.replace(b"\n", line_end).split()
        k = len(words[0]) if words else 0
        if k < 2 or len(words) < 2 or codes.size % k or any(len(word) != k for word in words):
            continue
        rows = codes.reshape(-1, k)
        for overlap in range(k - 1, 0, -1):
            least = 12 if overlap < k - 1 else 1 if sure else 4
            enough = (len(rows) - 1) * overlap >= least
            if enough and (rows[:-1, k - overlap :] == rows[1:, :overlap]).all():
                return (k, overlap) if sure or k < 10 or len(set(words)) > 4 else None
    return None


def _kept_letters(
    codes: np.ndarray, offsets: np.ndarray, words: dict[int, tuple[int, int]], reading: Reading
) -> np.ndarray | None:
    """(total,) bool: the letters that are not left out by choice; None where all are kept."""
    kept = None
    if codes.max(initial=0) >= _STAR and (reading.gaps, reading.unknown) != ("fail", "fail"):
        kept = (codes != _GAP) & (codes != _STAR)
    if words and reading.words == "join":
        kept = np.ones(len(codes), dtype=bool) if kept is None else kept
        for i, (k, overlap) in words.items():
            at = np.arange(offsets[i + 1] - offsets[i])
            _part(kept, offsets, i)[(at >= k) & (at % k < overlap)] = False
    return kept


def _faults(
    raw: Raw, offsets: np.ndarray, lengths: np.ndarray, words: dict[int, tuple[int, int]], reading: Reading
) -> dict[int, Fault | str]:
    """Map each index to the first fault of that record. Where its line is that of the header, the reason alone: there
    may be millions of empty records."""
    faults: dict[int, Fault | str] = dict.fromkeys(np.flatnonzero(lengths == 0).tolist(), "empty sequence")
    faults |= raw.damaged | dict.fromkeys(raw.nameless, "empty id")
    if not raw.in_line and reading.id not in (FIRST_WORD, HEADER):
        without = (i for i, header in enumerate(raw.headers) if not id_of(header, reading.id))
        for i in without:
            faults[i] = f"no id in the header (reading.id looks for {reading.id})"
    for i in np.flatnonzero(lengths > reading.max_length).tolist():
        faults.setdefault(i, too_long(reading.max_length, int(raw.lines[i])))
    for i, (k, overlap) in words.items() if reading.words == "fail" else ():
        faults.setdefault(i, _words_fault(raw, i, k, overlap))
    highest = raw.codes.max(initial=0)
    if highest >= _STAR:
        bad = np.flatnonzero((raw.codes == alphabet.INVALID) | _stars_within(raw.codes, offsets))
        owners = np.searchsorted(offsets, bad, side="right") - 1
        each = zip(*np.unique(owners, return_index=True, return_counts=True), strict=True)
        for i, first, count in each:
            places = bad[first : first + count] - offsets[i]
            faults.setdefault(int(i), _bad_letter(raw, int(i), places))
    for i in _without_a_base(raw.codes, offsets) if highest >= alphabet.N else ():
        faults.setdefault(i, "every letter is N")
    return faults


def _stars_within(codes: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """(total,) bool: the stars that are not the last letter of their record."""
    stars = codes == _STAR
    stars[offsets[1:][np.diff(offsets) > 0] - 1] = False
    return stars


def _without_a_base(codes: np.ndarray, offsets: np.ndarray) -> list[int]:
    """List the records that have letters, but none that is one base."""
    filled = np.flatnonzero(np.diff(offsets))
    smallest = np.minimum.reduceat(codes, offsets[filled])
    return filled[smallest >= alphabet.N].tolist()


def _words_fault(raw: Raw, i: int, k: int, overlap: int) -> Fault:
    count, line = int(raw.lengths[i]) // k, int(raw.lines[i])
    what = f"{count} words of {k} letters, each overlapping the next by {overlap}: k-mers, not a sequence"
    fix = "Join them with reading.words=join"
    return Fault(what, line + (line > 0 and not raw.in_line), fix)


def _bad_letter(raw: Raw, i: int, places: np.ndarray) -> Fault:
    """Describe the letters of record i that are outside IUPAC, at the indices `places` among its letters."""
    text, line, left = raw.text(i), int(raw.lines[i]), int(places[0])
    if left >= len(
        text
    ):  # of a long record there is only the beginning, and only stars were not found before
        what = f"letter '*' at position {left + 1} is not a nucleotide"
        return Fault(what, line)
    # FASTQ has a quality for a blank as well
    left_out = b"\n" if len(text.replace(b"\n", b"")) == raw.lengths[i] else BLANKS
    sequence = text.translate(None, left_out).decode("latin-1")
    for row in text.split(b"\n") if line and not raw.in_line else ():
        line += 1
        if left < len(row.translate(None, left_out)):
            break
        left -= len(row.translate(None, left_out))
    fix = letter_fix(sequence[places[0]], is_last=places[0] == len(sequence) - 1, begins_line=left == 0)
    return Fault(alphabet.invalid_letters(sequence, places), line, fix)


def letter_fix(letter: str, is_last: bool = False, begins_line: bool = False) -> str:
    """Return the fix for a letter outside IUPAC: the key that would help, if there is one."""
    if letter.encode("latin-1") in (b"-", b"."):
        return "reading.gaps=drop leaves gaps out"
    if letter in "XxIi":
        return "reading.unknown=N reads X and I as N"
    if letter == "*" and is_last:
        return "reading.unknown=N leaves out a * at the end"
    if letter in ";#" and begins_line:
        return "reading.comments=skip skips lines that begin with ; or #"
    return _FIX
