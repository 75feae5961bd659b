"""Insertion: what a motif adds to the score of backgrounds, by place, by strand, and by distance from a second one.

An insertion replaces bases, so that a sequence keeps its length. The effect of a motif is the score of a background
with it less that of the background alone (global importance analysis, Koo et al. 2021).
"""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from dnaseq.encode.alphabet import COMPLEMENT, EXPECTED_BASE, N, to_letters
from dnaseq.errors import ConfigError
from dnaseq.evaluation.intervals.means import Means, mean_intervals
from dnaseq.evaluation.intervals.paired import holm, signed_ranks_p
from dnaseq.interpret.experiments.sequences import Advance, Score, Sequences, scores_of
from dnaseq.schemas import InsertedMotif

STRANDS = "+-"
MEANING = (
    "effect: mean over backgrounds (dinucleotide shuffles of records) of the logit with the motif less that without, "
    "the motif at a place and on a strand of one of its sites. control_effect: the same of its letters in another "
    "order. difference: effect less control_effect. p: that it is 0."
)


class PlaceEffects(NamedTuple):
    """The effect of a motif at m places of each strand, and its mean over these places (start None) before them."""

    strands: list[str]
    starts: list[int | None]  # position of the first base of the motif, 0-based
    counts: list[int]  # backgrounds that have room for it
    effects: Means


class PairEffects(NamedTuple):
    """The effects of two motifs in m arrangements. `extra` is what the pair adds to the two alone: 0 for motifs that
    act each on its own."""

    left: list[str]  # motif and strand, as in TGACTCA+
    right: list[str]
    distances: list[int]  # bases between the two
    counts: list[int]
    effects: Means  # of the pair
    alone: Means  # sum of the effects of each alone at its place
    extra: Means


class Letters(NamedTuple):
    """A motif with the letters that it has in each background."""

    name: str
    codes: np.ndarray  # (n, w); N keeps the base of the background


def draw_letters(codes: np.ndarray, n: int, rng: np.random.Generator) -> Letters:
    """Write a motif, (w,) codes, for n backgrounds: of a letter such as R each one gets A or G by chance."""
    shares = np.cumsum(EXPECTED_BASE[codes], axis=1)  # (w, 4)
    drawn = (rng.random((n, len(codes), 1)) >= shares[:, :3]).sum(axis=2).astype(np.uint8)  # (n, w)
    drawn[:, codes == N] = N
    return Letters(to_letters(codes), drawn)


def other_strand(motif: Letters) -> Letters:
    """Return the reverse complement of a motif, with the same name."""
    return Letters(motif.name, COMPLEMENT[motif.codes[:, ::-1]])


def insert(codes: np.ndarray, motif: Letters, starts: np.ndarray) -> np.ndarray:
    """(n, L) codes -> a copy with the motif from the bases `starts`, (n,), on; rows where it has no room stay."""
    width = motif.codes.shape[1]
    fits = np.flatnonzero((starts >= 0) & (starts + width <= codes.shape[1]))
    at = starts[fits, None] + np.arange(width)
    changed = codes.copy()
    letters = motif.codes[fits]
    changed[fits[:, None], at] = np.where(letters == N, codes[fits[:, None], at], letters)
    return changed


def place_effects(
    score: Score,
    backgrounds: Sequences,
    motif: Letters,
    starts: list[int],
    rng: np.random.Generator,
    advance: Advance,
) -> PlaceEffects:
    """Measure the effect of a motif at each start, on both strands."""
    codes, lengths = backgrounds.codes, backgrounds.lengths
    width, n = motif.codes.shape[1], len(lengths)
    places = [(strand, start) for strand in STRANDS for start in starts]
    forms = {"+": motif, "-": other_strand(motif)}
    variants = (insert(codes, forms[strand], np.full(n, start)) for strand, start in places)
    own = scores_of(score, [codes], lengths, advance)
    effects = (scores_of(score, variants, lengths, advance) - own).T  # (n, places)
    fits = np.array([start + width <= lengths for _, start in places]).T
    effects[~fits] = np.nan
    by_strand = np.split(effects, len(STRANDS), axis=1)
    table = np.concatenate([block for one in by_strand for block in (_mean_of_row(one), one)], axis=1)
    return PlaceEffects(
        [strand for strand in STRANDS for _ in range(len(starts) + 1)],
        [start for _ in STRANDS for start in (None, *starts)],
        np.isfinite(table).sum(axis=0).tolist(),
        mean_intervals(table, backgrounds.groups, rng),
    )


def _mean_of_row(values: np.ndarray) -> np.ndarray:
    """(n, m) -> (n, 1) mean of what is known in each row; NaN where nothing is."""
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return (np.where(known, values, 0).sum(axis=1) / known.sum(axis=1))[:, None]


class FoundSites(NamedTuple):
    """The letters of a motif, and where it was found: m sites."""

    codes: np.ndarray  # (w,)
    starts: np.ndarray  # (m,) first base, from 0
    strands: np.ndarray  # (m,) "+" or "-"


def insert_at_sites(
    score: Score,
    backgrounds: Sequences,
    motifs: dict[str, FoundSites],
    rng: np.random.Generator,
    advance: Advance,
) -> list[InsertedMotif]:
    """Put each motif into backgrounds as it was found: at a place and on a strand of one of its sites, drawn by chance.

    The control has the letters of the motif in another order, at the same place.
    """
    codes, lengths = backgrounds.codes, backgrounds.lengths
    n = len(lengths)

    def variants() -> Iterator[np.ndarray]:
        for motif in motifs.values():
            drawn = rng.integers(len(motif.starts), size=n)
            starts = np.minimum(motif.starts[drawn], lengths - len(motif.codes))
            is_turned = motif.strands[drawn] == "-"
            letters = np.tile(motif.codes, (n, 1))
            for form in (letters, rng.permuted(letters, axis=1)):
                turned = np.where(is_turned[:, None], COMPLEMENT[form[:, ::-1]], form)
                yield insert(codes, Letters("", turned), starts)

    own = scores_of(score, [codes], lengths, advance)
    effects = scores_of(score, variants(), lengths, advance) - own  # (2 motifs, n): each with its control
    found = [
        _inserted(name, motif, effects[2 * i : 2 * i + 2], backgrounds.groups, rng)
        for i, (name, motif) in enumerate(motifs.items())
    ]
    adjusted = holm([one.p for one in found])
    return [replace(one, p_adjusted=p) for one, p in zip(found, adjusted, strict=True)]


def _inserted(
    name: str, motif: FoundSites, effects: np.ndarray, groups: np.ndarray, rng: np.random.Generator
) -> InsertedMotif:
    """Summarise (2, n) effects in n backgrounds: those of the motif, and of its control."""
    difference = effects[0] - effects[1]
    means = mean_intervals(np.column_stack([*effects, difference]), groups, rng)
    effect, control, extra = (means.estimate(column) for column in range(3))
    letters, n = to_letters(motif.codes), len(difference)
    return InsertedMotif(name, letters, n, effect, control, extra, signed_ranks_p(difference))


class Arrangement(NamedTuple):
    """Two motifs, each on its strand, and the bases between them."""

    left: Letters
    left_strand: str
    right: Letters
    right_strand: str
    distance: int

    @property
    def width(self) -> int:
        return self.left.codes.shape[1] + self.distance + self.right.codes.shape[1]


def arrangements(
    first: Letters, second: Letters, distances: list[int], one_strand: bool
) -> list[Arrangement]:
    """List the two orders of two motifs, on both strands, at every distance.

    With `one_strand` each is there on one strand only: for a model whose score is that of the reverse complement too.
    """
    forms = {
        (one.name, strand): one if strand == "+" else other_strand(one)
        for one in (first, second)
        for strand in STRANDS
    }
    pairs = [
        (left.name, left_strand, right.name, right_strand)
        for left, right in ((first, second), (second, first))
        for left_strand, right_strand in product(STRANDS, STRANDS)
    ]
    kept: list[tuple[str, str, str, str]] = []
    for left_name, left_strand, right_name, right_strand in pairs:
        turned = (right_name, _other(right_strand), left_name, _other(left_strand))
        pair = (left_name, left_strand, right_name, right_strand)
        if pair not in kept and not (one_strand and turned in kept):
            kept.append(pair)
    return [
        Arrangement(forms[left, one], one, forms[right, two], two, distance)
        for left, one, right, two in kept
        for distance in distances
    ]


def _other(strand: str) -> str:
    return STRANDS[1 - STRANDS.index(strand)]


def pair_effects(
    score: Score,
    backgrounds: Sequences,
    plan: list[Arrangement],
    start: int | None,
    rng: np.random.Generator,
    advance: Advance,
) -> PairEffects:
    """Measure two motifs together and each alone, the left one from `start` on (None: the pair in the middle).

    Raises ConfigError where no background has room for the widest arrangement.
    """
    codes, lengths = backgrounds.codes, backgrounds.lengths
    widest, longest = max(one.width for one in plan) + (start or 0), int(lengths.max())
    if widest > longest:
        what = f"the motifs and the bases between them end at base {widest}, and backgrounds have {longest}"
        raise ConfigError(f"{what}. Use a smaller spacing")
    own = scores_of(score, [codes], lengths, advance)
    places = [_places(one, start, lengths) for one in plan]
    pairs = (
        insert(insert(codes, one.left, at), one.right, right)
        for one, (at, right) in zip(plan, places, strict=True)
    )
    effects = scores_of(score, pairs, lengths, advance) - own  # (m, n)
    sums = _sums_of_singles(score, backgrounds, plan, places, advance) - 2 * own
    fits = np.stack(
        [(at >= 0) & (at + one.width <= lengths) for one, (at, _) in zip(plan, places, strict=True)]
    )
    effects, sums = np.where(fits, effects, np.nan), np.where(fits, sums, np.nan)
    tables = (effects, sums, effects - sums)
    return PairEffects(
        [one.left.name + one.left_strand for one in plan],
        [one.right.name + one.right_strand for one in plan],
        [one.distance for one in plan],
        fits.sum(axis=1).tolist(),
        *(mean_intervals(table.T, backgrounds.groups, rng) for table in tables),
    )


def _places(one: Arrangement, start: int | None, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n,) lengths of backgrounds -> (n,) first bases of the left motif, and of the right one."""
    at = (lengths - one.width) // 2 if start is None else np.full(len(lengths), start)
    return at, at + one.width - one.right.codes.shape[1]


def _sums_of_singles(
    score: Score,
    backgrounds: Sequences,
    plan: list[Arrangement],
    places: list[tuple[np.ndarray, np.ndarray]],
    advance: Advance,
) -> np.ndarray:
    """Score each motif of the arrangements alone at its place, once each -> (m, n) sums of the two scores."""
    keys: list[list[tuple[str, str, bytes]]] = []
    singles: dict[tuple[str, str, bytes], tuple[Letters, np.ndarray]] = {}
    for one, starts in zip(plan, places, strict=True):
        two = [(one.left, one.left_strand, starts[0]), (one.right, one.right_strand, starts[1])]
        keys.append([(motif.name, strand, at.tobytes()) for motif, strand, at in two])
        singles |= {key: (motif, at) for key, (motif, _, at) in zip(keys[-1], two, strict=True)}
    variants = (insert(backgrounds.codes, motif, at) for motif, at in singles.values())
    alone = dict(zip(singles, scores_of(score, variants, backgrounds.lengths, advance), strict=True))
    return np.stack([alone[left] + alone[right] for left, right in keys])
