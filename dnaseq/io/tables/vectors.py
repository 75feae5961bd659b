"""Vectors of words as text: the formats of word2vec, with a first line "count dimensions", and of GloVe, without."""

import gzip
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np

from dnaseq.errors import ConfigError, InputError
from dnaseq.io.atomic import atomic_file
from dnaseq.io.compress import chunks, shown
from dnaseq.io.text import lines, text_chunks

FORMATS = ("word2vec", "glove")
_FIRST_LINE = re.compile(rb"\s*(\d+)\s+(\d+)\s*")  # of word2vec; a GloVe line of one number would be rare
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
_NO_TEXT = re.compile(rb"[\0-\x08\x0e-\x1f]")
_SAVE_AS_TEXT = "Binary formats cannot be read: save the vectors as text (gensim: binary=False)"

logger = logging.getLogger("dnaseq")

Write = Callable[[Sequence[str], np.ndarray], None]


def read_vectors(path: str | Path) -> tuple[list[str], np.ndarray]:
    """Read the words of a file, in order, and their vectors, (n, d) float32; the first line tells the format.

    The file may be plain, gzip or zstd. Raises FileAccessError, and InputError, with the line where there is one, for
    a file that is empty, cut or binary, a line with more or fewer numbers than the first, a cell that is no finite
    number of single precision, and a word that is there twice.
    """
    name = shown(path)
    words: dict[str, int] = {}  # word: its line
    rows: list[np.ndarray] = []
    announced = None  # count and dimensions
    for number, line in enumerate(lines(text_chunks(chunks(path), name, warn=logger.warning)), start=1):
        if number == 1 and (header := _FIRST_LINE.fullmatch(line)):
            announced = int(header[1]), int(header[2])
            continue
        if not line.strip():
            continue
        word, row = _word_and_row(line, name, number)
        size = announced[1] if announced else len(rows[0]) if rows else len(row)
        if len(row) != size:
            first = "first line says" if announced else "first vector has"
            what = f"{len(row)} numbers, but the {first} {size}"
            raise InputError(what, file=name, line=number, record=word)
        if word in words:
            raise InputError(f"this word is in line {words[word]} too", file=name, line=number, record=word)
        words[word] = number
        rows.append(row)
    if not rows:
        raise InputError("no vectors", file=name)
    if announced and announced[0] != len(rows):
        what = f"{len(rows):,} vectors, but the first line says {announced[0]:,}"
        raise InputError(what, file=name, fix="It may be cut: copy it again")
    return list(words), np.stack(rows)


@contextmanager
def open_vectors(path: str | Path, format: str = "word2vec", overwrite: bool = False) -> Iterator[Write]:
    """Yield a function that writes words and their (n, d) vectors, once; the file has its name only after that.

    Numbers have as many digits as single precision needs to come back the same; a path that ends in .gz is
    compressed. Raises ConfigError for another format than FORMATS and as atomic_file does, at once; the function
    raises ValueError for words that are empty, hold white space or are there twice, and for vectors that are not
    finite or not one a word.
    """
    if format not in FORMATS:
        raise ConfigError(f"format must be one of {', '.join(FORMATS)}; got {format!r}")
    with atomic_file(path, "wb", overwrite) as file:
        # without name and time, so that equal vectors are equal files
        packed = gzip.GzipFile("", "wb", 6, file, mtime=0) if str(path).endswith(".gz") else nullcontext(file)
        with packed as handle:

            def write(words: Sequence[str], vectors: np.ndarray) -> None:
                _check(words, vectors)
                if format == "word2vec":
                    handle.write(f"{len(words)} {vectors.shape[1]}\n".encode())
                for word, row in zip(words, vectors.astype(np.float32), strict=True):
                    handle.write(f"{word} {' '.join(row.astype(str))}\n".encode())

            yield write


def _word_and_row(line: bytes, name: str, number: int) -> tuple[str, np.ndarray]:
    """Parse one line: a word and its numbers. A line of a binary file is hardly ever text."""
    try:
        word, *cells = (cell.decode() for cell in line.split())
    except UnicodeDecodeError as error:
        raise InputError("not UTF-8 text", file=name, line=number, fix=_SAVE_AS_TEXT) from error
    if _NO_TEXT.search(line):
        raise InputError("not text", file=name, line=number, fix=_SAVE_AS_TEXT)
    if not cells:
        raise InputError("no numbers after the word", file=name, line=number, record=word)
    odd = [cell for cell in cells if not _NUMBER.fullmatch(cell)]
    if not odd:
        with np.errstate(
            over="ignore"
        ):  # a number that is too large becomes infinite, and is refused as such
            row = np.array(cells, dtype=str).astype(np.float32)
        odd = np.array(cells)[~np.isfinite(row)].tolist()
    if odd:
        raise InputError(f"{odd[0][:40]!r} is no finite number", file=name, line=number, record=word)
    return word, row


def _check(words: Sequence[str], vectors: np.ndarray) -> None:
    if vectors.ndim != 2 or vectors.shape[0] != len(words) or not vectors.size:
        raise ValueError(f"{len(words)} words, but vectors of shape {vectors.shape}")
    if odd := [word for word in words if word.split() != [word]]:
        raise ValueError(f"a word must not be empty or hold white space; got {odd[0]!r}")
    if len(set(words)) != len(words):
        raise ValueError("a word is there twice")
    if not np.isfinite(vectors.astype(np.float32)).all():
        raise ValueError("a number is not finite in single precision")
