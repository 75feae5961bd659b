"""Windows that score higher than shuffled ones, joined to peaks, and these as narrowPeak."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from dnaseq.genome.peaks.scan import Scanned
from dnaseq.genome.peaks.significance import Null, q_values


class Peak(NamedTuple):
    """Windows on one strand that lie close together. `summit` is the middle of the best one; logit, probability, p and
    q are those of the best one."""

    contig: str
    start: int  # 0-based
    end: int
    strand: str
    summit: int
    logit: float
    probability: float
    p: float
    q: float
    gc: float

    def line(self, name: str) -> str:
        """Return the line of narrowPeak: the score is the probability in thousandths, the signal the logit, and the
        p and q values are minus their decimal logarithms."""
        cells = (
            *(self.contig, self.start, self.end, name, round(1000 * self.probability), self.strand),
            *(
                f"{self.logit:.5g}",
                f"{-np.log10(self.p):.5g}",
                f"{-np.log10(self.q):.5g}",
                self.summit - self.start,
            ),
        )
        return "\t".join(map(str, cells)) + "\n"


class Called(NamedTuple):
    """The peaks, and how many windows there would be at other thresholds."""

    peaks: list[Peak]
    windows: int
    significant: int
    p: np.ndarray  # (windows,) in the order of the scan
    q: np.ndarray


def call_peaks(scanned: Sequence[Scanned], null: Null, size: int, fdr: float, gap: int) -> Called:
    """Take the windows of a false discovery rate up to `fdr` among all windows, and join those of one strand that are
    at most `gap` bases apart."""
    p = np.concatenate([np.empty(0), *(null.p_values(one.logits, one.gc) for one in scanned)])
    q = q_values(p)
    peaks: list[Peak] = []
    at = 0
    for one in scanned:
        mine = slice(at, at + len(one.starts))
        peaks += _join(one, p[mine], q[mine], size, fdr, gap)
        at = mine.stop
    return Called(peaks, len(p), int((q <= fdr).sum()), p, q)


def _join(one: Scanned, p: np.ndarray, q: np.ndarray, size: int, fdr: float, gap: int) -> Iterator[Peak]:
    taken = np.flatnonzero(q <= fdr)
    starts = one.starts[taken]
    edges = np.flatnonzero(np.diff(starts) > size + gap) + 1
    for rows in np.split(taken, edges) if len(taken) else ():
        logits = one.logits[rows]
        highest = rows[logits == logits.max()]
        best = int(highest[len(highest) // 2])
        numbers = (float(values[best]) for values in (one.logits, one.probabilities, p, q, one.gc))
        start, end = int(one.starts[rows[0]]), int(one.starts[rows[-1]]) + size
        yield Peak(one.contig, start, end, one.strand, int(one.starts[best]) + size // 2, *numbers)


def count_peaks(
    scanned: Sequence[Scanned], called: Called, size: int, gap: int, rates: Sequence[float]
) -> list[int]:
    """Count the peaks at each of some false discovery rates."""
    counts = []
    for rate in rates:
        at = total = 0
        for one in scanned:
            starts = one.starts[called.q[at : at + len(one.starts)] <= rate]
            total += int(len(starts) > 0) + int((np.diff(starts) > size + gap).sum())
            at += len(one.starts)
        counts.append(total)
    return counts
