"""The effect of changes on the logit of a class: alternative minus reference, as the mean over windows."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np

from dnaseq.genome.variants.changes import Change
from dnaseq.genome.variants.windows import Placements, Windows
from dnaseq.interpret.logit import Scores
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


class Stretches(NamedTuple):
    """n stretches of one array of codes, which may overlap."""

    codes: np.ndarray
    starts: np.ndarray  # (n,) int64
    lengths: np.ndarray  # (n,) int64


# pairs of anything and stretches -> the same and the (n,) scores of the stretches, in order
Score = Callable[[Iterable[tuple[Any, Stretches]]], Iterator[tuple[Any, Scores]]]


class Scorer:
    """The effects of changes of a genome."""

    def __init__(self, score: Score, genome: Genome, placements: Placements):
        self.genome, self.placements = genome, placements
        self._score = score

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
        for batch, scores in self._score((batch, batch.stretches) for batch in self._batches(items)):
            effects = iter(_mean_effects(batch, scores))
            for item, found in batch.held:
                yield item, [one if isinstance(one, str) else next(effects) for one in found]

    def _batches(self, items: Iterable[tuple[Item, Sequence[Change | str]]]) -> Iterator["_Batch"]:
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
                yield _join(held)
                held, windows, bases = [], 0, 0
        yield _join(held)


class _Batch(NamedTuple):
    """Items whose changes are scored together. The changes have m pairs of windows, all in one array."""

    held: list[tuple[Any, list[Windows | str]]]
    every: list[Windows]  # of all changes
    stretches: Stretches
    ref: np.ndarray  # (m,) stretch of each window of the genome
    alt: np.ndarray  # (m,) that of the same window with the change


def _join(held: list[tuple[Any, list[Windows | str]]]) -> _Batch:
    """Join the windows of changes; a window of the genome that several of them have is one stretch."""
    every = [one for _, found in held for one in found if isinstance(one, Windows)]
    if not every:
        none = np.empty(0, np.int64)
        return _Batch(held, [], Stretches(none.astype(np.uint8), none, none), none, none)
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
    stretches = Stretches(
        np.concatenate(alleles),
        np.concatenate([starts[first, 0], starts[:, 1]]),
        np.concatenate([lengths[first, 0], lengths[:, 1]]),
    )
    return _Batch(held, every, stretches, ref, len(first) + np.arange(len(owner)))


def _mean_effects(batch: _Batch, scores: Scores) -> list[Effect]:
    """Return the means over the windows of each change."""
    every, (logits, shares) = batch.every, scores
    deltas, ref, alt = logits[batch.alt] - logits[batch.ref], shares[batch.ref], shares[batch.alt]
    counts = np.array([len(one.begins) for one in every], dtype=np.int64)
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
