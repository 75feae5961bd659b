"""Scores of places: both strands, letters that are not one base, and how often chance matches."""

import numpy as np
import pytest

from dnaseq.encode.alphabet import COMPLEMENT, to_codes
from dnaseq.interpret.motifs.scanning import (
    base_shares,
    best_places,
    cut_off,
    information,
    reverse_complement,
    scan,
    weights,
)

EVEN = np.full(4, 0.25)


def matrix_of(word: str, sites: int = 50) -> np.ndarray:
    return weights(np.eye(4)[to_codes(word)] * sites, EVEN)


def test_a_word_is_found_on_both_strands():
    word = to_codes("GATTACA")
    codes = np.zeros((2, 30), dtype=np.uint8)
    codes[0, 11:18], codes[1, 3:10] = word, COMPLEMENT[word][::-1]
    best = best_places(matrix_of("GATTACA"), codes)
    assert best.starts.tolist() == [11, 3]
    assert best.reverse.tolist() == [False, True]


def test_scores_are_sums_of_weights():
    rng = np.random.default_rng(1)
    matrix, codes = rng.normal(size=(5, 4)), rng.integers(0, 4, (3, 12)).astype(np.uint8)
    forward, other = scan(matrix, codes)
    expected = [[sum(matrix[j, row[i + j]] for j in range(5)) for i in range(8)] for row in codes]
    np.testing.assert_allclose(forward, expected, atol=1e-5)
    turned = COMPLEMENT[codes][:, ::-1]
    np.testing.assert_allclose(other, scan(matrix, turned)[0][:, ::-1], atol=1e-5)


def test_a_place_with_n_or_padding_never_matches():
    codes = to_codes("GATTACA")[None].copy()
    matrix = matrix_of("GATTACA")
    assert best_places(matrix, codes).scores[0] >= cut_off(matrix, EVEN)
    for letter in (4, 5, 6):
        codes[0, 3] = letter
        assert best_places(matrix, codes).scores[0] < cut_off(matrix, EVEN)


@pytest.mark.parametrize("rate", [1e-2, 1e-3])
def test_as_many_random_places_match_as_the_rate_says(rate):
    rng = np.random.default_rng(2)
    shares = np.array([0.3, 0.2, 0.2, 0.3])
    matrix = weights(rng.integers(1, 30, (8, 4)).astype(float), shares)
    codes = rng.choice(4, p=shares, size=(200, 1000)).astype(np.uint8)
    found = (scan(matrix, codes)[0] >= cut_off(matrix, shares, rate)).mean()
    assert rate / 2 < found < 1.3 * rate


def test_the_best_word_matches_even_where_it_is_not_rare():
    matrix = matrix_of("ACGT")
    assert best_places(matrix, to_codes("TTACGTTT")[None]).scores[0] >= cut_off(matrix, EVEN)
    assert best_places(matrix, to_codes("TTACCTTT")[None]).scores[0] < cut_off(matrix, EVEN)


def test_a_record_shorter_than_the_motif_has_no_match():
    assert best_places(matrix_of("GATTACA"), to_codes("GATT")[None]).scores[0] < -1000


def test_shares_are_those_of_both_strands():
    np.testing.assert_allclose(base_shares(np.zeros((1, 10**6), dtype=np.uint8)), [0.5, 0, 0, 0.5], atol=1e-5)


def test_information_of_one_base_is_two_bits_and_of_the_background_none():
    bits = information(np.array([[1e6, 0, 0, 0], [1, 1, 1, 1]]), EVEN)
    np.testing.assert_allclose(bits, [2, 0], atol=1e-4)


def test_the_other_strand_twice_is_the_first():
    matrix = np.random.default_rng(3).normal(size=(6, 4))
    assert (reverse_complement(reverse_complement(matrix)) == matrix).all()
