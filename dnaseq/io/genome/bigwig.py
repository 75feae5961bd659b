"""Signals along a genome from bigWig files, by pyBigWig."""

from typing import Any

import numpy as np

from dnaseq.errors import ConfigError, FileAccessError, InputError, first_names
from dnaseq.io.genome.names import spelling_key
from dnaseq.io.os_errors import access

_SHOWN = 3  # names of contigs in a message


class BigWig:
    """The signal of one file. Bases without a value count as 0. Positions are 0-based and half-open."""

    def __init__(self, path: str):
        self.path = path
        with access(path), open(path, "rb"):
            pass  # its errors say more than those of the library
        try:
            self._file = bigwig_library().open(path)
            is_bigwig = self._file.isBigWig()
        except RuntimeError as error:
            raise InputError("not a readable bigWig file", file=path) from error
        if not is_bigwig:
            raise InputError("not a bigWig file", file=path)
        self._sizes: dict[str, int] = self._file.chroms()

    def close(self) -> None:
        self._file.close()

    def sums(self, name: str, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """(n,) float64: the sum of the signal over the bases of each window of a contig.

        Raises InputError for a contig that the file does not have, or that ends before a window.
        """
        if name not in self._sizes:
            alike = [own for own in self._sizes if spelling_key(own) == spelling_key(name)]
            there = first_names(alike or list(self._sizes), _SHOWN)
            raise InputError(
                f"no contig {name!r}; there is {there}", file=self.path, fix="Name it as the genome does"
            )
        if len(ends) and ends.max() > self._sizes[name]:
            what = f"{name} has {self._sizes[name]} bases, and a window ends at {ends.max()}"
            raise InputError(what, file=self.path, fix="Signal and genome must be of the same version")
        pairs = zip(starts.tolist(), ends.tolist(), strict=True)
        return np.array([self._sum(name, start, end) for start, end in pairs], dtype=np.float64)

    def _sum(self, name: str, start: int, end: int) -> float:
        found = self._file.intervals(name, start, end) or ()
        return sum((min(stop, end) - max(begin, start)) * value for begin, stop, value in found)


def bigwig_library() -> Any:
    """Return pyBigWig. Raises ConfigError where it is not installed."""
    try:
        import pyBigWig  # here, as it is an extra
    except ImportError as error:
        raise ConfigError("bigWig files need pyBigWig. Install it: pip install 'dnaseq[tracks]'") from error
    return pyBigWig


def open_signals(paths: list[str]) -> list[BigWig]:
    """Open bigWig files of this computer. Raises FileAccessError for an address."""
    for path in paths:
        if "://" in path:
            raise FileAccessError(f"{path}: bigWig files are read from disk only. Download it first")
    return [BigWig(path) for path in paths]
