"""Tests of a profile: by hand, and where there is nothing."""

import numpy as np
import pytest

from dnaseq.encode.alphabet import to_codes
from dnaseq.interpret.motifs.enrichment import (
    Background,
    chance_of_classes,
    chance_of_ranks,
    enrich,
    find_places,
    shuffled_background,
)

EVEN = np.full(4, 0.25)
COUNTS = np.eye(4)[to_codes("TGACTCAT")] * 50


def records(with_word: int, others: int) -> np.ndarray:
    """(n, 20) codes, with the word in the first of them."""
    codes = np.full((with_word + others, 20), 2, dtype=np.uint8)
    codes[:with_word, 6:14] = to_codes("TGACTCAT")
    return codes


def test_fishers_test_by_hand():
    # of 8 records, 4 hold the word, all in one class: 1 of the 70 ways to choose 4 of 8
    found = enrich(COUNTS, records(4, 0), Background(records(0, 4), "negatives"), EVEN)
    assert found[:4] == (4, 4, 0, 4)
    assert found.p == pytest.approx(1 / 70)
    assert found.odds_ratio == pytest.approx(81)
    fewer = enrich(COUNTS, records(0, 4), Background(records(4, 0), "negatives"), EVEN, more=False)
    assert fewer.p == pytest.approx(1 / 70)


def test_a_profile_without_a_match_is_not_enriched():
    found = enrich(COUNTS, records(0, 5), Background(records(0, 5), "negatives"), EVEN)
    assert (found.matched, found.p) == (0, 1)
    assert enrich(COUNTS, records(0, 5)[:0], Background(records(0, 5), "negatives"), EVEN).p == 1


def test_places_have_their_sums_and_ranks():
    codes, values = records(1, 1), np.zeros((2, 20))
    values[0, 6:14] = 1
    places = find_places(COUNTS, values, codes, EVEN)
    assert places.matched.tolist() == [True, False]
    assert places.sums.tolist() == [8, 0]
    assert places.ranks[0] == 1
    assert np.isnan(places.ranks[1])
    assert find_places(COUNTS, -values, codes, EVEN).ranks[0] == 1
    assert find_places(COUNTS, 0 * values, codes, EVEN).ranks[0] == 0.5


def test_ranks_of_chance_have_a_uniform_p_value():
    rng = np.random.default_rng(0)
    chances = np.array([chance_of_ranks(rng.random(12)) for _ in range(4000)])
    assert abs((chances < 0.05).mean() - 0.05) < 0.015
    assert (chances < 0.001).mean() < 0.003
    assert chance_of_ranks(np.array([np.nan])) == 1


def test_attributions_that_do_not_differ_between_the_classes():
    positive = np.arange(20) < 10
    assert chance_of_classes(np.ones(20), positive) == 1
    assert chance_of_classes(positive.astype(float), positive) < 1e-4
    assert chance_of_classes(-positive.astype(float), positive) > 0.99
    assert chance_of_classes(np.arange(3.0), np.ones(3, dtype=bool)) == 1


def test_shuffles_keep_the_bases_of_records():
    codes = np.random.default_rng(0).integers(0, 4, (7, 30)).astype(np.uint8)
    background = shuffled_background(codes, np.random.default_rng(1))
    assert background.against == "shuffled"
    assert len(background.codes) == 7 * 20
    assert (np.sort(background.codes[:20]) == np.sort(codes[0])).all()
