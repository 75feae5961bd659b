"""Design: substitutions that raise the score of a sequence, found by beam search within limits."""

from typing import NamedTuple

import numpy as np

from dnaseq.encode.alphabet import BASES
from dnaseq.interpret.experiments.constraints import Constraints
from dnaseq.interpret.experiments.sequences import Advance, Score

_LETTERS_AT_ONCE = 1 << 22  # of candidates that are scored in one call


class Edit(NamedTuple):
    """One substitution, and the scores of the sequence before and after it."""

    position: int  # 0-based
    old: int  # code
    new: int  # code
    before: float
    after: float


class Design(NamedTuple):
    """A sequence that was changed for a higher score."""

    start: np.ndarray  # (L,) codes
    start_score: float
    codes: np.ndarray  # (L,)
    score: float
    edits: tuple[Edit, ...]  # in their order


class _State(NamedTuple):
    codes: np.ndarray
    score: float
    edits: tuple[Edit, ...]


def design(
    score: Score, start: np.ndarray, most_edits: int, limits: Constraints, beam: int, advance: Advance
) -> Design:
    """Find the sequence of the highest score within `most_edits` substitutions of a start, (L,) codes, that keeps to
    the limits.

    Each step tries every substitution of every sequence in the beam, and the `beam` best results are the next beam; no
    position is changed twice. With a beam of 1 this is the greedy search. The answer is the best sequence of all steps,
    the start included. It is the best that exists within the limits if the beam holds all results of a step and every
    way to it keeps to the limits; a smaller beam may miss an optimum that needs a first step down.
    """
    best = _State(start, float(score(start[None], np.array([len(start)]))[0]), ())
    states, free = [best], limits.free_positions(start)
    for _ in range(most_edits):
        states = _step(score, states, _substitutions(states, start, free), limits, beam, advance)
        if not states:
            break
        best = max(best, states[0], key=lambda state: state.score)
    return Design(start, float(best.edits[0].before if best.edits else best.score), *best)


def _step(
    score: Score,
    states: list[_State],
    substitutions: tuple[np.ndarray, np.ndarray, np.ndarray],
    limits: Constraints,
    beam: int,
    advance: Advance,
) -> list[_State]:
    """Return the best results of one more substitution, the highest score first."""
    codes = np.stack([state.codes for state in states])
    parent, position, base = substitutions
    scores = np.full(len(parent), -np.inf)
    rows = max(1, _LETTERS_AT_ONCE // codes.shape[1])
    for first in range(0, len(parent), rows):
        some = np.arange(first, min(first + rows, len(parent)))
        kept = some[limits.kept_by(codes[parent[some]], position[some], base[some])]
        if len(kept):
            changed = codes[parent[kept]]
            changed[np.arange(len(kept)), position[kept]] = base[kept]
            scores[kept] = score(changed, np.full(len(kept), codes.shape[1]))
        advance(len(some))
    best = np.argsort(-scores, kind="stable")[:beam]
    return [
        _changed(states[parent[i]], int(position[i]), int(base[i]), float(scores[i]))
        for i in best.tolist()
        if np.isfinite(scores[i])
    ]


def _substitutions(
    states: list[_State], start: np.ndarray, free: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """List every substitution at a position that is as in the start, each result once: (m,) state, position and new
    base."""
    own = np.stack([state.codes[free] for state in states])  # (states, free)
    parent, place, more = np.nonzero(np.repeat((own == start[free])[..., None], len(BASES) - 1, axis=2))
    position, base = free[place], (own[parent, place] + more + 1) % len(BASES)
    if len(states) > 1:  # two edits make one result in either order
        made = [[len(BASES) * edit.position + edit.new for edit in state.edits] for state in states]
        keys = np.column_stack([np.array(made)[parent], len(BASES) * position + base])
        first = np.sort(np.unique(np.sort(keys, axis=1), axis=0, return_index=True)[1])
        parent, position, base = parent[first], position[first], base[first]
    return parent, position, base


def _changed(state: _State, position: int, base: int, score: float) -> _State:
    codes = state.codes.copy()
    edit = Edit(position, int(codes[position]), base, state.score, score)
    codes[position] = base
    return _State(codes, score, (*state.edits, edit))
