"""Sequences and labels given from Python, in whatever holds them there, as plain lists.

A sequence is a str, bytes, a Seq or SeqRecord of Biopython, or a Record that was read. What holds them is a list or
another sequence, a NumPy array, a Series of pandas or polars, or an array of Arrow; none of these libraries is needed.
"""

import numbers
import os
import re
from collections.abc import Iterable, Mapping, Set
from pathlib import Path
from typing import Any, NamedTuple

from dnaseq.errors import ArgumentError, shortened
from dnaseq.io.address import STDIN, is_address

_SEQUENCE = re.compile(r"[ACGTUNRYSWKMBDHV\s]+", re.IGNORECASE)
_NO_ID = ("", "<unknown id>")  # of a SeqRecord without one


class Given(NamedTuple):
    """n sequences: their ids, numbers from 1 where they have none, and their letters as they were given."""

    ids: list[str]
    sequences: list[str]


def is_file_name(given: object) -> bool:
    """Tell if what was given names files: a Path, or a str that is no sequence.

    Raises ArgumentError for a str that is a sequence and also the name of a file.
    """
    if not isinstance(given, str):
        return isinstance(given, Path)
    if given == STDIN or is_address(given) or not _SEQUENCE.fullmatch(given):
        return True
    if len(given) < 256 and os.path.exists(given):
        raise ArgumentError(
            f"{given!r} is a sequence and also a file here. Write [{given!r}] or Path({given!r})"
        )
    return False


def given_sequences(given: object, name: str = "X", may_be_one: bool = False) -> Given:
    """List the sequences of a column; with `may_be_one`, one sequence alone is a list of one.

    Raises ArgumentError, which names the place counted from 0, for a missing value, a number and all else that is no
    sequence, for a table with several columns and for one sequence alone.
    """
    if _is_one(given):
        if not may_be_one:
            what = "is one sequence, and a list of them is due"
            raise ArgumentError(f"{name} {what}. Write [{_quoted(given)}] for a list of one")
        given = [given]
    ids, sequences = [], []
    for number, one in enumerate(list_values(given, name)):
        own, letters = _read_one(one, f"{name}[{number}]")
        ids.append(own or str(number + 1))
        sequences.append(letters)
    return Given(ids, sequences)


def list_values(given: object, name: str) -> list[Any]:
    """List the values of one column, as Python objects. Raises ArgumentError for what is no column."""
    shape = getattr(given, "shape", None)
    if isinstance(shape, tuple) and len(shape) != 1:
        what = f"is a table of shape {shape}" if len(shape) > 1 else "is a single value"
        raise ArgumentError(
            f"{name} {what}, and one column of a table is due. {_how_to_take_one(given, name)}"
        )
    for method in ("to_pylist", "to_list", "tolist"):  # of Arrow, of pandas and polars, of NumPy
        if hasattr(given, method):
            return list(getattr(given, method)())
    if isinstance(given, Mapping | Set) or not isinstance(given, Iterable):
        kind = "nothing (None)" if given is None else f"of the type {type(given).__name__}"
        raise ArgumentError(f"{name} is {kind}. Give a list, an array, a column of a table, or a file")
    return list(given)


def _how_to_take_one(given: Any, name: str) -> str:
    """Say how to take one column of a table: by its own names, which pandas, polars and Arrow have."""
    names = getattr(given, "column_names", None) or getattr(given, "columns", None)
    if names is not None and all(isinstance(one, str) for one in names):
        some = [f"{name}[{one!r}]" for one in list(names)[:3]]
        return f"Take it by its name: {' or '.join(some)}"
    if getattr(getattr(given, "dtype", None), "kind", "") in "iufb":
        return "Give the letters of the sequences: encoding= makes numbers of them"
    return f"Take one, such as {name}[:, 0]"


def is_missing(value: object) -> bool:
    """Tell if a cell of a table is empty: None, NaN, or NA or NaT of pandas."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and value != value


def _is_one(given: object) -> bool:
    """Tell if this is a sequence itself."""
    return isinstance(given, str | bytes | bytearray) or _is_seq(given) or _is_record(given)


def _is_seq(given: object) -> bool:
    """Recognise Seq and MutableSeq of Biopython without loading it."""
    return type(given).__module__ == "Bio.Seq"


def _is_record(given: object) -> bool:
    """Recognise a SeqRecord of Biopython, or a Record."""
    return type(given).__module__ == "Bio.SeqRecord" or hasattr(given, "sequence")


def _read_one(one: Any, place: str) -> tuple[str, str]:
    """Return the id, "" without one, and the letters."""
    own = ""
    if _is_record(one):
        own = "" if str(one.id) in _NO_ID else "_".join(str(one.id).split())
        one = getattr(one, "sequence", None) if hasattr(one, "sequence") else one.seq
    if isinstance(one, str):
        return own, str(one)
    if isinstance(one, bytes | bytearray):
        return own, bytes(one).decode("latin-1")
    if _is_seq(one):
        return own, _letters_of_seq(one, place)
    if is_missing(one):
        raise ArgumentError(f"{place} is missing ({one}). Leave such records out")
    if isinstance(one, numbers.Number):
        what = "and a sequence is a text such as 'ACGT'. Encode nothing before: encoding= does it"
        raise ArgumentError(f"{place} is the number {one}, {what}")
    kind = f"of the type {type(one).__name__}"
    if isinstance(one, list | tuple) or hasattr(one, "shape"):
        raise ArgumentError(f"{place} is {kind}, and a sequence is one text. Give one column of them")
    raise ArgumentError(f"{place} is {kind}, and a sequence is a text such as 'ACGT'")


def _letters_of_seq(one: Any, place: str) -> str:
    try:
        return bytes(one).decode("latin-1")
    except ValueError as error:  # UndefinedSequenceError, of a Seq that knows only its length
        raise ArgumentError(f"{place}: this Seq has a length but no letters") from error


def _quoted(given: Any) -> str:
    try:
        return repr(shortened(_read_one(given, "")[1][:40]))
    except ArgumentError:
        return "..."
