"""Ablation: what the score of a record loses when the sites of a motif are scrambled in place, beside control
stretches of the same length elsewhere in the record."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from dnaseq.encode.alphabet import BASES
from dnaseq.evaluation.intervals.means import mean_intervals
from dnaseq.evaluation.intervals.paired import holm, signed_ranks_p
from dnaseq.interpret.experiments.sequences import Advance, Score, pad_sequences
from dnaseq.schemas import AblatedMotif

RECORDS_AT_ONCE = 64
MEANING = (
    "loss: mean over records of the logit less that of the record with all sites of the motif scrambled. change: the "
    "size of this loss, whether the logit falls or rises. control: the same of as many stretches that touch no site. "
    "difference: change less control_change; above 0 where the model uses the motif. p: that it is 0."
)
_MOST_DRAWS = 20  # of an order that differs from the one that is there
Stretch = tuple[int, int]  # first base, 0-based, and the base after the last


class Ablation(NamedTuple):
    """A record whose sites of one motif were scrambled."""

    id: str
    motif: str
    sites: int
    score: float  # of the record as it is
    loss: float  # score less the mean score of the scrambled record
    control_loss: float  # the same of control stretches; NaN where the record has no room for them


def ablate(
    score: Score,
    records: Iterable[tuple[str, np.ndarray]],
    sites: Mapping[str, Mapping[str, Sequence[Stretch]]],
    scrambles: int,
    rng: np.random.Generator,
    advance: Advance,
) -> Iterator[Ablation]:
    """Yield a row for each motif of every record, id and (L,) codes, that has `sites`: id -> motif -> stretches.

    All sites of a motif in a record are scrambled at once, `scrambles` times; each time as many control stretches,
    which touch no site of any motif, are scrambled in the record as it is.
    """
    with_sites = (record for record in records if record[0] in sites)
    while some := list(islice(with_sites, RECORDS_AT_ONCE)):
        rows: list[np.ndarray] = []
        shapes: list[tuple[str, str, int, bool]] = []
        for name, codes in some:
            taken = [stretch for stretches in sites[name].values() for stretch in stretches]
            rows.append(codes)
            for motif, stretches in sites[name].items():
                rows += [scramble(codes, stretches, rng) for _ in range(scrambles)]
                controls = [control_stretches(codes, stretches, taken, rng) for _ in range(scrambles)]
                drawn = [scramble(codes, control, rng) for control in controls if control]
                has_control = len(drawn) == scrambles
                rows += drawn if has_control else []
                shapes.append((name, motif, len(stretches), has_control))
        scores = _scores(score, rows)
        yield from _rows(scores, shapes, scrambles)
        advance(len(some))


def _scores(score: Score, rows: list[np.ndarray]) -> np.ndarray:
    padded = pad_sequences([""] * len(rows), rows)
    return score(padded.codes, padded.lengths)


def _rows(scores: np.ndarray, shapes: list[tuple[str, str, int, bool]], scrambles: int) -> Iterator[Ablation]:
    """Take the scores of records apart: first a record as it is, then its changed forms, motif by motif."""
    at, before, own = 0, None, np.nan
    for name, motif, sites, has_control in shapes:
        if name != before:
            own, at, before = float(scores[at]), at + 1, name
        loss = own - float(scores[at : at + scrambles].mean())
        at += scrambles
        control = np.nan
        if has_control:
            control = own - float(scores[at : at + scrambles].mean())
            at += scrambles
        yield Ablation(name, motif, sites, own, loss, control)


def scramble(codes: np.ndarray, stretches: Sequence[Stretch], rng: np.random.Generator) -> np.ndarray:
    """(L,) codes -> a copy with the bases of each stretch in another order; other letters stay in place.

    A stretch of one base alone, which has no other order, gets bases drawn from the whole record.
    """
    changed = codes.copy()
    for start, end in stretches:
        at = start + np.flatnonzero(codes[start:end] < len(BASES))
        own = codes[at]
        alike = not len(own) or (own == own[0]).all()
        source = codes[codes < len(BASES)] if alike else own
        for _ in range(_MOST_DRAWS):
            changed[at] = rng.choice(source, len(own)) if alike else rng.permutation(own)
            if (changed[at] != own).any():
                break
    return changed


def control_stretches(
    codes: np.ndarray, stretches: Sequence[Stretch], taken: Sequence[Stretch], rng: np.random.Generator
) -> list[Stretch]:
    """Draw a stretch of each length that touches none of the taken ones nor another control, and has bases only; none
    at all where there is no room for them."""
    is_free = codes < len(BASES)
    for start, end in taken:
        is_free[start:end] = False
    found = []
    for start, end in sorted(stretches, key=lambda one: one[0] - one[1]):  # the longest first
        width = end - start
        free = np.concatenate([[0], np.cumsum(is_free)])
        starts = np.flatnonzero(free[width:] - free[:-width] == width)
        if not len(starts):
            return []
        at = int(rng.choice(starts))
        is_free[at : at + width] = False
        found.append((at, at + width))
    return found


def summarise(rows: Sequence[Ablation], rng: np.random.Generator) -> list[AblatedMotif]:
    """Summarise the records of each motif, in order of appearance: means with intervals, and a paired test of the
    change and that of the control (Wilcoxon's signed ranks), with p-values adjusted for the number of motifs (Holm)."""
    names = list(dict.fromkeys(row.motif for row in rows))
    found = [_summary(name, [row for row in rows if row.motif == name], rng) for name in names]
    adjusted = holm([one.p for one in found])
    return [replace(one, p_adjusted=p) for one, p in zip(found, adjusted, strict=True)]


def _summary(motif: str, rows: Sequence[Ablation], rng: np.random.Generator) -> AblatedMotif:
    loss, control = np.array([(row.loss, row.control_loss) for row in rows]).T
    table = np.column_stack([loss, control, abs(loss), abs(control), abs(loss) - abs(control)])
    means = mean_intervals(table, np.arange(len(rows)), rng)
    fields = ("loss", "control_loss", "change", "control_change", "difference")
    estimates = {name: means.estimate(column) for column, name in enumerate(fields)}
    sites, p = sum(row.sites for row in rows), signed_ranks_p(table[:, -1])
    return AblatedMotif(motif, len(rows), sites, p=p, p_adjusted=None, **estimates)
