"""Numbers of records and of groups of them, in as few bytes as they need and without copies of whole columns.

NumPy turns every index into int64 before it uses it, and np.unique sorts a copy or two. Of ten million records that is
hundreds of megabytes a call, so the functions here work on a stretch of records at a time.
"""

from collections.abc import Iterator

import numpy as np

AT_ONCE = 1 << 16


def index_type(n: int) -> type[np.signedinteger]:
    """Return the type of a number below n."""
    return np.int32 if n <= np.iinfo(np.int32).max else np.int64


def stretches(n: int, at_once: int = AT_ONCE) -> Iterator[slice]:
    """Yield slices from 0 to n, `at_once` at a time."""
    yield from (slice(at, min(at + at_once, n)) for at in range(0, n, at_once))


def look_up(table: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Return table[index], (n,) of the type of the table."""
    found = np.empty(len(index), dtype=table.dtype)
    for some in stretches(len(index)):
        found[some] = table[index[some]]
    return found


def counted(number: np.ndarray, size: int = 0) -> np.ndarray:
    """(n,) whole numbers from 0 -> how often each occurs, at least `size` of them; int64."""
    size = max(size, int(number.max(initial=-1)) + 1)
    counts = np.zeros(size, dtype=np.int64)
    for some in stretches(len(number)):
        np.add.at(counts, number[some], 1)
    return counts


def present(number: np.ndarray, size: int) -> np.ndarray:
    """(n,) whole numbers from 0 to size - 1 -> (size,) bool: which of them occur."""
    found = np.zeros(size, dtype=bool)
    for some in stretches(len(number)):
        found[number[some]] = True
    return found


def distinct(number: np.ndarray) -> int:
    """Count the different whole numbers from 0."""
    return int(np.count_nonzero(present(number, int(number.max(initial=-1)) + 1)))


def by_first(group: np.ndarray) -> np.ndarray:
    """(n,) whole numbers from 0, not necessarily all of them -> the same groups numbered by their first record."""
    n = len(group)
    kind = index_type(n + 1)
    first = np.full(int(group.max(initial=-1)) + 1, n, dtype=kind)
    for some in stretches(n):
        np.minimum.at(first, group[some], np.arange(some.start, some.stop, dtype=kind))
    begins = np.zeros(n + 1, dtype=bool)
    begins[first] = True
    rank = look_up(np.cumsum(begins, dtype=kind), first)
    rank -= 1
    return look_up(rank, group)
