"""Profiles of stretches: strands, shifts, width, merging, sites."""

import numpy as np
import pytest

from dnaseq.encode.alphabet import COMPLEMENT, PAD, to_codes, to_letters
from dnaseq.interpret.motifs.clustering import Sites, assign_sites, find_profiles, merge_profiles, trimmed
from dnaseq.interpret.motifs.seqlets import Stretches

EVEN = np.full(4, 0.25)
CTCF = "CCACCAGGGGGCGCT"


def planted(word: str, n: int = 60, seed: int = 0, wrong: float = 0.0) -> tuple[np.ndarray, Stretches]:
    """Records with the word on either strand, and stretches that cover four to eight of its bases."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 4, (n, 80)).astype(np.uint8)
    at = rng.integers(5, 75 - len(word), n)
    for row, start in enumerate(at):
        letters = to_codes(word).copy()
        changed = rng.random(len(letters)) < wrong
        letters[changed] = rng.integers(0, 4, changed.sum())
        codes[row, start : start + len(word)] = letters if row % 2 else COMPLEMENT[letters][::-1]
    starts = at + rng.integers(0, max(len(word) - 7, 1), n)
    return codes, Stretches(np.arange(n), starts, starts + rng.integers(5, 9, n), np.ones(n))


def consensus(counts: np.ndarray) -> set[str]:
    """The commonest bases, read on both strands."""
    codes = counts.argmax(axis=1).astype(np.uint8)
    return {to_letters(codes), to_letters(COMPLEMENT[codes][::-1])}


@pytest.mark.parametrize("word", ["TGACTCAT", "AGATAAGG", "TATAAT", CTCF])
def test_a_word_on_both_strands_is_one_profile_of_its_width(word):
    codes, stretches = planted(word)
    profiles = merge_profiles(find_profiles(codes, stretches, EVEN))
    assert len(profiles) == 1
    assert word in consensus(profiles[0][1])


def test_a_degenerate_word_is_one_profile():
    codes, stretches = planted(CTCF, n=200, wrong=0.2)
    profiles = merge_profiles(find_profiles(codes, stretches, EVEN))
    assert CTCF in consensus(profiles[0][1])
    assert profiles[0][1].sum() / len(CTCF) > 120


def test_stretches_of_random_bases_give_no_profile():
    for seed in range(10):
        rng = np.random.default_rng(seed)
        codes = rng.integers(0, 4, (200, 80)).astype(np.uint8)
        starts = rng.integers(0, 70, 200)
        assert not find_profiles(codes, Stretches(np.arange(200), starts, starts + 9, np.ones(200)), EVEN)


def test_no_stretch_gives_no_profile():
    none = np.zeros(0, dtype=np.int64)
    stretches = Stretches(none, none, none, np.zeros(0))
    codes = np.zeros((3, 20), dtype=np.uint8)
    assert not find_profiles(codes, stretches, EVEN)
    assert not assign_sites([np.eye(4)[[0, 1, 2, 3, 0, 1]] * 9], codes, stretches, EVEN)[0].records.size


def test_profiles_that_are_one_motif_are_merged_and_others_are_not():
    def counts(word: str) -> np.ndarray:
        return np.eye(4)[to_codes(word)] * 20 + 1

    reverse = counts("TGACTCAT")[::-1, ::-1]
    merged = merge_profiles([counts("TGACTCAT"), counts("AGATAAGG"), reverse, counts("GTGACTCA")])
    assert [number for number, _ in merged] == [0, 1]
    assert merged[0][1].sum() == pytest.approx(24 * (8 + 8 + 7))


def test_sites_are_where_the_word_is():
    codes, stretches = planted("TGACTCAT")
    (sites,) = assign_sites([np.eye(4)[to_codes("TGACTCAT")] * 50], codes, stretches, EVEN)
    found = dict(zip(sites.records.tolist(), sites.starts.tolist(), strict=True))
    assert len(found) == 60
    for row, start in found.items():
        letters = codes[row, start : start + 8]
        reverse = bool(sites.reverse[sites.records.tolist().index(row)])
        assert to_letters(COMPLEMENT[letters][::-1] if reverse else letters) == "TGACTCAT"


def test_a_place_belongs_to_one_motif():
    codes, stretches = planted("TGACTCAT")
    first, second = assign_sites([np.eye(4)[to_codes("TGACTCAT")] * 50] * 2, codes, stretches, EVEN)
    assert len(first.records) == 60
    assert not second.records.size


def test_the_width_of_sites_follows_the_positions_that_tell():
    codes, stretches = planted("TGACTCAT")
    (sites,) = assign_sites([np.eye(4)[to_codes("GACTC")] * 50], codes, stretches, EVEN)
    assert trimmed(sites, codes, EVEN).width == 8


def test_sites_over_the_end_of_a_record_count_the_bases_that_are_there():
    codes = np.array([[0, 1, 2, 3, 0, PAD]], dtype=np.uint8)
    sites = Sites(np.array([0, 0]), np.array([-1, 3]), np.array([False, True]), 3)
    assert sites.counts(codes).tolist() == [[0, 0, 0, 0], [1, 0, 0, 1], [1, 1, 0, 0]]
    assert sites.widened(1, 0).starts.tolist() == [-2, 3]


def test_a_repeat_of_a_genome_does_not_grow_without_end():
    rng = np.random.default_rng(0)
    repeat = rng.integers(0, 4, 70).astype(np.uint8)
    codes = rng.integers(0, 4, (40, 110)).astype(np.uint8)
    codes[:, 20:90] = repeat
    stretches = Stretches(np.arange(40), np.full(40, 50), np.full(40, 58), np.ones(40))
    profiles = find_profiles(codes, stretches, EVEN)
    assert profiles
    assert max(map(len, profiles)) <= 30
