"""A hash of many lines in the order of the alphabet, of which few are in memory at a time."""

import hashlib
import heapq
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from tempfile import TemporaryFile
from typing import IO

LINES_AT_ONCE = 1 << 18


def lines_sha256(lines: Iterable[str]) -> str:
    """Hex SHA-256 of all lines, sorted and joined by line ends: LINES_AT_ONCE are sorted in memory and put into a file,
    then these are merged. No line may hold a line end."""
    rest, digest, between = iter(lines), hashlib.sha256(), b""
    with ExitStack() as files:
        pieces = []
        # the bytes of UTF-8 are in the order of the letters
        while piece := sorted(line.encode() for line in islice(rest, LINES_AT_ONCE)):
            pieces.append(_kept(files.enter_context(TemporaryFile()), piece))
        for line in heapq.merge(*pieces):
            digest.update(between + line)
            between = b"\n"
    return digest.hexdigest()


def _kept(file: IO[bytes], lines: list[bytes]) -> Iterator[bytes]:
    """The same lines, in the file meanwhile."""
    file.writelines(line + b"\n" for line in lines)
    file.seek(0)
    return (line[:-1] for line in file)
