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


def shuffle_each(codes: np.ndarray, offsets: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(m,) codes of n records, one after the other, and their (n + 1,) offsets -> (m,) uint8: one shuffle of each
    record, drawn as those of dinucleotide_shuffles, all records at once."""
    shuffled = np.array(codes, dtype=np.uint8)
    starts, sizes = _runs_of_records(shuffled, offsets)
    if not len(starts):
        return shuffled
    run = np.repeat(np.arange(len(starts)), sizes - 1)  # of each edge
    places = np.arange(len(run)) + np.repeat(starts - np.cumsum(sizes - 1) + sizes - 1, sizes - 1)
    group = _N_BASES * run + shuffled[places]  # edges that leave one base of one run
    order = np.argsort(group + rng.random(len(group)))  # those of a group in random order
    ends = shuffled[places[order] + 1]  # of edges, group by group
    counts = np.bincount(group, minlength=_N_BASES * len(starts))
    goals = shuffled[starts + sizes - 1]
    last = _draw_last_edges(ends, counts, goals, rng).ravel()
    finals = np.cumsum(counts) - 1  # place of the last edge of each group
    chosen, finals = last[last >= 0], finals[last >= 0]
    ends[chosen], ends[finals] = ends[finals], ends[chosen]
    _walk_all(shuffled, starts, sizes, ends, (np.cumsum(counts) - counts).reshape(-1, _N_BASES))
    return shuffled


def _runs_of_records(codes: np.ndarray, offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find start and size of each run of bases within a record that has more than one order, the longest first."""
    is_base = codes < _N_BASES
    begins = is_base.copy()
    begins[1:] &= ~is_base[:-1]
    firsts = np.asarray(offsets[:-1])[np.diff(offsets) > 0]
    begins[firsts] = is_base[firsts]
    starts = np.flatnonzero(begins)
    stops = np.concatenate([np.flatnonzero(begins | ~is_base), [len(codes)]])
    sizes = stops[np.searchsorted(stops, starts, side="right")] - starts
    kept = np.argsort(-sizes, kind="stable")
    kept = kept[sizes[kept] > 3]
    return starts[kept], sizes[kept]


def _draw_last_edges(
    ends: np.ndarray, counts: np.ndarray, goals: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Draw the last edge that each of R runs takes from each base: (R, 4) index into `ends`, -1 where any may be last.

    `ends` are the bases that edges lead to, (4 R,) `counts` the edges from each base of each run, in that order. Draws
    from which no walk could reach the end of its run are drawn anew (Altschul and Erickson 1985).
    """
    firsts = (np.cumsum(counts) - counts).reshape(-1, _N_BASES)
    counts = counts.reshape(-1, _N_BASES)
    last = np.full(counts.shape, -1, dtype=np.int64)
    open_runs = np.arange(len(goals))
    while len(open_runs):
        own, goal = counts[open_runs], goals[open_runs, None]
        drawn = firsts[open_runs] + (rng.random(own.shape) * own).astype(np.int64)
        is_due = (own > 0) & (np.arange(_N_BASES) != goal)
        drawn = np.where(is_due, drawn, -1)
        exits = np.where(is_due, ends[drawn], goal)
        for _ in range(2):  # three steps reach the goal, or none does
            exits = np.take_along_axis(exits, exits, axis=1)
        last[open_runs] = drawn
        open_runs = open_runs[(exits != goal).any(axis=1)]
    return last


def _walk_all(
    shuffled: np.ndarray, starts: np.ndarray, sizes: np.ndarray, ends: np.ndarray, at: np.ndarray
) -> None:
    """Write the walks along the edges in place: (R, 4) `at` is the first edge from each base of each run."""
    here = shuffled[starts].astype(np.int64)
    rows = np.arange(len(starts))
    for position in range(1, int(sizes[0])):
        n = int(np.searchsorted(-sizes, -position))  # runs that are longer, as the longest come first
        edge = at[rows[:n], here[:n]]
        at[rows[:n], here[:n]] += 1
        here[:n] = ends[edge]
        shuffled[starts[:n] + position] = here[:n]


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
