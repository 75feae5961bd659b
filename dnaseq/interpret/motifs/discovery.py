"""Motifs from attributions: words that the network reads, found in half of the records and tested in the other half."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy.stats import false_discovery_control

from dnaseq.encode.alphabet import COMPLEMENT, PAD
from dnaseq.interpret.motifs.clustering import (
    FEWEST,
    Sites,
    assign_sites,
    find_profiles,
    merge_profiles,
    trimmed,
)
from dnaseq.interpret.motifs.enrichment import (
    CLASSES,
    Background,
    Enrichment,
    chance_of_classes,
    chance_of_ranks,
    enrich,
    find_places,
    shuffled_background,
)
from dnaseq.interpret.motifs.scanning import base_shares
from dnaseq.interpret.motifs.seqlets import Stretches, find_stretches

FEWEST_RECORDS = 20  # below, the halves are too small to say anything
MOST_BASES = 1_000_000  # of the records that are searched, to bound time and memory
SEARCH_RATE = (
    1e-2  # of stretches in which profiles are sought: ten times RATE, as every profile is tested elsewhere
)
LEVEL = 0.01  # false discovery rate of the motifs


class Seqlet(NamedTuple):
    """A stretch of a record that argues for or against the class."""

    record: int  # position of the record
    start: int  # first base, from 0
    end: int  # base after the last
    strand: str  # "+" or "-", that of the motif; "." without one
    motif: str  # "" without one
    score: float  # attributions of its bases, summed


class Evidence(NamedTuple):
    """Tests of a motif in the half of the records in which it was not sought; q-values are over all candidates."""

    p_attributions: (
        float  # that its places have no larger attributions, of either sign, than others of the records
    )
    q_attributions: float
    p_records: (
        float  # that the records of the class have no more of it: attributions, or else records that match
    )
    q_records: float


class Motif(NamedTuple):
    """A word that the network reads, in the direction that more of its sites have."""

    name: str  # motif_1, motif_2, ... by the attributions of their sites, summed
    sign: int  # 1 where it argues for the class, -1 against
    counts: np.ndarray  # (w, 4) sites with each base
    contributions: (
        np.ndarray
    )  # (w, 4) mean over the sites of the attribution of each base, 0 where a site has another
    sites: list[Seqlet]
    evidence: Evidence
    enrichment: Enrichment  # in all records


class Findings(NamedTuple):
    """The motifs of some records, and all their stretches: those of motifs and others."""

    motifs: list[Motif]
    seqlets: list[Seqlet]
    shares: np.ndarray  # (4,) of the bases in the records


class _Candidate(NamedTuple):
    sign: int
    counts: np.ndarray  # (w, 4)
    p_attributions: float
    p_records: float


class _Records(NamedTuple):
    values: np.ndarray  # (n, L)
    codes: np.ndarray  # (n, L)
    positive: np.ndarray | None  # (n,) bool
    background: Background | None  # None where `positive` says which records are of the class
    shares: np.ndarray  # (4,)

    def take(self, rows: np.ndarray) -> "_Records":
        positive = None if self.positive is None else self.positive[rows]
        return self._replace(values=self.values[rows], codes=self.codes[rows], positive=positive)


def find_motifs(
    values: np.ndarray,
    codes: np.ndarray,
    rng: np.random.Generator,
    positive: np.ndarray | None = None,
    negatives: np.ndarray | None = None,
) -> Findings:
    """Find motifs in the (n, L) attributions of (n, L) codes, of which padding is left out.

    Stretches with high attributions are sought by sign, and profiles in those of one half of the records. A profile is
    kept if in the other half its places carry larger attributions than other places do, of either sign (a word may
    argue for the class or against it by what stands beside it), and if in addition
    - its attributions are higher in the records of the class, `positive` (n,) bool, where both classes are there;
    - without these, it is in more records than in `negatives` (m, L), codes of another class, or than in shuffles.
    All this by false discovery rates over the candidates of LEVEL. So attributions of chance give no motif, nor do
    those of a network that has learnt nothing of the classes.
    """
    if positive is not None and (positive.all() or not positive.any()):
        positive = None
    background = Background(negatives, CLASSES) if positive is None and negatives is not None else None
    records = _Records(values, codes, positive, background, base_shares(codes))
    motifs: list[Motif] = []
    if len(codes) >= FEWEST_RECORDS:
        searched = {sign: find_stretches(sign * values, codes, rng, SEARCH_RATE) for sign in (1, -1)}
        motifs = _motifs(records, searched, rng)
    seqlets = [seqlet for motif in motifs for seqlet in motif.sites]
    for sign in (1, -1):
        seqlets += _unnamed(find_stretches(sign * values, codes, rng), sign, seqlets)
    return Findings(motifs, sorted(seqlets), records.shares)


def choose_searched(n: int, length: int, rng: np.random.Generator) -> np.ndarray:
    """Choose the rows of n records of `length` bases that are searched: all, or some by chance that have MOST_BASES."""
    return np.sort(rng.permutation(n)[: max(MOST_BASES // max(length, 1), FEWEST_RECORDS)])


def distinct_records(codes: np.ndarray) -> np.ndarray:
    """Return the rows of (n, L) codes without those that are copies of an earlier one, on either strand: a copy would
    confirm what was found in its twin."""
    lengths = (codes != PAD).sum(axis=1)
    places = lengths[:, None] - 1 - np.arange(codes.shape[1])  # of the other strand
    turned = COMPLEMENT[np.take_along_axis(codes, places.clip(0), axis=1)]
    others = np.where(places >= 0, turned, PAD).astype(np.uint8)
    first: dict[bytes, int] = {}
    for row, (one, other) in enumerate(zip(codes, others, strict=True)):
        first.setdefault(min(one.tobytes(), other.tobytes()), row)
    return np.array(list(first.values()), dtype=np.int64)


def _halves(records: _Records) -> np.ndarray:
    """(n,) bool: the first half of the records of each class, so that neighbours, which may overlap, stay together."""
    classes = np.zeros(len(records.codes), dtype=bool) if records.positive is None else records.positive
    first = np.zeros(len(classes), dtype=bool)
    for one in (True, False):
        rows = np.flatnonzero(classes == one)
        first[rows[: len(rows) // 2]] = True
    return first


def _motifs(records: _Records, stretches: dict[int, Stretches], rng: np.random.Generator) -> list[Motif]:
    half = _halves(records)
    found = [
        (sign, tested_in, counts)
        for sign, own in stretches.items()
        for tested_in in (half, ~half)
        for counts in find_profiles(records.codes, _in_records(own, ~tested_in), records.shares)
    ]
    if not found:
        return []
    if records.positive is None and records.background is None:
        records = records._replace(background=shuffled_background(records.codes, rng))
    candidates = [_tested(records, *one) for one in found]
    q_attributions = false_discovery_control([one.p_attributions for one in candidates])
    q_records = false_discovery_control([one.p_records for one in candidates])
    evidence = [
        Evidence(one.p_attributions, float(q), one.p_records, float(r))
        for one, q, r in zip(candidates, q_attributions, q_records, strict=True)
    ]
    motifs: list[Motif] = []
    for sign in stretches:
        kept = [
            (candidate.counts, told)
            for candidate, told in zip(candidates, evidence, strict=True)
            if candidate.sign == sign and max(told.q_attributions, told.q_records) <= LEVEL
        ]
        kept.sort(key=lambda one: one[1].p_attributions)
        merged = merge_profiles([counts for counts, _ in kept])
        told = [kept[first][1] for first, _ in merged]
        motifs += _described([counts for _, counts in merged], told, records, stretches[sign], sign)
    motifs.sort(key=lambda motif: -abs(sum(site.score for site in motif.sites)))
    return [_named(motif, f"motif_{i}") for i, motif in enumerate(motifs, start=1)]


def _in_records(stretches: Stretches, chosen: np.ndarray) -> Stretches:
    """Take the stretches in records that are chosen, (n,) bool."""
    inside = chosen[stretches.records]
    return Stretches(*(part[inside] for part in stretches))


def _tested(records: _Records, sign: int, half: np.ndarray, counts: np.ndarray) -> _Candidate:
    """Test a profile in one half of the records, (n,) bool, the one in which it was not sought."""
    others = records.take(np.flatnonzero(half))
    places = find_places(counts, others.values, others.codes, records.shares)
    if others.positive is not None:
        p_records = chance_of_classes(places.sums, others.positive)
    else:
        p_records = _enrichment(counts, others.codes, others, sign).p
    return _Candidate(sign, counts, chance_of_ranks(places.ranks), p_records)


def _enrichment(counts: np.ndarray, codes: np.ndarray, records: _Records, sign: int) -> Enrichment:
    """Compare records of the class with others: a motif that argues against it is less frequent in it."""
    background = _background(records)
    return enrich(counts, codes, background, records.shares, sign > 0 or background.against != CLASSES)


def _background(records: _Records) -> Background:
    if records.background is not None:
        return records.background
    assert records.positive is not None
    return Background(records.codes[~records.positive], CLASSES)


def _described(
    profiles: list[np.ndarray], evidence: list[Evidence], records: _Records, stretches: Stretches, sign: int
) -> Iterator[Motif]:
    """Yield motifs with the sites of their profiles, those that have enough."""
    ours = records.codes if records.positive is None else records.codes[records.positive]
    for told, sites in zip(
        evidence, assign_sites(profiles, records.codes, stretches, records.shares), strict=True
    ):
        sites = sites.chosen(sign * sites.take(records.values, 0.0).sum(axis=1) > 0)
        fitted = trimmed(sites, records.codes, records.shares) if len(sites.records) >= FEWEST else None
        if fitted is None:
            continue
        if fitted.reverse.mean() > 0.5:
            fitted = fitted._replace(reverse=~fitted.reverse)
        counts = fitted.counts(records.codes)
        values = fitted.take(records.values, 0.0)
        weighed = (fitted.onehot(records.codes) * values[:, :, None]).mean(axis=0)
        enrichment = _enrichment(counts, ours, records, sign)
        found = _seqlets(fitted, values.sum(axis=1), records.codes)
        yield Motif("", sign, counts, weighed, found, told, enrichment)


def _seqlets(sites: Sites, scores: np.ndarray, codes: np.ndarray) -> list[Seqlet]:
    """List sites, without what is beyond the ends of a record."""
    lengths = codes.shape[1] - (codes[:, ::-1] != PAD).argmax(axis=1)
    ends = np.minimum(sites.starts + sites.width, lengths[sites.records])
    rows = zip(sites.records, sites.starts.clip(0), ends, sites.reverse, scores, strict=True)
    return [Seqlet(int(r), int(a), int(b), "-" if back else "+", "", float(s)) for r, a, b, back, s in rows]


def _named(motif: Motif, name: str) -> Motif:
    return motif._replace(name=name, sites=sorted(site._replace(motif=name) for site in motif.sites))


def _unnamed(stretches: Stretches, sign: int, named: list[Seqlet]) -> Iterator[Seqlet]:
    """Yield the stretches that no site touches."""
    taken: dict[int, list[Seqlet]] = {}
    for one in named:
        taken.setdefault(one.record, []).append(one)
    for record, start, end, score in zip(*(part.tolist() for part in stretches), strict=True):
        if not any(one.start < end and start < one.end for one in taken.get(record, [])):
            yield Seqlet(record, start, end, ".", "", sign * score)
