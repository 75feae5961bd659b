"""The effect of changes on the logit of a class: alternative minus reference, as the mean over windows."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

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


class Scorer:
    """The effects of changes of a genome."""

    def __init__(self, logit: Logit, genome: Genome, placements: Placements):
        self.logit, self.genome, self.placements = logit, genome, placements

    def effects(self, changes: Iterable[Change]) -> list[Effect | str]:
        """Return the effect of each change, or the reason why it has none; for a few of them."""
        return [
            answer for _, answers in self.stream(((), [change]) for change in changes) for answer in answers
        ]

    def stream(
        self, items: Iterable[tuple[Item, Sequence[Change | str]]]
    ) -> Iterator[tuple[Item, list["Effect | str"]]]:
        """Yield every item with the effects of its changes, in order and in bounded memory. Where an item has a reason
        instead of a change, it stays."""
        held: list[tuple[Item, list[Windows | str]]] = []
        windows = bases = 0
        for item, changes in items:
            found = [one if isinstance(one, str) else self.placements.of(one, self.genome) for one in changes]
            held.append((item, found))
            for one in found:
                if isinstance(one, Windows):
                    windows += 2 * len(one.begins)
                    bases += sum(one.sizes) * len(one.begins)
            if windows >= WINDOWS_AT_ONCE or bases >= BASES_AT_ONCE or len(held) >= WINDOWS_AT_ONCE:
                yield from self._score(held)
                held, windows, bases = [], 0, 0
        yield from self._score(held)

    def _score(
        self, held: list[tuple[Item, list[Windows | str]]]
    ) -> Iterator[tuple[Item, list["Effect | str"]]]:
        every = [one for _, found in held for one in found if isinstance(one, Windows)]
        effects = iter(self._effects(every))
        for item, found in held:
            yield item, [one if isinstance(one, str) else next(effects) for one in found]

    def _effects(self, every: list[Windows]) -> list[Effect]:
        """Score the windows of several changes together, as many as fill batches."""
        if not every:
            return []
        joined = _join(every)
        logits, shares = self.logit.scores_of_stretches(joined.codes, joined.starts, joined.lengths)
        ref, alt = joined.ref, joined.alt
        return _mean_effects(every, logits[alt] - logits[ref], shares[ref], shares[alt])


class _Joined(NamedTuple):
    """The windows of several changes, which have m pairs of them, as stretches of one array of codes."""

    codes: np.ndarray
    starts: np.ndarray  # (n,) int64 of the stretches
    lengths: np.ndarray  # (n,) int64
    ref: np.ndarray  # (m,) stretch of each window of the genome
    alt: np.ndarray  # (m,) that of the same window with the change


def _join(every: list[Windows]) -> _Joined:
    """Join the windows of changes; a window of the genome that several of them have is one stretch."""
    owner = np.repeat(np.arange(len(every)), [len(one.begins) for one in every])
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
    return _Joined(
        np.concatenate(alleles),
        np.concatenate([starts[first, 0], starts[:, 1]]),
        np.concatenate([lengths[first, 0], lengths[:, 1]]),
        ref,
        len(first) + np.arange(len(owner)),
    )


def _mean_effects(every: list[Windows], deltas: np.ndarray, ref: np.ndarray, alt: np.ndarray) -> list[Effect]:
    """(m,) numbers of the windows of all changes, one change after the other -> the means of each."""
    counts = np.array([len(one.begins) for one in every])
    first = np.cumsum(counts) - counts
    effects: dict[int, Effect] = {}
    for n in np.unique(counts).tolist():
        rows = np.flatnonzero(counts == n)
        windows = first[rows][:, None] + np.arange(n)  # (changes, n)
        means = (numbers[windows].mean(axis=1).tolist() for numbers in (deltas, ref, alt))
        sds = deltas[windows].std(axis=1, ddof=1).tolist() if n > 1 else [None] * len(rows)
        for row, mean, of_ref, of_alt, sd in zip(rows.tolist(), *means, sds, strict=True):
            effects[row] = Effect(mean, of_ref, of_alt, sd, _notes(every[row], mean, sd))
    return [effects[row] for row in range(len(every))]


def _notes(windows: Windows, mean: float, sd: float | None) -> tuple[str, ...]:
    notes = []
    if windows.without:
        n = len(windows.begins)
        notes.append(f"{n} of {n + windows.without} windows, {windows.why}")
    if sd is not None and sd > max(abs(mean), NEARLY_NOTHING):
        notes.append("depends on the place in the window")
    return tuple(notes)
