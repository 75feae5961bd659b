"""How seldom shuffled windows of the same composition score as high: p and q values of windows."""

from collections.abc import Iterator, Sequence

import numpy as np

from dnaseq.encode.shuffle import shuffle_each
from dnaseq.errors import InputError
from dnaseq.genome.peaks.scan import Scanned, Score, Windows, gc_share, turned
from dnaseq.io.genome.genome import Genome

FEWEST = 200  # shuffled windows that a null needs
_STRATUM = 1000  # shuffled windows of one share of G and C, where there are as many
_MOST_STRATA = 10
_AT_ONCE = 4096


class Null:
    """The scores of shuffled windows, in strata of equal numbers by their share of G and C."""

    def __init__(self, logits: np.ndarray, gc: np.ndarray):
        """Take (n,) scores and (n,) shares. Raises InputError for fewer than FEWEST."""
        if len(logits) < FEWEST:
            what = f"{len(logits)} windows are too few to compare with; at least {FEWEST} are needed"
            raise InputError(what, fix="Use a smaller stride or more of the genome")
        self.logits, self.gc = logits, gc
        n = int(np.clip(len(logits) // _STRATUM, 1, _MOST_STRATA))
        self.edges = np.unique(np.quantile(gc, np.arange(1, n) / n))
        strata = np.searchsorted(self.edges, gc, side="right")
        self._scores = [np.sort(logits[strata == i]) for i in range(len(self.edges) + 1)]

    def p_values(self, logits: np.ndarray, gc: np.ndarray) -> np.ndarray:
        """(n,) scores and shares -> (n,) the share of shuffled windows that score as high, one more counted in."""
        strata = np.searchsorted(self.edges, gc, side="right")
        found = np.ones(len(logits))
        for i, scores in enumerate(self._scores):
            mine = strata == i
            as_high = len(scores) - np.searchsorted(scores, logits[mine], side="left")
            found[mine] = (1 + as_high) / (1 + len(scores))
        return found


def shuffled_null(
    scanned: Sequence[Scanned],
    genome: Genome,
    windows: Windows,
    score: Score,
    n: int,
    rng: np.random.Generator,
) -> Null:
    """Score n windows that are drawn from the scanned ones, all where they are fewer, with their bases shuffled such
    that the counts of dinucleotides stay."""
    shuffled = ((gc_share(codes), codes) for codes in _shuffled(scanned, genome, windows, n, rng))
    shares, logits = [np.empty(0)], [np.empty(0)]
    for gc, scores in score(shuffled):
        shares.append(gc)
        logits.append(scores.logits)
    # as the scores of windows are, so that equal ones are equal
    return Null(np.concatenate(logits).astype(np.float32), np.concatenate(shares).astype(np.float32))


def _shuffled(
    scanned: Sequence[Scanned], genome: Genome, windows: Windows, n: int, rng: np.random.Generator
) -> Iterator[np.ndarray]:
    """Yield the codes of shuffled windows, some at a time."""
    sizes = np.array([len(one.starts) for one in scanned], dtype=np.int64)
    total = int(sizes.sum())
    drawn = np.sort(rng.choice(total, min(n, total), replace=False)) if total else np.empty(0, np.int64)
    owners = np.searchsorted(np.cumsum(sizes), drawn, side="right")
    places = drawn - (np.cumsum(sizes) - sizes)[owners]
    for first in range(0, len(drawn), _AT_ONCE):
        pairs = zip(
            owners[first : first + _AT_ONCE].tolist(), places[first : first + _AT_ONCE].tolist(), strict=True
        )
        codes = np.stack([_codes(scanned[owner], place, genome, windows) for owner, place in pairs])
        offsets = np.arange(len(codes) + 1) * windows.size
        yield shuffle_each(codes.reshape(-1), offsets, rng).reshape(codes.shape)


def _codes(scanned: Scanned, place: int, genome: Genome, windows: Windows) -> np.ndarray:
    start = int(scanned.starts[place])
    return turned(genome.codes(scanned.contig, start, start + windows.size)[None], scanned.strand)[0]


def q_values(p: np.ndarray) -> np.ndarray:
    """(n,) p values -> (n,) the least false discovery rate at which each is taken (Benjamini and Hochberg 1995)."""
    order = np.argsort(p, kind="stable")
    ranked = p[order] * len(p) / np.arange(1, len(p) + 1)
    found = np.empty(len(p))
    found[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1)
    return found
