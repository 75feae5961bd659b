"""Names for records whose ids repeat, as those of two files that both count from seq1."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

_EXAMPLES = 2  # names that a note has


def find_repeated(hashes: np.ndarray, id_of: Callable[[int], bytes]) -> dict[bytes, list[int]]:
    """(n,) int64 hashes of ids -> the rows, in order, of each id that more than one record has."""
    in_order = np.sort(hashes)
    twice = np.unique(in_order[1:][in_order[1:] == in_order[:-1]])
    rows: dict[bytes, list[int]] = {}  # different ids of one hash hardly ever occur, but are allowed
    for row in np.flatnonzero(np.isin(hashes, twice)).tolist() if twice.size else ():
        rows.setdefault(id_of(row), []).append(row)
    return {name: found for name, found in rows.items() if len(found) > 1}


def unique_names(
    repeated: dict[bytes, list[int]],
    origin_of: Callable[[int], Sequence[str]],
    is_taken: Callable[[bytes], bool],
) -> dict[int, bytes]:
    """Name every record of a repeated id: by what tells its origin apart, and by a number from the second one on.

    An origin is as many names for every record, such as its class, part and file: pos:seq1, test:seq1, seq1#2,
    pos:seq1#2. `is_taken` is true of every id of the data.
    """
    names: dict[int, bytes] = {}
    used: set[bytes] = set()
    for name, rows in repeated.items():
        numbers: dict[bytes, int] = {}
        for row, prefix in zip(rows, _prefixes([origin_of(row) for row in rows]), strict=True):
            first = ":".join([*prefix, ""]).encode("utf-8", "backslashreplace") + name
            number = numbers.get(first, 0) + 1
            while (new := _numbered(first, number)) in used or (new != name and is_taken(new)):
                number += 1
            numbers[first] = number
            used.add(new)
            names[row] = new
    return names


def _numbered(name: bytes, number: int) -> bytes:
    return name if number == 1 else b"%b#%d" % (name, number)


def _prefixes(origins: list[Sequence[str]]) -> list[tuple[str, ...]]:
    """Leave out of origins what does not tell more of them apart."""
    found: list[tuple[str, ...]] = [()] * len(origins)
    for names in zip(*origins, strict=True):
        longer = [(*prefix, name) for prefix, name in zip(found, names, strict=True)]
        found = longer if len(set(longer)) > len(set(found)) else found
    return found


def describe(repeated: Iterable[bytes], names: dict[int, bytes]) -> str:
    """Say how many ids repeat, and give examples of the names."""
    examples = " and ".join(
        name.decode("utf-8", "backslashreplace") for name in list(names.values())[:_EXAMPLES]
    )
    count = len(list(repeated))
    ids = "1 id belongs" if count == 1 else f"{count:,} ids belong"
    what = f"{ids} to more than one record; these {len(names):,} records are told apart, as in {examples}"
    return f"{what}. reading.id can take another part of the header as the id"
