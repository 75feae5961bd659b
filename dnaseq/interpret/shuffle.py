"""Shuffles of a sequence that keep its dinucleotides: backgrounds without the order that made motifs.

A run of bases is a walk along edges from base to base. Every order of these edges that is again one walk, from the
same first base to the same last base, has the same dinucleotides (Altschul and Erickson 1985).
"""

from collections.abc import Iterator
from itertools import product

import numpy as np

from dnaseq.encode.alphabet import BASES

_N_BASES = len(BASES)


def dinucleotide_shuffles(codes: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """(L,) codes -> (n, L) uint8 shuffles, each drawn uniformly from all that have the counts of dinucleotides of the
    sequence, its first base and its last.

    Letters that are not one base, and padding, stay in place: each run of bases between them is shuffled alone.
    """
    shuffles = np.tile(np.asarray(codes, dtype=np.uint8), (n, 1))  # (n, L)
    for start, end in _runs_of_bases(codes):
        if end - start > 3:  # shorter ones have one order only
            shuffles[:, start:end] = _walks(shuffles[0, start:end], n, rng)
    return shuffles


def _runs_of_bases(codes: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield the start of each run of bases, and the place after its end."""
    is_base = np.concatenate([[False], np.asarray(codes) < _N_BASES, [False]])
    edges = np.flatnonzero(np.diff(is_base.astype(np.int8)))
    return zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _walks(run: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """(m,) bases -> (n, m) walks along the same edges."""
    counts = np.bincount(_N_BASES * run[:-1].astype(np.int64) + run[1:], minlength=_N_BASES**2)
    counts = counts.reshape(_N_BASES, _N_BASES)  # from, to
    exits = _last_exits(counts, int(run[-1]), n, rng)  # (n, 4)
    edges = np.concatenate([_orders(counts[base], exits[:, base], rng) for base in range(_N_BASES)], axis=1)
    edges = (
        edges.ravel()
    )  # of each walk, the bases that follow A in their order, then those that follow C, ...
    degrees = counts.sum(axis=1)
    at = (
        (np.arange(n) * (len(run) - 1))[:, None] + np.cumsum(degrees) - degrees
    )  # (n, 4) next edge of each base
    rows, here = np.arange(n), np.full(n, run[0])
    walks = np.empty((len(run), n), dtype=np.uint8)
    walks[0] = here
    for position in range(1, len(run)):
        edge = at[rows, here]
        at[rows, here] += 1
        walks[position] = here = edges[edge]
    return walks.T


def _orders(counts: np.ndarray, last: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(4,) counts of the bases that follow one base, (n,) the one that must be last, or -1 -> (n, m) orders of them."""
    orders = np.empty((len(last), int(counts.sum())), dtype=np.uint8)
    for end in np.unique(last).tolist():
        rows = np.flatnonzero(last == end)
        kept = [end] if end >= 0 else []
        others = np.repeat(
            np.arange(_N_BASES, dtype=np.uint8), counts - np.bincount(kept, minlength=_N_BASES)
        )
        orders[rows, : len(others)] = rng.permuted(np.tile(others, (len(rows), 1)), axis=1)
        orders[rows, len(others) :] = kept
    return orders


def _last_exits(counts: np.ndarray, goal: int, n: int, rng: np.random.Generator) -> np.ndarray:
    """(4, 4) counts of edges -> (n, 4) the base that follows each one the last time; -1 for the goal, where any may,
    and for bases that are never left.

    The last exits must lead from every base to the goal, or the walk would end before all edges are used. There are at
    most 16 such choices; each is drawn as often as there are edges to make it of.
    """
    left = [base for base in range(_N_BASES) if base != goal and counts[base].any()]
    targets = [np.flatnonzero(counts[base]).tolist() for base in left]
    choices, weights = [], []
    for choice in product(*targets):
        exits = dict(zip(left, choice, strict=True))
        if all(_leads_to(goal, base, exits) for base in left):
            choices.append([exits.get(base, -1) for base in range(_N_BASES)])
            weights.append(float(np.prod([counts[base, end] for base, end in exits.items()])))
    drawn = rng.choice(len(choices), size=n, p=np.array(weights) / sum(weights))
    return np.array(choices)[drawn]


def _leads_to(goal: int, base: int, exits: dict[int, int]) -> bool:
    for _ in exits:
        if base != goal:
            base = exits[base]
    return base == goal
