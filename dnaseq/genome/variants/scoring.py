"""The effect of changes on the logit of a class: alternative minus reference, as the mean over windows."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np

from dnaseq.genome.variants.changes import Change
from dnaseq.genome.variants.windows import Placements, Windows
from dnaseq.interpret.logit import Logit
from dnaseq.io.genome.genome import Genome

WINDOWS_AT_ONCE = 8192
BASES_AT_ONCE = 16_000_000
# A score is said to depend on the place where windows disagree more than they agree, unless all of them are nearly
# nothing: logits that differ by this change a probability by 0.025 at most.
NEARLY_NOTHING = 0.1
Item = TypeVar("Item")


class Effect(NamedTuple):
    """The means over the windows of a change: logit with the alternative minus logit with the reference, and the
    probability of the class (or the value) with each of the two."""

    delta_logit: float
    ref: float
    alt: float
    sd: float | None  # of the delta over windows; None of a single one
    notes: tuple[str, ...] = ()

    def turned(self) -> "Effect":
        """Return the effect of the change back."""
        return self._replace(delta_logit=0.0 - self.delta_logit, ref=self.alt, alt=self.ref)


class WindowPairs(NamedTuple):
    """The windows of c changes, as n stretches of one array of codes, which may overlap. They are m pairs, some of each
    change in turn."""

    codes: np.ndarray
    starts: np.ndarray  # (n,) int64
    lengths: np.ndarray  # (n,) int64
    ref: np.ndarray  # (m,) stretch of each window of the genome
    alt: np.ndarray  # (m,) that of the same window with the change
    counts: np.ndarray  # (c,) pairs of each change


class Means(NamedTuple):
    """The numbers of an Effect for each of c changes, (c,) float64. `sd` is NaN where there is one window."""

    delta_logit: np.ndarray
    ref: np.ndarray
    alt: np.ndarray
    sd: np.ndarray


# pairs of anything and windows -> the same and the means of the windows, in order
Score = Callable[[Iterable[tuple[Any, WindowPairs]]], Iterator[tuple[Any, Means]]]


def mean_effects(logit: Logit, windows: WindowPairs) -> Means:
    """Score the windows, and take the means of each change."""
    logits, shares = logit.scores_of_stretches(windows.codes, windows.starts, windows.lengths)
    deltas = logits[windows.alt] - logits[windows.ref]
    ref, alt = shares[windows.ref], shares[windows.alt]
    first = np.cumsum(windows.counts) - windows.counts
    found = Means(*np.full((4, len(first)), np.nan))
    for n in np.unique(windows.counts).tolist():
        own = np.flatnonzero(windows.counts == n)
        rows = first[own][:, None] + np.arange(n)  # (changes, n)
        for column, numbers in zip(found, (deltas, ref, alt), strict=False):
            column[own] = numbers[rows].mean(axis=1)
        if n > 1:
            found.sd[own] = deltas[rows].std(axis=1, ddof=1)
    return found


class Scorer:
    """The effects of changes of a genome."""

    def __init__(self, score: Score, genome: Genome, placements: Placements):
        self.genome, self.placements = genome, placements
        self._score = score

    def stream(
        self, items: Iterable[tuple[Item, Sequence[Change | str]]]
    ) -> Iterator[tuple[Item, list["Effect | str"]]]:
        """Yield every item with the effects of its changes, in order and in bounded memory. Where an item has a reason
        instead of a change, it stays."""
        batches = ((held, _join(_windows_of(held))) for held in self._batches(items))
        for held, means in self._score(batches):
            numbers = zip(*(column.tolist() for column in means), strict=True)
            effects = (_effect(one, *own) for one, own in zip(_windows_of(held), numbers, strict=True))
            for item, found in held:
                yield item, [one if isinstance(one, str) else next(effects) for one in found]

    def _batches(self, items: Iterable[tuple[Item, Sequence[Change | str]]]) -> Iterator["_Held"]:
        held: _Held = []
        windows = bases = 0
        for item, changes in items:
            found = [one if isinstance(one, str) else self.placements.of(one, self.genome) for one in changes]
            held.append((item, found))
            for one in found:
                if isinstance(one, Windows):
                    windows += 2 * len(one.begins)
                    bases += sum(one.sizes) * len(one.begins)
            if windows >= WINDOWS_AT_ONCE or bases >= BASES_AT_ONCE or len(held) >= WINDOWS_AT_ONCE:
                yield held
                held, windows, bases = [], 0, 0
        yield held


_Held = list[tuple[Any, list[Windows | str]]]  # items, and the windows of their changes


def _windows_of(held: _Held) -> list[Windows]:
    return [one for _, found in held for one in found if isinstance(one, Windows)]


def _join(every: list[Windows]) -> WindowPairs:
    """Join the windows of changes; a window of the genome that several of them have is one stretch."""
    counts = np.array([len(one.begins) for one in every], dtype=np.int64)
    if not every:
        return WindowPairs(np.empty(0, np.uint8), *[counts] * 5)
    owner = np.repeat(np.arange(len(every)), counts)
    begins = np.concatenate([one.begins for one in every])  # (m, 2)
    alleles = [codes for one in every for codes in (one.ref, one.alt)]
    starts = begins + np.cumsum([0, *map(len, alleles[:-1])]).reshape(-1, 2)[owner]
    lengths = np.array([one.sizes for one in every])[owner]
    number = {
        name: i for i, name in enumerate(dict.fromkeys(one.contig for one in every))
    }  # the same in every run
    contigs, lows = np.array([(number[one.contig], one.low) for one in every])[owner].T
    places = np.stack([contigs, lows + begins[:, 0]])
    _, first, ref = np.unique(places, axis=1, return_index=True, return_inverse=True)
    return WindowPairs(
        np.concatenate(alleles),
        np.concatenate([starts[first, 0], starts[:, 1]]),
        np.concatenate([lengths[first, 0], lengths[:, 1]]),
        ref,
        len(first) + np.arange(len(owner)),
        counts,
    )


def _effect(windows: Windows, delta: float, ref: float, alt: float, sd: float) -> Effect:
    spread = sd if len(windows.begins) > 1 else None
    return Effect(delta, ref, alt, spread, _notes(windows, delta, spread))


def _notes(windows: Windows, mean: float, sd: float | None) -> tuple[str, ...]:
    notes = []
    if windows.without:
        n = len(windows.begins)
        notes.append(f"{n} of {n + windows.without} windows, {windows.why}")
    if sd is not None and sd > max(abs(mean), NEARLY_NOTHING):
        notes.append("depends on the place in the window")
    return tuple(notes)
