"""The null of a change: changes of the same kind at random places in the windows of the same table."""

from binascii import crc32
from collections.abc import Iterable

import numpy as np

from dnaseq.encode.alphabet import N, to_codes, to_letters
from dnaseq.genome.variants.changes import Change, normalised, stratum
from dnaseq.genome.variants.scoring import Effect, Scorer
from dnaseq.interpret.experiments.sequences import Reservoir
from dnaseq.io.genome.genome import Genome

FEWEST = 20  # changes that a percentile needs


class Samples:
    """For each kind of change, up to `most` changes of a table, each with the same chance, in bounded memory."""

    def __init__(self, most: int, seed: int):
        self.most = most
        self._of: dict[str, Reservoir[Change]] = {}
        self._rng = np.random.default_rng(seed)

    def add(self, change: Change) -> None:
        """Look at a change of the table."""
        kind = stratum(change)
        if kind not in self._of:
            self._of[kind] = Reservoir(self.most, self._rng)
        self._of[kind].add(change)

    @property
    def changes(self) -> dict[str, list[Change]]:
        """Return the changes that are kept, by kind."""
        return {kind: drawn.kept for kind, drawn in self._of.items()}


class Null:
    """The sizes of the effects of random changes, for each kind."""

    def __init__(self, sizes: dict[str, np.ndarray]):
        self._sizes = {kind: np.sort(values) for kind, values in sizes.items()}

    def percentile(self, change: Change, delta_logit: float) -> float | None:
        """Return the percentage of random changes of the kind whose effect is smaller, up or down; those that are equal
        count half. None where there are fewer than FEWEST."""
        sizes = self._sizes.get(stratum(change), np.empty(0))
        if len(sizes) < FEWEST:
            return None
        below, up_to = (np.searchsorted(sizes, abs(delta_logit), side=side) for side in ("left", "right"))
        return float(50 * (below + up_to) / len(sizes))


def draw_null(samples: Samples, scorer: Scorer, reach: int, seed: int) -> Null:
    """Score `samples.most` random changes of each kind. Each lies at most `reach` bases from a change of the table."""
    items = (
        (kind, random_changes(kind, changes, samples.most, scorer.genome, reach, seed))
        for kind, changes in samples.changes.items()
    )
    pairs = ((kind, [change]) for kind, changes in items for change in changes)
    sizes: dict[str, list[float]] = {}
    for kind, (effect,) in scorer.stream(pairs):
        if isinstance(effect, Effect):
            sizes.setdefault(kind, []).append(abs(effect.delta_logit))
    return Null({kind: np.array(values) for kind, values in sizes.items()})


def random_changes(
    kind: str, changes: list[Change], n: int, genome: Genome, reach: int, seed: int
) -> Iterable[Change]:
    """Yield up to n changes of a kind near those that are given, in turn: the same base becomes the same other base; or
    as many bases go, and as many come, in an order by chance."""
    rng = np.random.default_rng([seed, crc32(kind.encode())])
    for i in range(n):
        change = changes[i % len(changes)]
        low = max(change.start - reach, 0)
        high = min(change.start + len(change.ref) + reach, genome.length(change.chrom))
        codes = genome.codes(change.chrom, low, high)
        drawn = _substitution if change.is_substitution else _replacement
        found = drawn(change, codes, low, rng)
        if found is not None:
            start, ref, alt = found
            yield normalised(change.chrom, start, ref, alt, genome)


def _substitution(
    change: Change, codes: np.ndarray, low: int, rng: np.random.Generator
) -> tuple[int, str, str] | None:
    places = np.flatnonzero(codes == to_codes(change.ref)[0])
    places = places[places + low != change.start]
    return (low + int(rng.choice(places)), change.ref, change.alt) if len(places) else None


def _replacement(
    change: Change, codes: np.ndarray, low: int, rng: np.random.Generator
) -> tuple[int, str, str] | None:
    size = len(change.ref)
    if len(codes) < size:
        return None
    at = int(rng.integers(len(codes) - size + 1))
    there = codes[at : at + size]
    alt = to_letters(rng.permutation(to_codes(change.alt)))
    ref = to_letters(there)
    return None if (there >= N).any() or ref == alt else (low + at, ref, alt)
