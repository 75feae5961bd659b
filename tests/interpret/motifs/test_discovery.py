"""Motifs of attributions: those that are planted, and none where there is nothing."""

import numpy as np
import pytest
from made_attributions import made

from dnaseq.encode.alphabet import COMPLEMENT, PAD, to_codes, to_letters
from dnaseq.interpret.motifs.discovery import distinct_records, find_motifs

SITES = ("TGACTCAT", "AGATAAGG")


def found(values: np.ndarray, codes: np.ndarray, **classes: np.ndarray) -> list:
    return find_motifs(values, codes, np.random.default_rng(0), **classes).motifs


def words(motifs: list) -> set[str]:
    """The commonest bases of each, on both strands."""
    codes = [motif.counts.argmax(axis=1).astype(np.uint8) for motif in motifs]
    return {to_letters(one) for one in codes} | {to_letters(COMPLEMENT[one][::-1]) for one in codes}


def classes_of(n: int) -> np.ndarray:
    return np.arange(n) % 2 == 0


@pytest.mark.parametrize("share", [1.0, 0.4])
def test_planted_words_are_found_and_nothing_else(share):
    motifs = found(*made(SITES, share=share))
    assert len(motifs) == 2
    assert set(SITES) <= words(motifs)
    assert all(motif.sign == 1 and motif.evidence.q_records < 0.01 for motif in motifs)
    assert [motif.name for motif in motifs] == ["motif_1", "motif_2"]


def test_words_that_argue_against_have_the_other_sign():
    values, codes = made(SITES[:1], n=100)
    (motif,) = found(-values, codes)
    assert motif.sign == -1
    assert motif.contributions.sum() < -4
    assert all(site.score < 0 for site in motif.sites)


@pytest.mark.parametrize("seed", range(6))
def test_attributions_of_chance_give_no_motif(seed):
    """Though the words are in the records, and more often than in shuffles."""
    values, codes = made(SITES, strength=0, seed=seed)
    assert not found(values, codes)
    assert not found(values, codes, positive=classes_of(len(codes)))


@pytest.mark.parametrize("seed", range(3))
def test_a_network_that_answers_to_words_but_not_to_classes_gives_no_motif(seed):
    """As one with random weights, or that was trained on labels in an order of chance."""
    values, codes = made(SITES, seed=seed)
    assert not found(values, codes, positive=np.random.default_rng(seed).random(len(codes)) < 0.5)


def test_a_word_in_one_class_is_enriched_in_it():
    values, codes = made(SITES[:1], n=80)
    others, more = made([], n=80, seed=1)
    positive = np.repeat([True, False], 80)
    (motif,) = found(np.concatenate([values, others]), np.concatenate([codes, more]), positive=positive)
    assert motif.enrichment.matched > 60 > 20 > motif.enrichment.background_matched
    assert motif.enrichment.against == "negatives"
    assert motif.enrichment.p < 1e-9
    (same,) = found(values, codes, negatives=more)
    assert same.enrichment == motif.enrichment


def test_a_word_that_both_classes_have_is_found_by_its_attributions():
    """As in data=planted, where the classes differ in the order of the words alone."""
    values, codes = made(SITES[:1], n=160)
    positive = classes_of(160)
    (motif,) = found(np.where(positive[:, None], values, -values), codes, positive=positive)[:1]
    assert motif.evidence.q_records < 1e-6
    assert motif.enrichment.p > 0.01


def test_sites_and_contributions_are_those_of_the_records():
    values, codes = made(SITES[:1], n=100)
    findings = find_motifs(values, codes, np.random.default_rng(0))
    (motif,) = findings.motifs
    total = np.zeros(motif.counts.shape)
    for record, start, end, strand, name, score in motif.sites:
        letters, weights = codes[record, start:end], values[record, start:end]
        if strand == "-":
            letters, weights = COMPLEMENT[letters][::-1], weights[::-1]
        assert name == "motif_1"
        assert score == pytest.approx(weights.sum(), rel=1e-4)
        total[np.arange(len(letters)), letters] += weights
    np.testing.assert_allclose(motif.contributions, total / len(motif.sites), rtol=1e-4, atol=1e-6)
    assert set(motif.sites) <= set(findings.seqlets)
    assert findings.seqlets == sorted(findings.seqlets)


def test_padding_changes_nothing():
    values, codes = made(SITES[:1], n=100)
    wide = np.full((100, 130), PAD, dtype=np.uint8)
    wide[:, :100] = codes
    more = np.full((100, 130), 50.0)
    more[:, :100] = values
    (motif,), (padded,) = found(values, codes), found(more, wide)
    np.testing.assert_allclose(padded.counts, motif.counts, atol=5)
    assert all(site.end <= 100 for site in padded.sites)


def test_too_few_records_and_records_without_bases_give_no_motif():
    values, codes = made(SITES, n=15)
    assert not found(values, codes)
    assert not found(np.zeros((30, 40)), np.full((30, 40), PAD, dtype=np.uint8))
    assert not found(values[:0], codes[:0])


def test_the_same_seed_gives_the_same_motifs():
    values, codes = made(SITES, n=100)
    first, second = found(values, codes), found(values, codes)
    assert [motif.sites for motif in first] == [motif.sites for motif in second]


def test_all_records_of_one_class_are_compared_with_shuffles():
    values, codes = made(SITES[:1], n=60)
    (motif,) = found(values, codes, positive=np.ones(60, dtype=bool))
    assert motif.enrichment.against == "shuffled"
    assert to_codes(SITES[0]).size == len(motif.counts)


def test_copies_on_either_strand_are_left_out():
    codes = np.full((5, 6), PAD, dtype=np.uint8)
    for row, letters in enumerate(("ACCGT", "ACGGT", "ACCGT", "ACCG", "ACGTAC")):
        codes[row, : len(letters)] = to_codes(letters)
    assert distinct_records(codes).tolist() == [0, 3, 4]
    assert distinct_records(codes[:0]).tolist() == []


def test_neighbours_that_overlap_do_not_confirm_each_other():
    """As windows along a sequence: chance attributions return in all windows that share a stretch."""
    whole, windows = 1000, range(0, 900, 5)
    for seed in range(3):
        values, codes = made([], n=1, length=whole, seed=seed)
        some = [np.stack([table[0, start : start + 100] for start in windows]) for table in (values, codes)]
        assert not found(*some)
