"""Insertion of motifs, with scores that are known."""

import re

import numpy as np
import pytest

from dnaseq.encode.alphabet import to_codes, to_letters
from dnaseq.errors import ConfigError
from dnaseq.interpret.experiments.insertion import (
    FoundSites,
    arrangements,
    draw_letters,
    insert,
    insert_at_sites,
    other_strand,
    pair_effects,
    place_effects,
)
from dnaseq.interpret.experiments.sequences import pad_sequences

FIRST, SECOND = to_codes("TGACTCAA"), to_codes("GGCCGGTC")


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def quiet(_: int) -> None:
    """Nobody is told."""


def score_of(pattern: str, worth: float = 2.0):
    """A score of `worth` for every match of a pattern in the real part of a sequence."""

    def score(codes, lengths):
        texts = [to_letters(row[:n]) for row, n in zip(codes, lengths, strict=True)]
        return np.array([worth * len(re.findall(pattern, text)) for text in texts])

    return score


@pytest.fixture
def backgrounds():
    return pad_sequences(list("abcdefgh"), list(rng().integers(4, size=(8, 60), dtype=np.uint8)))


def test_a_motif_has_its_worth_at_the_strand_that_counts(backgrounds):
    motif = draw_letters(FIRST, 8, rng())
    found = place_effects(score_of("TGACTCAA"), backgrounds, motif, [0, 20, 52], rng(), quiet)
    assert found.strands == ["+"] * 4 + ["-"] * 4
    assert found.starts == [None, 0, 20, 52] * 2
    np.testing.assert_allclose(found.effects.value, [2] * 4 + [0] * 4)
    np.testing.assert_allclose(found.effects.low[:4], 2)
    assert found.counts == [8] * 8


def test_a_short_background_is_left_out_where_a_motif_has_no_room():
    mixed = pad_sequences(["long", "short"], [np.zeros(60, np.uint8), np.zeros(30, np.uint8)])
    motif = draw_letters(FIRST, 2, rng())
    found = place_effects(score_of("TGACTCAA"), mixed, motif, [0, 22, 23, 53], rng(), quiet)
    assert found.counts[:5] == [2, 2, 2, 1, 0]
    np.testing.assert_allclose(found.effects.value[:4], 2)
    assert np.isnan(found.effects.value[4])


def test_insertion_replaces_bases_and_nothing_else(backgrounds):
    motif = draw_letters(to_codes("TGANTCA"), 8, rng())
    changed = insert(backgrounds.codes, motif, np.arange(8))
    for i, (before, after) in enumerate(zip(backgrounds.codes, changed, strict=True)):
        assert to_letters(after[i : i + 3]) == "TGA"
        assert to_letters(after[i + 4 : i + 7]) == "TCA"
        outside = np.r_[0:i, i + 3, i + 7 : 60]  # N keeps the base of the background
        np.testing.assert_array_equal(before[outside], after[outside])


def test_letters_that_are_several_bases_are_drawn_for_each_background():
    drawn = draw_letters(to_codes("ARYNT"), 200, rng()).codes
    assert set(drawn[:, 0]) == {0}
    assert set(drawn[:, 1]) == {0, 2}
    assert set(drawn[:, 2]) == {1, 3}
    assert set(drawn[:, 3]) == {4}
    turned = other_strand(draw_letters(to_codes("AAC"), 1, rng()))
    assert to_letters(turned.codes[0]) == "GTT"


def test_what_a_pair_adds_shows_its_order_strands_and_distance(backgrounds):
    def score(codes, lengths):  # 3 for the pair at a distance of 5, 1 for each motif
        pair, first, second = (
            score_of("TGACTCAA.{5}GGCCGGTC", 3),
            score_of("TGACTCAA", 1),
            score_of("GGCCGGTC", 1),
        )
        return pair(codes, lengths) + first(codes, lengths) + second(codes, lengths)

    plan = arrangements(draw_letters(FIRST, 8, rng()), draw_letters(SECOND, 8, rng()), [4, 5, 6], False)
    found = pair_effects(score, backgrounds, plan, None, rng(), quiet)
    assert len(found.left) == 8 * 3
    for i, (left, right, distance) in enumerate(zip(found.left, found.right, found.distances, strict=True)):
        ideal = (left, right, distance) == ("TGACTCAA+", "GGCCGGTC+", 5)
        assert found.extra.value[i] == pytest.approx(3 if ideal else 0)
        forward = sum(name in ("TGACTCAA+", "GGCCGGTC+") for name in (left, right))
        assert found.alone.value[i] == pytest.approx(forward)
        assert found.effects.value[i] == pytest.approx(forward + 3 * ideal)


def test_one_strand_leaves_out_reverse_complements():
    motifs = draw_letters(FIRST, 2, rng()), draw_letters(SECOND, 2, rng())
    both, one = (arrangements(*motifs, [5], one_strand) for one_strand in (False, True))
    assert (len(both), len(one)) == (8, 4)
    texts = {to_letters(np.concatenate([a.left.codes[0], [4], a.right.codes[0]])) for a in one}
    assert len(texts) == 4


def test_a_pair_begins_where_it_is_told(backgrounds):
    plan = arrangements(draw_letters(FIRST, 8, rng()), draw_letters(SECOND, 8, rng()), [5], False)
    at_ten = score_of("^.{10}TGACTCAA")
    assert pair_effects(at_ten, backgrounds, plan, 10, rng(), quiet).effects.value[0] == pytest.approx(2)
    with pytest.raises(ConfigError, match="end at base 71, and backgrounds have 60"):
        pair_effects(at_ten, backgrounds, plan, 50, rng(), quiet)


def test_a_motif_goes_where_its_sites_were_and_on_their_strand(backgrounds):
    """The score counts the motif at base 20 of the + strand, and its reverse complement at base 40."""

    def score(codes, lengths):
        texts = [to_letters(row) for row in codes]
        return np.array([(t[20:28] == "TGACTCAA") + 10.0 * (t[40:48] == "TTGAGTCA") for t in texts])

    plus = FoundSites(FIRST, np.array([20]), np.array(["+"]))
    minus = FoundSites(FIRST, np.array([40]), np.array(["-"]))
    elsewhere = FoundSites(FIRST, np.array([0]), np.array(["+"]))
    motifs = {"plus": plus, "minus": minus, "elsewhere": elsewhere}
    found = insert_at_sites(score, backgrounds, motifs, rng(), quiet)
    assert [one.motif for one in found] == ["plus", "minus", "elsewhere"]
    assert [one.effect.value for one in found] == [1, 10, 0]
    assert [one.control_effect.value for one in found] == [0, 0, 0]
    assert found[0].p == pytest.approx(2 / 2**8)  # all of eight pairs on one side
    assert found[0].p_adjusted == pytest.approx(3 * found[0].p)
    assert found[2].p == 1


def test_an_effect_of_the_letters_alone_is_also_that_of_the_control(backgrounds):
    def letters_t(codes, lengths):
        return (codes == 3).sum(axis=1).astype(float)

    sites = FoundSites(FIRST, np.array([5, 30]), np.array(["+", "+"]))
    (found,) = insert_at_sites(letters_t, backgrounds, {"motif": sites}, rng(), quiet)
    assert found.effect == found.control_effect
    assert found.difference.value == 0
