"""Matches of motifs with known profiles: the best shift on either strand, with its chance.

A p-value is that of Gupta et al. (2007): the score of an overlap is a sum over positions, and the distribution of each
position's score over all positions of all known profiles, convolved, tells how often chance reaches it. A position
outside the overlap counts as the median of its scores, so that short overlaps do not win (Tanaka et al. 2011).
"""

from typing import NamedTuple

import numpy as np
from scipy.stats import false_discovery_control

from dnaseq.interpret.motifs.profiles import Profile
from dnaseq.interpret.motifs.scanning import reverse_complement

SHRINK = 1.0  # sites of even bases that are added to each position
LEAST_OVERLAP = 5  # positions, or all of a shorter profile
TIE = 10  # times the least p-value of a motif: of matches below, the one with the highest correlation comes first
_BINS = 100  # steps of the score of one position
_DRAWN = 30_000  # positions of profiles that make the null; more would tell nothing more


class Fit(NamedTuple):
    """The best shift of a matrix along another one."""

    correlation: float  # of the shares of bases in the overlap, from -1 to 1
    likeness: float  # the same over all positions of both, of which one outside the overlap stands beside even shares
    offset: int  # positions from the start of the other to that of the matrix, turned if `reverse`
    overlap: int  # positions
    reverse: bool


class Match(NamedTuple):
    """A known profile that is like a motif."""

    motif: str
    profile: Profile
    offset: int  # positions from the start of the motif to that of the profile, on the motif's strand
    strand: str  # "+", or "-" where the profile is read on its other strand
    overlap: int  # positions
    correlation: (
        float  # of the shares of bases over all positions of both; outside the overlap shares are even
    )
    p: float
    q: float = 1.0  # false discovery rate over all motifs and all profiles that were compared


def correlate(counts: np.ndarray, other: np.ndarray) -> Fit:
    """Find the shift of a (w, 4) matrix along an (v, 4) one, on either strand, at which shares correlate best for the
    positions that overlap, by correlation times the root of the overlap."""
    fits = []
    for reverse in (False, True):
        turned = reverse_complement(counts) if reverse else counts
        a, b = shares(turned) - 0.25, shares(other) - 0.25
        least = min(LEAST_OVERLAP, len(a), len(b))
        for offset in range(least - len(a), len(b) - least + 1):
            fits.append(_fit(a, b, offset, reverse))
    return max(fits, key=lambda fit: fit.correlation * np.sqrt(fit.overlap))


def match_profiles(
    motifs: dict[str, np.ndarray], profiles: list[Profile], most: int | None = None
) -> list[Match]:
    """Compare the (w, 4) counts of each motif with each profile; the best match of a motif comes first.

    A p-value sees the overlap alone. So of the matches whose p-values are near the least, the one that leaves the
    fewest telling positions outside the overlap is the best; the others follow by p-value. q-values are over all
    motifs times all profiles, also where only `most` matches of a motif are returned.
    """
    if not motifs or not profiles:
        return []
    library = _Library(profiles)
    found = {name: library.compare(counts) for name, counts in motifs.items()}
    chances = np.stack([places.chances for places in found.values()])  # (motifs, profiles)
    q_values = false_discovery_control(chances.ravel()).reshape(chances.shape)
    result: list[Match] = []
    for (name, counts), row in zip(motifs.items(), q_values, strict=True):
        places = found[name]
        order = np.argsort(places.chances)
        ties = int((places.chances <= TIE * places.chances[order[0]]).sum())
        shown = order[: max(ties, most or len(order))].tolist()
        fits = {i: _fit_at(counts, profiles[i], places, i) for i in shown}
        best_first = [*sorted(shown[:ties], key=lambda i: -fits[i].likeness), *shown[ties:]]
        for i in best_first[:most]:
            fit = fits[i]
            about = (fit.offset, "-" if fit.reverse else "+", fit.overlap, fit.likeness)
            result.append(Match(name, profiles[i], *about, float(places.chances[i]), float(row[i])))
    return result


def shares(counts: np.ndarray) -> np.ndarray:
    """(w, 4) counts -> (w, 4) shares of the bases, drawn a little towards even ones."""
    return (counts + SHRINK / 4) / (counts.sum(axis=1, keepdims=True) + SHRINK)


class _Places(NamedTuple):
    """The best place of each profile along one motif."""

    chances: np.ndarray  # (profiles,)
    shifts: np.ndarray  # (profiles,) positions from the start of the motif to that of the profile
    reverse: np.ndarray  # (profiles,) bool


class _Library:
    """All profiles side by side, with gaps between them, so that a motif is compared with all at once."""

    def __init__(self, profiles: list[Profile]):
        self.widths = np.array([len(one.counts) for one in profiles])
        self.inside = np.arange(self.widths.max()) < self.widths[:, None]  # (profiles, widest)
        self.padded, self.turned = np.zeros((2, *self.inside.shape, 4))
        self.padded[self.inside] = np.concatenate([shares(one.counts) for one in profiles])
        self.turned[self.inside] = np.concatenate(
            [shares(reverse_complement(one.counts)) for one in profiles]
        )
        both = np.concatenate([self.padded[self.inside], self.turned[self.inside]])
        self.null = both[:: max(1, len(both) // _DRAWN)]

    def compare(self, counts: np.ndarray) -> _Places:
        """Compare one motif with every profile."""
        own = shares(counts)
        tails = _Tails(own, self.null)
        strands = [self._best(own, tails, reverse) for reverse in (False, True)]
        chances = np.stack([one[0] for one in strands])  # (2, profiles)
        strand, columns = chances.argmin(axis=0), np.arange(len(self.widths))
        shifts = np.stack([one[1] for one in strands])[strand, columns]
        least = np.minimum(chances[strand, columns], 1 - 1e-12)
        tried = 2 * (len(own) + self.widths - 2 * self._least_overlap(len(own)) + 1)
        corrected = -np.expm1(tried * np.log1p(-least))  # of the least chance of so many shifts
        return _Places(np.clip(corrected, 0, 1), shifts, strand == 1)

    def _least_overlap(self, width: int) -> np.ndarray:
        """(profiles,) least overlap of each with a motif of this width."""
        return np.minimum(LEAST_OVERLAP, np.minimum(width, self.widths))

    def _best(self, own: np.ndarray, tails: "_Tails", reverse: bool) -> tuple[np.ndarray, np.ndarray]:
        """(profiles,) the least chance over all shifts on one strand, and the shift of the profile along the motif."""
        w, widest = len(own), self.padded.shape[1]
        scores = tails.steps(self.turned if reverse else self.padded) * self.inside[:, None, :]
        least = self._least_overlap(w)
        chance = np.ones(len(self.widths))
        shift = np.zeros(len(self.widths), dtype=np.int64)
        for offset in range(1 - widest, w):
            start = max(offset, 0)
            ends = np.minimum(offset + self.widths, w)  # of the overlap, along the motif
            valid = np.flatnonzero(ends - start >= least)
            if not valid.size:
                continue
            rows = np.arange(start, min(offset + widest, w))
            sums = scores[valid[:, None], rows, rows - offset].sum(axis=1)
            p = tails.chance(start, ends[valid], sums)
            better = p < chance[valid]
            chance[valid[better]], shift[valid[better]] = p[better], offset
        return chance, shift


class _Tails:
    """Distributions of the score of every stretch of a motif's positions against chance positions."""

    def __init__(self, own: np.ndarray, null: np.ndarray):
        self.own = own
        drawn = _likeness(own, null)  # (w, positions of the null)
        self.medians = np.median(drawn, axis=1)
        centred = drawn - self.medians[:, None]
        self.scale = _BINS / max(float(np.ptp(centred, axis=1).max()), 1e-9)
        steps = np.round(centred * self.scale).astype(np.int64)
        self.lowest = int(steps.min())
        size = int(steps.max()) - self.lowest + 1
        self.single = np.stack([np.bincount(row - self.lowest, minlength=size) / len(null) for row in steps])
        self.known: dict[tuple[int, int], np.ndarray] = {}

    def steps(self, columns: np.ndarray) -> np.ndarray:
        """(profiles, widest, 4) shares -> (profiles, w, widest) scores in steps, 0 for the median of a position."""
        flat = _likeness(self.own, columns.reshape(-1, 4)) - self.medians[:, None]
        steps = np.round(flat * self.scale).astype(np.int64)
        return steps.reshape(len(self.own), *columns.shape[:2]).transpose(1, 0, 2)

    def chance(self, start: int, ends: np.ndarray, sums: np.ndarray) -> np.ndarray:
        """Chance that positions start:end of the motif score as much as (m,) sums, for (m,) ends."""
        result = np.ones(len(sums))
        for end in np.unique(ends):
            tail = self._tail(start, int(end))
            rows = np.flatnonzero(ends == end)
            index = sums[rows] - self.lowest * (int(end) - start)
            result[rows] = tail[np.clip(index, 0, len(tail) - 1)]
        return result

    def _tail(self, start: int, end: int) -> np.ndarray:
        """Chance of each sum of positions start:end or a higher one, from the lowest sum on."""
        return np.cumsum(self._chances(start, end)[::-1])[::-1]

    def _chances(self, start: int, end: int) -> np.ndarray:
        if start == end:
            return np.ones(1)
        if (start, end) not in self.known:
            self.known[start, end] = np.convolve(self._chances(start, end - 1), self.single[end - 1])
        return self.known[start, end]


def _likeness(own: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """(w, 4) and (m, 4) shares -> (w, m) minus the distance of each two positions."""
    squares = (own**2).sum(axis=1)[:, None] + (columns**2).sum(axis=1) - 2 * own @ columns.T
    return -np.sqrt(np.maximum(squares, 0))


def _fit_at(counts: np.ndarray, profile: Profile, places: _Places, i: int) -> Fit:
    """Correlate the profile of number `i` with a motif at its best place."""
    reverse = bool(places.reverse[i])
    turned = reverse_complement(profile.counts) if reverse else profile.counts
    return _fit(shares(turned) - 0.25, shares(counts) - 0.25, int(places.shifts[i]), reverse)


def _fit(a: np.ndarray, b: np.ndarray, offset: int, reverse: bool) -> Fit:
    """Correlate (w, 4) and (v, 4) centred shares, where position 0 of the first lies on `offset` of the second."""
    start, end = max(offset, 0), min(offset + len(a), len(b))
    x, y = a[start - offset : end - offset], b[start:end]
    product = (x * y).sum()
    sizes = [np.sqrt((one**2).sum() * (other**2).sum()) for one, other in ((x, y), (a, b))]
    correlation, likeness = (float(product / size) if size else 0.0 for size in sizes)
    return Fit(correlation, likeness, offset, end - start, reverse)
