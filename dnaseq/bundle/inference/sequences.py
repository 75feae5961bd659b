"""Sequences given from Python as blocks, checked as the records of a file are."""

from collections.abc import Iterable, Iterator

import numpy as np

from dnaseq.errors import InputError
from dnaseq.io.sequences.block import BLANKS, Block, Raw, check_records, codes_of
from dnaseq.io.sequences.reading import Reading

AT_ONCE = 8192  # records of a block


def sequence_blocks(sequences: Iterable[str], reading: Reading) -> Iterator[Block]:
    """The sequences as records of no file; their ids are their numbers, counted from 1.

    Blanks and line ends are left out, as they are in files. Raises InputError for what is no string and, if
    `reading` says so, for the first sequence that cannot be used.
    """
    sequences = list(sequences)
    for at in range(0, len(sequences), AT_ONCE):
        yield check_records(_raw(sequences[at : at + AT_ONCE], at + 1), reading)


def _raw(sequences: list[str], first: int) -> Raw:
    names = [str(number) for number in range(first, first + len(sequences))]
    texts = [_letters(sequence, name) for sequence, name in zip(sequences, names, strict=True)]
    headers = [name.encode() for name in names]
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    lines = np.zeros(len(texts), dtype=np.int64)
    return Raw("", headers, [], codes_of(b"".join(texts)), lengths, lines, texts.__getitem__)


def _letters(sequence: str, name: str) -> bytes:
    if not isinstance(sequence, str):
        raise InputError(f"{type(sequence).__name__} instead of a string of letters", record=name)
    return sequence.encode("latin-1", "replace").translate(None, BLANKS + b"\r")
