"""Tracks as bigWig files, read back before they have their names."""

import secrets
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from dnaseq.errors import FileAccessError, InputError
from dnaseq.io.atomic import check_writable, publish
from dnaseq.io.genome.bigwig import bigwig_library
from dnaseq.io.os_errors import access
from dnaseq.io.tracks.track import Track

_BINS = 1 << 16  # that are written and compared at a time


class BigWigWriter:
    """A writer of tracks, which wait in a scratch file, since the file begins with the lengths of all sequences."""

    def __init__(self, output: str, opened: Callable[[str, str], Any]):
        self._output, self._opened = Path(output), opened
        self._scratch = tempfile.TemporaryFile()  # noqa: SIM115 (close() closes it)
        self._tracks: list[tuple[str, int, int, int]] = []  # name, length, step, bins

    def add(self, track: Track) -> None:
        self._scratch.write(track.values.astype("<f4").tobytes())
        self._tracks.append((track.name, track.length, track.step, len(track.values)))

    def finish(self, overwrite: bool) -> None:
        """Write the file, read it back and compare it; then it has its name.

        Raises InputError where no bin has a number, and FileAccessError where the file does not hold what was written.
        """
        part = self._output.resolve().with_name(f".dnaseq-{secrets.token_hex(8)}.part")
        try:
            with access(self._output):
                self._write(part)
                self._compare(part)
                publish(part, self._output, overwrite)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def close(self) -> None:
        self._scratch.close()

    def tracks(self) -> Iterator[Track]:
        """Yield the tracks that were added, in order."""
        self._scratch.flush()
        at = 0
        for name, length, step, bins in self._tracks:
            values = (
                np.memmap(self._scratch, "<f4", mode="r", offset=4 * at, shape=(bins,))
                if bins
                else np.empty(0)
            )
            yield Track(name, length, step, values)
            at += bins

    def _write(self, part: Path) -> None:
        handle = self._opened(str(part), "w")
        sizes = [(name, length) for name, length, _, _ in self._tracks]
        written = 0
        try:
            handle.addHeader(sizes)
            for track in self.tracks():
                for first in range(0, len(track.values), _BINS):
                    starts, ends, values = track.bins(first, first + _BINS)
                    # pyBigWig writes what is beyond a sequence without a word
                    if len(starts) and (starts.min() < 0 or ends.max() > track.length):
                        raise AssertionError(f"a bin of {track.name} is beyond its {track.length} bases")
                    if len(starts):
                        names = np.full(len(starts), track.name)
                        handle.addEntries(names, starts, ends=ends, values=values.astype(np.float64))
                        written += len(starts)
            if not written:
                raise InputError("no window has a number, so there is no track to write")
        finally:
            handle.close()

    def _compare(self, part: Path) -> None:
        handle = self._opened(str(part), "r")
        try:
            same = handle.chroms() == {name: length for name, length, _, _ in self._tracks}
            for track in self.tracks():
                for first in range(0, len(track.values), _BINS):
                    starts, ends, values = track.bins(first, first + _BINS)
                    low, high = first * track.step, min((first + _BINS) * track.step, track.length)
                    found = np.array(handle.intervals(track.name, low, high) or np.empty((0, 3)))
                    expected = np.column_stack([starts, ends, values.astype(np.float64)])
                    same = same and np.array_equal(found, expected)
        finally:
            handle.close()
        if not same:
            raise FileAccessError(f"{self._output}: does not hold what was written into it. Write it again")


@contextmanager
def open_bigwig(output: str, overwrite: bool) -> Iterator[BigWigWriter]:
    """Open a writer of bigWig; the file has its name only after the end, when it was read back and compared."""
    library = bigwig_library()
    check_writable(output, overwrite)
    writer = BigWigWriter(output, library.open)
    try:
        yield writer
        writer.finish(overwrite)
    finally:
        writer.close()


def read_intervals(path: str) -> dict[str, Sequence[tuple[int, int, float]]]:
    """Return the intervals of every sequence of a bigWig file."""
    with access(path):
        handle = bigwig_library().open(path)
    try:
        return {name: handle.intervals(name) or () for name in handle.chroms()}
    finally:
        handle.close()
