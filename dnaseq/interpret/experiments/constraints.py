"""Limits of a design: protected bases, forbidden sites and GC content."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dnaseq.encode.alphabet import BASES, COMPLEMENT, EXPECTED_BASE, to_letters

_BITS = (EXPECTED_BASE > 0) @ np.array([1, 2, 4, 8])  # (16,) the bases of each code, a bit each
G, C = BASES.index("G"), BASES.index("C")


class Constraints(NamedTuple):
    """Limits that hold for every sequence of a design, the steps on the way included.

    A forbidden site may have letters such as N, and is forbidden on both strands. GC content is the share of G and C
    among the letters that are one base. A letter of the sequence that is not one base is no part of a site.
    """

    protected: tuple[tuple[int, int], ...] = ()  # stretches that stay, 0-based, without the end
    forbidden: tuple[np.ndarray, ...] = ()  # (w,) codes each
    gc: tuple[float, float] = (0.0, 1.0)

    def fault(self, codes: np.ndarray) -> str | None:
        """Describe the first limit that (L,) codes break; None where they keep to all. Protection is no matter here."""
        for site in self._both_strands():
            if len(site) <= len(codes):
                windows = np.lib.stride_tricks.sliding_window_view(codes, len(site))
                at = np.flatnonzero(_matches(windows, site))
                if at.size:
                    return f"the forbidden site {to_letters(site)} begins at base {int(at[0])} (0-based)"
        low, high = self.gc
        share = gc_content(codes[None])[0]
        if not low <= share <= high:
            return f"GC content is {share:.3f}, not from {low:g} to {high:g}"
        return None

    def free_positions(self, codes: np.ndarray) -> np.ndarray:
        """(L,) codes -> positions that may be changed: bases that are not protected."""
        is_free = codes < len(BASES)
        for start, end in self.protected:
            is_free[start:end] = False
        return np.flatnonzero(is_free)

    def kept_by(self, parents: np.ndarray, positions: np.ndarray, bases: np.ndarray) -> np.ndarray:
        """Check substitutions: (m, L) codes that keep to the limits, (m,) position and new base of each -> (m,) bool,
        True where the changed sequence keeps to them too."""
        kept = np.ones(len(parents), dtype=bool)
        rows = np.arange(len(parents))
        for site in self._both_strands():
            if len(site) > parents.shape[1]:
                continue
            offsets = np.arange(1 - len(site), len(site))
            at = positions[:, None] + offsets  # (m, 2 w - 1), all windows that hold the position
            inside = (at >= 0) & (at < parents.shape[1])
            letters = np.where(inside, parents[rows[:, None], np.where(inside, at, 0)], len(BASES))
            letters[:, len(site) - 1] = bases
            windows = np.lib.stride_tricks.sliding_window_view(letters, len(site), axis=1)
            kept &= ~_matches(windows, site).any(axis=1)
        was_gc = _is_gc(parents[rows, positions])
        counts = _is_gc(parents).sum(axis=1) + _is_gc(bases) - was_gc.astype(np.int64)
        share = counts / np.maximum((parents < len(BASES)).sum(axis=1), 1)
        return kept & (share >= self.gc[0]) & (share <= self.gc[1])

    def _both_strands(self) -> Sequence[np.ndarray]:
        return [strand for site in self.forbidden for strand in (site, COMPLEMENT[site[::-1]])]


def _matches(windows: np.ndarray, site: np.ndarray) -> np.ndarray:
    """(..., w) codes, (w,) codes of a site -> (...,) bool, True where each letter is a base of the site's letter."""
    return ((windows < len(BASES)) & ((_BITS[windows] & _BITS[site]) > 0)).all(axis=-1)


def gc_content(codes: np.ndarray) -> np.ndarray:
    """(n, L) codes -> (n,) share of G and C among the bases; 0 without a base."""
    return _is_gc(codes).sum(axis=1) / np.maximum((codes < len(BASES)).sum(axis=1), 1)


def _is_gc(codes: np.ndarray) -> np.ndarray:
    return (codes == G) | (codes == C)
