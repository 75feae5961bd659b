"""What linear models say about where sites are."""

import pytest

from dnaseq.evaluation.baselines.arrangement import find_arrangement

NAMES = ("kmer_logistic", "kmer_canonical_logistic", "position_logistic", "kmer_position_logistic")

CHANCE = 0.6931


@pytest.mark.parametrize(
    ("losses", "words"),
    [
        ((0.41, 0.38, 0.58, 0.40), "sites anywhere, on either strand"),
        ((0.40, 0.44, 0.69, 0.40), "sites anywhere, on the strand that is given"),
        ((0.54, 0.55, 0.31, 0.30), "sites at fixed positions, on the strand that is given"),
        ((0.20, 0.23, 0.27, 0.15), "sites anywhere and at fixed positions, on the strand that is given"),
    ],
)
def test_the_best_description_decides(losses, words):
    assert find_arrangement(dict(zip(NAMES, losses, strict=True)), CHANCE).in_words() == words


def test_records_of_a_strand_or_of_several_lengths_have_fewer_models():
    assert (
        find_arrangement({"kmer_logistic": 0.4}, CHANCE).in_words()
        == "sites anywhere, on the strand that is given"
    )
    assert find_arrangement({"kmer_logistic": 0.4, "kmer_canonical_logistic": 0.3}, CHANCE).either_strand


@pytest.mark.parametrize("loss", [None, CHANCE, 0.69])
def test_where_no_model_says_anything_sites_may_be_anywhere(loss):
    assert find_arrangement(dict.fromkeys(NAMES, loss), CHANCE) == (True, False, True)
    assert find_arrangement({"kmer_logistic": loss}, CHANCE) == (True, False, False)
