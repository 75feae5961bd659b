"""Comparison of negatives with the regions that they stand against: composition alone should not tell them apart."""

from collections.abc import Iterator

import numpy as np
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dnaseq.audit_record import NegativesFacts, TraitFacts, Verdict
from dnaseq.encode.counting import joined
from dnaseq.evaluation.baselines.features import gc_and_length, kmer_frequencies
from dnaseq.evaluation.baselines.fitting import Examples, select_rows, stretches
from dnaseq.evaluation.comparison.phrasing import interval_text
from dnaseq.evaluation.intervals.delong import delong
from dnaseq.schemas import Estimate

KMERS = (1, 2, 3)
SHUFFLED = "shuffled"
_FEWEST = 10  # records of each kind, below which nothing is fitted
_LETTERS_AT_ONCE = 1_000_000
_C = 0.1  # inverse strength of the L2 penalty, on scaled frequencies
_NEAR = 0.05  # of an area of 0.5: what a trait may reach and still count as matched
_WORDS = {
    "gc": "GC content",
    "soft_masked": "the soft-masked share",
    "unknown": "the share of N",
    "length": "the length",
}


def compare_negatives(examples: Examples, soft_masked: np.ndarray, kind: str) -> NegativesFacts | None:
    """Compare records of label 1, regions, with those of label 0, negatives of a kind; None with too few of either.

    (n,) `soft_masked` shares. Areas under the ROC curve are those of one trait alone, above 0.5 where regions have
    more of it. For k-mers they are of a logistic regression that is fitted on one half of the records and scored on
    the other, in turn. Intervals are DeLong's.
    """
    is_region = examples.labels == 1
    counts = int(is_region.sum()), int((~is_region).sum())
    if min(counts) < _FEWEST:
        return None
    gc, length = gc_and_length(examples).T
    traits = {"gc": gc, "soft_masked": soft_masked, "unknown": _unknown(examples), "length": length}
    facts = {
        name: TraitFacts(_area(is_region, values), *_means(is_region, values))
        for name, values in traits.items()
    }
    for k in KMERS:
        facts[f"{k}-mers"] = TraitFacts(_area(is_region, _fitted_scores(examples, k)))
    return NegativesFacts(kind=kind, regions=counts[0], negatives=counts[1], traits=facts)


def negatives_verdicts(facts: NegativesFacts | None) -> Iterator[Verdict]:
    """Warn of negatives that are no sequences of a genome, and of a trait that alone tells them apart."""
    if facts is None:
        return
    if facts.kind == SHUFFLED:
        words = "the negatives are shuffled sequences, which no genome has: a model can tell them by what makes DNA"
        words += " natural, so scores on them say little about regions in a genome. Compare negatives=matched"
        yield Verdict("negatives_kind", "warning", words)
    for name, what in _WORDS.items():
        area = facts.traits[name].auroc
        text = f"{what} alone tells regions from negatives with an AUROC of {interval_text(area).replace(',', ', ')}"
        is_off = area.known is not None and (area.known[1] > 0.5 + _NEAR or area.known[2] < 0.5 - _NEAR)
        fix = "" if facts.kind == "matched" else ": negatives=matched are alike in it"
        yield Verdict(f"negatives_{name}", "warning" if is_off else "ok", text + fix * is_off)
    best = max((facts.traits[f"{k}-mers"].auroc for k in KMERS), key=lambda area: area.value or 0)
    reach = f"counts of 1- to 3-mers tell regions from negatives with an AUROC of up to {interval_text(best)}"
    is_far = best.low is not None and best.low > 0.5 + _NEAR
    yield Verdict("negatives_kmers", "note" if is_far else "ok", reach.replace(",", ", "))


def _means(is_region: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    return round(float(values[is_region].mean()), 4), round(float(values[~is_region].mean()), 4)


def _area(is_region: np.ndarray, values: np.ndarray) -> Estimate:
    areas, covariance = delong(is_region, values)
    half = float(norm.ppf(0.975) * np.sqrt(max(covariance[0, 0], 0)))
    area = float(areas[0])
    low, high = np.clip([area - half, area + half], 0, 1).round(4).tolist()
    return Estimate(round(area, 4), low, high)


def _unknown(examples: Examples) -> np.ndarray:
    """(n,) share of letters that are not one base."""
    found = np.zeros(len(examples.lengths))
    for some in stretches(examples.lengths, _LETTERS_AT_ONCE):
        lengths = examples.lengths[some]
        total = np.concatenate([[0], np.cumsum(joined(examples.codes, examples.starts[some], lengths) >= 4)])
        ends = np.cumsum(lengths)
        found[some] = (total[ends] - total[ends - lengths]) / np.maximum(lengths, 1)
    return found


def _fitted_scores(examples: Examples, k: int) -> np.ndarray:
    """(n,) log odds of each record by a model of the records of the other half; neighbours are in different halves."""
    halves = np.arange(len(examples.labels)) // 2 % 2
    scores = np.zeros(len(halves))
    for half in (0, 1):
        fitted, scored = np.flatnonzero(halves != half), np.flatnonzero(halves == half)
        model = make_pipeline(StandardScaler(), LogisticRegression(C=_C, max_iter=1000))
        known = select_rows(examples, fitted)
        model.fit(kmer_frequencies(known, k).toarray(), known.labels)
        scores[scored] = model.decision_function(kmer_frequencies(select_rows(examples, scored), k).toarray())
    return scores
