"""Groups of stretches that hold the same word, on either strand and at any shift, each as a profile."""

from typing import NamedTuple

import numpy as np
from scipy.stats import chi2, poisson

from dnaseq.encode.alphabet import BASES, PAD, N
from dnaseq.interpret.motifs.matching import correlate
from dnaseq.interpret.motifs.scanning import best_places, cut_off, information, reverse_complement, weights
from dnaseq.interpret.motifs.seqlets import Stretches

WORD = 6  # bases of a seed
MARGIN = 2  # bases beside a stretch in which a seed may lie
FLANK = 20  # bases beside a stretch in which a site may lie, and by which a profile may grow each time
FEWEST = 5  # sites of a profile
MOST = 20  # profiles of one search
SEED_P = 1e-4  # chance that a word is so frequent in the stretches, times the number of words
ROUNDS = 6  # of finding the sites of a profile, and its profile from these
SITE_RATE = 1e-3  # share of the places in random bases that are taken for a site of a stretch
COLUMN_BITS = 0.2  # least information of a position
COLUMN_P, NEW_COLUMN_P = 1e-3, 1e-5  # most chance of it, and of one by which a profile grows: many are tried
GAP = 4  # positions without information inside a profile
SHORTEST, WIDEST = 5, 30  # positions of a profile; repeats of a genome would grow further
ALIKE = 0.88  # correlation of two profiles that are one
SPARE = 2  # positions of the narrower of them that may lie outside the other


class Sites(NamedTuple):
    """Places of one width in records, read along the strand of a profile."""

    records: np.ndarray  # (m,) position of the record
    starts: np.ndarray  # (m,) first base on the forward strand, from 0; below 0 where the record begins later
    reverse: np.ndarray  # (m,) bool
    width: int

    def take(self, values: np.ndarray, fill: float) -> np.ndarray:
        """(n, L) a value for each base -> (m, w) those of the sites, in the order of the profile; `fill` outside."""
        places = self.starts[:, None] + np.arange(self.width)  # (m, w)
        inside = (places >= 0) & (places < values.shape[1])
        found = values[self.records[:, None], np.clip(places, 0, values.shape[1] - 1)]
        found = np.where(inside, found, fill)
        return np.where(self.reverse[:, None], found[:, ::-1], found)

    def chosen(self, kept: np.ndarray) -> "Sites":
        """Take the sites that are kept, (m,) bool or numbers."""
        return Sites(self.records[kept], self.starts[kept], self.reverse[kept], self.width)

    def counts(self, codes: np.ndarray) -> np.ndarray:
        """(n, L) codes -> (w, 4) sites with each base at each position of the profile."""
        return self.onehot(codes).sum(axis=0)

    def onehot(self, codes: np.ndarray) -> np.ndarray:
        """(n, L) codes -> (m, w, 4): 1 for the base that a site has, along the profile's strand."""
        found = self.take(codes, PAD).astype(np.int64)
        bases = np.where(self.reverse[:, None] & (found < len(BASES)), len(BASES) - 1 - found, found)
        return (bases[:, :, None] == np.arange(len(BASES))).astype(np.float64)

    def widened(self, left: int, right: int) -> "Sites":
        """Add positions before and after the profile; numbers below 0 take them away."""
        starts = self.starts - np.where(self.reverse, right, left)
        return self._replace(starts=starts, width=self.width + left + right)


class _Regions(NamedTuple):
    """Stretches with their flanks, as rows of one width."""

    codes: np.ndarray  # (m, W), padded outside
    stretches: Stretches

    @property
    def offsets(self) -> np.ndarray:
        """(m,) the place of the first base of each row in its record."""
        return self.stretches.starts - FLANK


def find_profiles(codes: np.ndarray, stretches: Stretches, background: np.ndarray) -> list[np.ndarray]:
    """Find the (w, 4) counts of profiles in stretches of (n, L) records; several may describe one motif.

    The 6-mer, on either strand, that is more frequent in the stretches than the dinucleotides of the records let expect
    is a seed. The places that are like it make a profile, and the places that are like that make a better one; its
    width follows the positions that tell more than the (4,) background. Then its sites are taken out, and the next
    seed is sought.
    """
    regions = _cut_regions(codes, stretches)
    near = _near(regions)  # where seeds are sought, and taken out
    frequency = _expected_words(codes)
    found: list[np.ndarray] = []
    for _ in range(MOST):
        seed = _best_seed(near, frequency)
        if seed is None:
            break
        counts = _refine(seed, regions, near, codes, background)
        if counts is not None:
            found.append(counts)
            matrix = weights(counts, background)
            _mask_sites(matrix, cut_off(matrix, background, SITE_RATE), regions.codes, near)
        _mask_sites(seed, WORD - 0.5, regions.codes, near)  # or the same seed would come again
    return found


def merge_profiles(profiles: list[np.ndarray]) -> list[tuple[int, np.ndarray]]:
    """Join profiles that are one motif, on either strand and at any shift: the number of the first of them, and counts
    that are added to its own over its width. So the best profiles come first in the list."""
    merged: list[tuple[int, np.ndarray]] = []
    for number, counts in enumerate(profiles):
        for i, (first, other) in enumerate(merged):
            fit = correlate(counts, other)
            if fit.correlation >= ALIKE and fit.overlap >= min(len(counts), len(other)) - SPARE:
                turned = reverse_complement(counts) if fit.reverse else counts
                merged[i] = (first, _added(other, turned, fit.offset))
                break
        else:
            merged.append((number, counts))
    return merged


def assign_sites(
    profiles: list[np.ndarray], codes: np.ndarray, stretches: Stretches, background: np.ndarray
) -> list[Sites]:
    """Find the sites of each profile in the stretches; a place goes to the first profile that takes it."""
    regions = _cut_regions(codes, stretches)
    near = _near(regions)
    result = []
    for counts in profiles:
        matrix = weights(counts, background)
        rows, starts, reverse = _mask_sites(
            matrix, cut_off(matrix, background, SITE_RATE), regions.codes, near
        )
        records, firsts = stretches.records[rows], regions.offsets[rows] + starts
        result.append(_distinct(Sites(records, firsts, reverse, len(counts))))
    return result


def trimmed(sites: Sites, codes: np.ndarray, background: np.ndarray) -> Sites | None:
    """Fit the width of sites to the positions that tell more than the background; None where there are too few."""
    wide = sites.widened(FLANK, FLANK)
    counts = wide.counts(codes)
    core = _core(counts, background, FLANK, FLANK + sites.width)
    if core is None:
        return None
    return wide.widened(-core[0], core[1] - wide.width)


def _cut_regions(codes: np.ndarray, stretches: Stretches) -> _Regions:
    widths = stretches.ends - stretches.starts
    width = int(widths.max(initial=0)) + 2 * FLANK
    places = Sites(stretches.records, stretches.starts - FLANK, np.zeros(len(widths), dtype=bool), width)
    rows = places.take(codes, PAD).astype(np.uint8)
    rows[np.arange(width) >= (widths + 2 * FLANK)[:, None]] = PAD
    return _Regions(rows, stretches)


def _near(regions: _Regions) -> np.ndarray:
    """(m, W) codes of the stretches and their margins alone."""
    widths = regions.stretches.ends - regions.stretches.starts
    columns = np.arange(regions.codes.shape[1])
    inside = (columns >= FLANK - MARGIN) & (columns < (FLANK + widths + MARGIN)[:, None])
    return np.where(inside, regions.codes, PAD).astype(np.uint8)


def _words(codes: np.ndarray) -> np.ndarray:
    """(n, L) codes -> (n, L - 5) number of the 6-mer, the lower of both strands; -1 where it holds another letter."""
    places = max(codes.shape[1] - WORD + 1, 0)
    forward = np.zeros((len(codes), places), dtype=np.int64)
    other, known = forward.copy(), np.ones(forward.shape, dtype=bool)
    for j in range(WORD):
        letters = codes[:, j : j + places].astype(np.int64)
        forward = len(BASES) * forward + letters
        other += (len(BASES) - 1 - letters) * len(BASES) ** j
        known &= letters < len(BASES)
    return np.where(known, np.minimum(forward, other), -1)


def _expected_words(codes: np.ndarray) -> np.ndarray:
    """(4096,) share of each 6-mer, on either strand, in random bases with the dinucleotides of the records."""
    first, second = codes[:, :-1].astype(np.int64), codes[:, 1:].astype(np.int64)
    known = (first < len(BASES)) & (second < len(BASES))
    pairs = np.bincount((len(BASES) * first + second)[known], minlength=len(BASES) ** 2) + 1.0
    pairs = pairs.reshape(len(BASES), len(BASES))
    pairs += pairs[::-1, ::-1].T  # those of the other strand
    singles = pairs.sum(axis=1) / pairs.sum()
    steps = pairs / pairs.sum(axis=1, keepdims=True)
    letters = np.arange(len(BASES) ** WORD)[:, None] // len(BASES) ** np.arange(WORD - 1, -1, -1) % len(BASES)
    share = singles[letters[:, 0]] * steps[letters[:, :-1], letters[:, 1:]].prod(axis=1)
    words = _words(letters.astype(np.uint8))[:, 0]
    return np.bincount(words, weights=share, minlength=len(words))


def _rows_with_words(codes: np.ndarray) -> np.ndarray:
    """(4096,) in how many rows each 6-mer is, on either strand."""
    words = np.sort(_words(codes), axis=1)
    words[:, 1:][words[:, 1:] == words[:, :-1]] = -1
    return np.bincount(words[words >= 0], minlength=len(BASES) ** WORD).astype(np.float64)


def _best_seed(near: np.ndarray, frequency: np.ndarray) -> np.ndarray | None:
    """(6, 4): 1 for the bases of the word that is most unlikely to be in so many rows by chance; None without one."""
    counts = _rows_with_words(near)
    places = (_words(near) >= 0).sum()
    chance = poisson.logsf(counts - 1, frequency * places)
    chance[counts < FEWEST] = 0
    word = int(chance.argmin())
    if chance[word] > np.log(SEED_P / (frequency > 0).sum()):
        return None
    letters = word // len(BASES) ** np.arange(WORD - 1, -1, -1) % len(BASES)
    return (letters[:, None] == np.arange(len(BASES))).astype(np.float64)


def _refine(
    seed: np.ndarray, regions: _Regions, near: np.ndarray, codes: np.ndarray, background: np.ndarray
) -> np.ndarray | None:
    """Grow a seed into the (w, 4) counts of a profile; None where too few sites or positions are left."""
    matrix, needed, searched = seed, WORD - 1.5, near  # first the places with one other base at most
    sites = None
    for _ in range(ROUNDS):
        best = best_places(matrix, searched)
        touches = _inside(best.starts, len(matrix), near).sum(axis=1) >= _least(matrix)
        rows = np.flatnonzero((best.scores >= needed) & touches)
        if len(rows) < FEWEST:
            return None
        firsts = regions.offsets[rows] + best.starts[rows]
        found = Sites(regions.stretches.records[rows], firsts, best.reverse[rows], len(matrix))
        sites = trimmed(found, codes, background)
        if sites is None:
            return None
        matrix = weights(sites.counts(codes), background)
        needed, searched = cut_off(matrix, background, SITE_RATE), regions.codes
    return sites.counts(codes) if sites is not None else None


def _core(counts: np.ndarray, background: np.ndarray, start: int, end: int) -> tuple[int, int] | None:
    """Find the first position of a profile and the one after its last, grown from start:end over short gaps."""
    n = counts.sum(axis=1)
    bits = information(counts, background)
    chance = chi2.sf(2 * np.log(2) * n * bits, df=len(BASES) - 1)
    columns = np.arange(len(counts))
    own = (columns >= start) & (columns < end)
    told = np.flatnonzero(
        (bits >= COLUMN_BITS) & (chance <= np.where(own, COLUMN_P, NEW_COLUMN_P)) & (n >= FEWEST)
    )
    inside = told[own[told]]
    if not inside.size:
        return None
    first, last = int(inside[0]), int(inside[-1])
    for place in told[told > last]:
        last = int(place) if place - last <= GAP + 1 and place - first < WIDEST else last
    for place in told[told < first][::-1]:
        first = int(place) if first - place <= GAP + 1 and last - place < WIDEST else first
    return (first, last + 1) if last + 1 - first >= SHORTEST else None


def _mask_sites(
    matrix: np.ndarray, needed: float, searched: np.ndarray, near: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Take the sites of a profile out of both arrays of rows; return row, start in the row and strand of each."""
    found = []
    while True:
        best = best_places(matrix, searched)
        rows = np.flatnonzero(best.scores >= needed)
        if not rows.size:
            break
        starts = best.starts[rows]
        touching = _inside(starts, len(matrix), near[rows])
        touches = touching.sum(axis=1) >= _least(matrix)
        columns = starts[:, None] + np.arange(len(matrix))
        searched[rows[:, None], columns] = N
        near[rows] = np.where(touching, N, near[rows])
        found.append((rows[touches], starts[touches], best.reverse[rows][touches]))
    if not found:
        none = np.zeros(0, dtype=np.int64)
        return none, none, none.astype(bool)
    rows, starts, reverse = (np.concatenate(part) for part in zip(*found, strict=True))
    return rows, starts, reverse


def _inside(starts: np.ndarray, width: int, near: np.ndarray) -> np.ndarray:
    """(m, W) bool: bases of (m, W) stretches that are in a place of `width` bases from (m,) starts."""
    columns = np.arange(near.shape[1])
    return (columns >= starts[:, None]) & (columns < starts[:, None] + width) & (near != PAD)


def _least(matrix: np.ndarray) -> int:
    """Return how many bases of a site must be in its stretch."""
    return min(len(matrix), WORD) // 2


def _distinct(sites: Sites) -> Sites:
    """Leave out sites that two stretches share."""
    keys = np.stack([sites.records, sites.starts], axis=1)
    first = np.unique(keys, axis=0, return_index=True)[1] if len(keys) else np.zeros(0, dtype=np.int64)
    return sites.chosen(first)


def _added(counts: np.ndarray, more: np.ndarray, offset: int) -> np.ndarray:
    """Add the counts of a profile that begins `offset` positions after the first; those outside are left out."""
    start, end = max(offset, 0), min(offset + len(more), len(counts))
    summed = counts.copy()
    summed[start:end] += more[start - offset : end - offset]
    return summed
