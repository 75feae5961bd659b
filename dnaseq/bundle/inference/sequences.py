"""Sequences given from Python as blocks, checked as the records of a file are."""

from collections.abc import Iterable, Iterator

import numpy as np

from dnaseq.errors import InputError
from dnaseq.io.sequences.block import Block, check_records, raw_of_texts
from dnaseq.io.sequences.reading import Reading

AT_ONCE = 8192  # records of a block


def sequence_blocks(sequences: Iterable[str], reading: Reading) -> Iterator[Block]:
    """The sequences as records of no file; their ids are their numbers, counted from 1.

    Blanks and line ends are left out, as they are in files. Raises InputError for what is no string and, if
    `reading` says so, for the first sequence that cannot be used.
    """
    sequences = list(sequences)
    for at in range(0, len(sequences), AT_ONCE):
        names = [str(number) for number in range(at + 1, at + 1 + len(sequences[at : at + AT_ONCE]))]
        texts = [_text(one, name) for one, name in zip(sequences[at : at + AT_ONCE], names, strict=True)]
        headers, lines = [name.encode() for name in names], np.zeros(len(names), dtype=np.int64)
        yield check_records(raw_of_texts("", headers, texts, lines, reading), reading)


def _text(sequence: str, name: str) -> bytes:
    if not isinstance(sequence, str):
        raise InputError(f"{type(sequence).__name__} instead of a string of letters", record=name)
    return sequence.encode("latin-1", "replace")
