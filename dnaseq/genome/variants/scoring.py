"""The effect of changes on the logit of a class: alternative minus reference, as the mean over windows."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from dnaseq.genome.variants.changes import Change
from dnaseq.genome.variants.windows import Placements, Windows
from dnaseq.interpret.experiments.sequences import pad_sequences
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
        return self._replace(delta_logit=-self.delta_logit, ref=self.alt, alt=self.ref)


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
            found: list[Windows | str] = [
                one if isinstance(one, str) else self.placements.of(one, self.genome) for one in changes
            ]
            held.append((item, found))
            for one in found:
                if isinstance(one, Windows):
                    windows += 2 * len(one.ref)
                    bases += sum(map(len, one.ref)) + sum(map(len, one.alt))
            if windows >= WINDOWS_AT_ONCE or bases >= BASES_AT_ONCE or len(held) >= WINDOWS_AT_ONCE:
                yield from self._score(held)
                held, windows, bases = [], 0, 0
        yield from self._score(held)

    def _score(
        self, held: list[tuple[Item, list[Windows | str]]]
    ) -> Iterator[tuple[Item, list["Effect | str"]]]:
        every = [one for _, found in held for one in found if isinstance(one, Windows) and one.ref]
        effects = iter(self._effects(every))
        for item, found in held:
            yield item, [_answer(one, lambda: next(effects)) for one in found]

    def _effects(self, every: list[Windows]) -> list[Effect]:
        """Score the windows of several changes together, as many as fill batches."""
        if not every:
            return []
        rows = [codes for one in every for codes in (*one.ref, *one.alt)]
        sequences = pad_sequences([], rows)
        logits, shares = self.logit.scores(sequences.codes, sequences.lengths)
        effects, at = [], 0
        for one in every:
            n = len(one.ref)
            ref, alt = slice(at, at + n), slice(at + n, at + 2 * n)
            effects.append(_mean_effect(one, logits[alt] - logits[ref], shares[ref], shares[alt]))
            at += 2 * n
        return effects


def _answer(one: Windows | str, take: Callable[[], Effect]) -> Effect | str:
    if isinstance(one, str):
        return one
    return take() if one.ref else one.reason


def _mean_effect(windows: Windows, deltas: np.ndarray, ref: np.ndarray, alt: np.ndarray) -> Effect:
    """(n,) numbers of n windows -> their means."""
    mean = float(deltas.mean())
    sd = float(deltas.std(ddof=1)) if len(deltas) > 1 else None
    notes = []
    if windows.without:
        notes.append(f"{len(deltas)} of {len(deltas) + windows.without} windows, {windows.why}")
    if sd is not None and sd > max(abs(mean), NEARLY_NOTHING):
        notes.append("depends on the place in the window")
    return Effect(mean, float(ref.mean()), float(alt.mean()), sd, tuple(notes))
