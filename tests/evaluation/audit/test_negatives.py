"""How like negatives are to regions, and what is said of it."""

import numpy as np
import pytest
from msgspec.structs import replace
from sklearn.metrics import roc_auc_score

from dnaseq.evaluation.audit.negatives import compare_negatives, negatives_verdicts
from dnaseq.evaluation.baselines.fitting import Examples

N_RECORDS, LENGTH = 400, 60


def examples(gc_of_regions: float, seed: int = 1, motif: bool = False) -> Examples:
    """Regions and negatives in turn, negatives with half G and C; with `motif` regions have more of CG in a row."""
    rng = np.random.default_rng(seed)
    labels = np.arange(N_RECORDS) % 2
    is_gc = rng.random((N_RECORDS, LENGTH)) < np.where(labels, gc_of_regions, 0.5)[:, None]
    codes = np.where(is_gc, rng.integers(1, 3, is_gc.shape), 3 * rng.integers(0, 2, is_gc.shape))
    if motif:
        rows = np.flatnonzero(labels)
        codes[rows, :30] = np.sort(codes[rows, :30], axis=1)
    starts = np.arange(N_RECORDS) * LENGTH
    return Examples(codes.astype(np.uint8).ravel(), starts, np.full(N_RECORDS, LENGTH), labels)


def masked(seed: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).random(N_RECORDS)


def checks(facts) -> dict[str, str]:
    return {one.check: one.verdict for one in negatives_verdicts(facts)}


def test_areas_are_those_of_scikit_learn_and_means_are_of_each_kind():
    records, share = examples(0.6), masked()
    facts = compare_negatives(records, share, "random")
    area = facts.traits["soft_masked"]
    assert area.auroc.value == pytest.approx(roc_auc_score(records.labels, share), abs=1e-4)
    assert area.auroc.low < area.auroc.value < area.auroc.high
    assert (area.regions, area.negatives) == tuple(
        pytest.approx(share[i::2].mean(), abs=1e-4) for i in (1, 0)
    )
    assert (facts.kind, facts.regions, facts.negatives) == ("random", 200, 200)


def test_a_trait_that_differs_is_a_warning_and_one_that_does_not_is_none():
    found = checks(compare_negatives(examples(0.6), masked(), "random"))
    assert found["negatives_gc"] == "warning"
    assert found["negatives_soft_masked"] == found["negatives_length"] == found["negatives_unknown"] == "ok"
    assert found["negatives_kmers"] == "note"
    assert set(checks(compare_negatives(examples(0.5), masked(), "matched")).values()) == {"ok"}


def test_a_trait_that_negatives_have_more_of_is_a_warning_too():
    assert checks(compare_negatives(examples(0.4), masked(), "random"))["negatives_gc"] == "warning"


def test_order_that_composition_does_not_show_is_seen_by_longer_kmers():
    traits = compare_negatives(examples(0.5, motif=True), masked(), "matched").traits
    assert traits["2-mers"].auroc.low > 0.6 > traits["1-mers"].auroc.low


def test_shuffled_negatives_are_a_warning():
    facts = compare_negatives(examples(0.5), masked(), "shuffled")
    found = {one.check: (one.verdict, one.words) for one in negatives_verdicts(facts)}
    assert found["negatives_kind"][0] == "warning"
    assert "no genome has" in found["negatives_kind"][1]
    assert "negatives_kind" not in checks(replace(facts, kind="matched"))


def test_too_few_records_are_not_compared():
    few = examples(0.5)
    few = few._replace(starts=few.starts[:18], lengths=few.lengths[:18], labels=few.labels[:18])
    assert compare_negatives(few, masked()[:18], "matched") is None
    assert list(negatives_verdicts(None)) == []
