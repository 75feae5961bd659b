"""Tests of a profile: whether its places carry attributions, and whether it belongs to a class or to the records."""

from typing import NamedTuple

import numpy as np
from scipy.stats import fisher_exact, mannwhitneyu, norm

from dnaseq.encode.alphabet import BASES
from dnaseq.encode.shuffle import dinucleotide_shuffles
from dnaseq.interpret.motifs.scanning import MATCH_RATE, Best, best_places, cut_off, weights

CLASSES, SHUFFLES = "negatives", "shuffled"  # of whom the records are that a motif is compared with
SHUFFLED, MOST_SHUFFLES = 1000, 20  # shuffles that are made, and at most of one record
# records of which they are made, and bases of these: the first shuffle of a record takes most of the time
MOST_SHUFFLED, SHUFFLED_BASES = 200, 100_000
MATCHES = 0.1  # of a random record at most: fewer places match where records are long


class Enrichment(NamedTuple):
    """Records with a place that matches, among those of the class and among others."""

    matched: int
    records: int
    background_matched: int
    background_records: int
    against: str  # CLASSES, or SHUFFLES that keep dinucleotides where there are no records of another class
    odds_ratio: float  # with half a record added to each of the four counts
    p: float  # Fisher's exact test, one-sided: more among the records, or fewer for a motif that argues against


class Background(NamedTuple):
    """Records that are compared with those of the class."""

    codes: np.ndarray  # (m, L)
    against: str


class Places(NamedTuple):
    """The best place of a profile in each record, where it matches."""

    matched: np.ndarray  # (n,) bool
    sums: np.ndarray  # (n,) attributions of the place, summed; 0 where none matches
    ranks: (
        np.ndarray
    )  # (n,) share of the record's other places of this width whose sum is lower; NaN without a match


def shuffled_background(codes: np.ndarray, rng: np.random.Generator) -> Background:
    """Make SHUFFLED shuffles that keep the dinucleotides of a record, of MOST_SHUFFLED records at most; fewer where
    the records are long."""
    most = min(MOST_SHUFFLED, max(SHUFFLED_BASES // max(codes.shape[1], 1), 5))
    chosen = np.sort(rng.permutation(len(codes))[:most])
    times = min(-(-SHUFFLED // max(len(chosen), 1)), MOST_SHUFFLES)
    shuffles = [dinucleotide_shuffles(codes[i], times, rng) for i in chosen]
    return Background(np.concatenate([codes[:0], *shuffles]), SHUFFLES)


def find_places(counts: np.ndarray, values: np.ndarray, codes: np.ndarray, shares: np.ndarray) -> Places:
    """Find the best match of (w, 4) counts in (n, L) records, with its attributions; `shares` (4,) of the bases."""
    best = _matches(counts, codes, shares, codes.shape[1])
    width, n = len(counts), len(codes)
    matched, sums, ranks = np.isfinite(best.scores), np.zeros(n), np.full(n, np.nan)
    if not matched.any():
        return Places(matched, sums, ranks)
    totals = np.cumsum(np.pad(values[matched].astype(np.float64), ((0, 0), (1, 0))), axis=1)
    real = np.cumsum(np.pad(codes[matched] < len(BASES), ((0, 0), (1, 0))), axis=1)
    windows = totals[:, width:] - totals[:, :-width]
    whole = real[:, width:] - real[:, :-width] == width
    own = np.take_along_axis(windows, best.starts[matched, None], axis=1)
    others = np.maximum(whole.sum(axis=1) - 1, 1)
    sizes, size = np.abs(windows), np.abs(own)
    lower, equal = (whole & (sizes < size)).sum(axis=1), (whole & (sizes == size)).sum(axis=1) - 1
    sums[matched], ranks[matched] = own[:, 0], (lower + equal / 2) / others
    return Places(matched, sums, ranks)


def chance_of_ranks(ranks: np.ndarray) -> float:
    """Chance that places with no tie to the attributions have so high (n,) ranks; NaN stands for no place.

    A rank is uniform between 0 and 1 then, and the mean of several is close to normal.
    """
    known = ranks[~np.isnan(ranks)]
    if not known.size:
        return 1.0
    return float(norm.sf((known.mean() - 0.5) * np.sqrt(12 * known.size)))


def chance_of_classes(sums: np.ndarray, positive: np.ndarray) -> float:
    """Chance that the attributions of a profile are so much higher in records of the class, by the rank sum test."""
    ours, others = sums[positive], sums[~positive]
    if not ours.size or not others.size or np.ptp(sums) == 0:
        return 1.0
    return float(mannwhitneyu(ours, others, alternative="greater", method="asymptotic").pvalue)


def enrich(
    counts: np.ndarray, codes: np.ndarray, background: Background, shares: np.ndarray, more: bool = True
) -> Enrichment:
    """Count the records that match (w, 4) counts, and test whether they are more, or fewer, than in the background."""
    matched = int(np.isfinite(_matches(counts, codes, shares, codes.shape[1]).scores).sum())
    others = int(np.isfinite(_matches(counts, background.codes, shares, codes.shape[1]).scores).sum())
    n, m = len(codes), len(background.codes)
    table = [[matched, n - matched], [others, m - others]]
    side = "greater" if more else "less"
    p = float(fisher_exact(table, alternative=side).pvalue) if n and m else 1.0
    odds = (matched + 0.5) * (m - others + 0.5) / ((n - matched + 0.5) * (others + 0.5))
    return Enrichment(matched, n, others, m, background.against, odds, p)


def _matches(counts: np.ndarray, codes: np.ndarray, shares: np.ndarray, length: int) -> Best:
    """Find the best place of each record; its score is -inf where that is no match, which depends on the `length` of
    the records of the class."""
    matrix = weights(counts, shares)
    best = best_places(matrix, codes)
    needed = cut_off(matrix, shares, min(MATCH_RATE, MATCHES / (2 * max(length, 1))))
    return best._replace(scores=np.where(best.scores >= needed, best.scores, -np.inf))
