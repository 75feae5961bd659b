"""Tracks: a number for every bin of every sequence, as bedGraph and BED, and the lengths of the sequences."""

import gzip
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np

from dnaseq.io.atomic import atomic_file, write_text

BED, BEDGRAPH, BIGWIG = (
    (".bed", ".bed.gz"),
    (".bedgraph", ".bedgraph.gz", ".bg", ".bg.gz"),
    (".bw", ".bigwig"),
)
SIZES = ".chrom.sizes"
_LINES = 1 << 16  # that are written at a time


class Track(NamedTuple):
    """The numbers along a sequence: of bases [i * step, (i + 1) * step), the last bin ends with the sequence."""

    name: str
    length: int  # bases
    step: int
    values: np.ndarray  # (bins,) float32, NaN where there is no number

    def bins(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return starts, ends and values of those among bins [first, last) that have a number."""
        values = self.values[first:last]
        known = np.flatnonzero(np.isfinite(values))
        starts = (known + first).astype(np.int64) * self.step
        return starts, np.minimum(starts + self.step, self.length), values[known]


@contextmanager
def open_text(output: str, overwrite: bool) -> Iterator[IO[bytes] | gzip.GzipFile]:
    """Open a text output, compressed where its name ends in .gz; the file has its name only after the end."""
    with atomic_file(output, "wb", overwrite) as file, _packed(file, output) as handle:
        yield handle


def write_bedgraph(handle: IO[bytes] | gzip.GzipFile, track: Track) -> None:
    """Append the bins of a track: name, start, end (0-based, half-open), value with seven digits."""
    for first in range(0, len(track.values), _LINES):
        rows = zip(*(column.tolist() for column in track.bins(first, first + _LINES)), strict=True)
        handle.write("".join(f"{track.name}\t{a}\t{b}\t{v:.7g}\n" for a, b, v in rows).encode())


def write_sizes(path: Path, tracks: Iterable[tuple[str, int]]) -> None:
    """Write the lengths of sequences, a line each."""
    write_text(path, "".join(f"{name}\t{length}\n" for name, length in tracks))


def sizes_beside(output: str) -> Path:
    """Return the place of the lengths of the sequences of an output."""
    path = Path(output)
    name = next(path.name[: -len(s)] for s in (*BED, *BEDGRAPH, *BIGWIG) if path.name.lower().endswith(s))
    return path.with_name(name + SIZES)


def _packed(file: IO[bytes], output: str) -> AbstractContextManager[gzip.GzipFile | IO[bytes]]:
    # without name and time, so that equal tracks are equal files
    return gzip.GzipFile("", "wb", 6, file, mtime=0) if output.lower().endswith(".gz") else nullcontext(file)
