"""Spellings of the names of contigs, and the maps from one to the other."""

import os
from collections.abc import Callable

from dnaseq.errors import InputError
from dnaseq.io.compress import chunks, shown
from dnaseq.io.text import lines, text_chunks

ADD, DROP = "add_chr", "drop_chr"
_PREFIX = "chr"


def spelling_key(name: str) -> str:
    """Return a text that is equal for all spellings of a chromosome: chr1, Chr1 and 1; chrM and MT."""
    key = name.lower().removeprefix(_PREFIX) or name.lower()
    return "m" if key == "mt" else key


def chrom_map(value: str | None) -> Callable[[str], str] | None:
    """Return the function from names in a table to names in the genome: add_chr, drop_chr, or a file of two columns
    with a tab between them. A name that the file does not have stays. None stays None.

    Raises InputError for another file.
    """
    if value is None:
        return None
    if value == ADD:
        return add_prefix
    if value == DROP:
        return drop_prefix
    table: dict[str, str] = {}
    value = os.path.expanduser(value)
    for number, line in enumerate(lines(text_chunks(chunks(value), shown(value))), start=1):
        cells = line.decode("utf-8", "backslashreplace").split("\t")
        if cells == [""] or cells[0].startswith("#"):
            continue
        if len(cells) != 2 or not all(cells):
            what = f"{len(cells)} columns, and a map of names has two: name in the table, name in the genome"
            raise InputError(what, file=shown(value), line=number, fix="Separate them by a tab")
        if table.setdefault(cells[0], cells[1]) != cells[1]:
            raise InputError(f"{cells[0]!r} has two names in the genome", file=shown(value), line=number)
    return lambda name: table.get(name, name)


def map_file(value: str | None) -> str | None:
    """Return the file that a value of chrom_map= names, if it names one."""
    return None if value in (None, ADD, DROP) else os.path.expanduser(value)


def add_prefix(name: str) -> str:
    """1 -> chr1; MT -> chrM; chr1 stays."""
    if name.startswith(_PREFIX):
        return name
    return _PREFIX + ("M" if name == "MT" else name)


def drop_prefix(name: str) -> str:
    """chr1 -> 1; chrM -> MT; 1 stays."""
    short = name.removeprefix(_PREFIX)
    return "MT" if short == "M" and short != name else short
