"""Sequences as users give them: a column of them, or a file."""

from pathlib import Path
from typing import Any

from dnaseq.errors import ArgumentError, InputError
from dnaseq.io.reading_options import DEFAULT, TableColumns
from dnaseq.io.sequences.given import Given, given_sequences, is_file_name
from dnaseq.io.sequences.plain import sequence_blocks
from dnaseq.io.sequences.records import LabelPlaces, Records, read_records


def read_file(path: str | Path) -> Records:
    """Read a file of sequences, with its labels if it has any."""
    return read_records(path, DEFAULT, TableColumns(), LabelPlaces())


def checked_sequences(X: Any, name: str = "X") -> Given:
    """List sequences whose letters can be read. Raises ArgumentError, which names the place, for one that cannot."""
    if isinstance(X, str | Path) and is_file_name(X):
        X = read_file(X)
    given = given_sequences(X, name)
    try:
        for _ in sequence_blocks(given.sequences, DEFAULT):
            pass
    except InputError as error:
        raise ArgumentError(f"{name}[{int(error.record or 1) - 1}]: {error.what}") from error
    return given
