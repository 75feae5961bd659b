"""Matches with profiles: right factors first, and p-values that chance keeps."""

from functools import cache

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from dnaseq.encode.alphabet import to_codes
from dnaseq.interpret.motifs.matching import correlate, match_profiles
from dnaseq.interpret.motifs.profiles import Profile, read_profiles


@cache
def jaspar() -> list[Profile]:
    return read_profiles("jaspar")


def counts_of(word: str) -> np.ndarray:
    return np.eye(4)[to_codes(word)] * 50 + 0.5


def resampled(profile: Profile, sites: int, rng: np.random.Generator) -> np.ndarray:
    """Counts of so many sites that are drawn from a profile, along either strand."""
    shares = profile.counts / profile.counts.sum(axis=1, keepdims=True)
    counts = np.stack([rng.multinomial(sites, row) for row in shares]).astype(float)
    return counts[::-1, ::-1] if rng.random() < 0.5 else counts


def test_most_resampled_profiles_are_found_first():
    rng = np.random.default_rng(0)
    chosen = [jaspar()[i] for i in rng.choice(len(jaspar()), 24, replace=False)]
    motifs = {one.id: resampled(one, 30, rng) for one in chosen}
    matches = match_profiles(motifs, jaspar(), most=5)
    best = {one.id: [match.profile.id for match in matches if match.motif == one.id] for one in chosen}
    assert sum(found[0] == name for name, found in best.items()) >= 21
    assert sum(name in found for name, found in best.items()) >= 24


@pytest.mark.parametrize(
    ("word", "family"),
    [
        ("TGACTCAT", {"Jun", "JUNB", "JUND", "FOS", "FOSL1", "FOS::JUN", "FOS::JUND"}),
        ("AGATAAGG", {"GATA1", "GATA2", "GATA3", "Gata3", "GATA4", "GATA5", "GATA6"}),
        ("AGATAAGA", {"GATA1", "GATA2", "GATA3", "Gata3", "GATA4", "GATA5", "GATA6"}),
        ("CCGGAAGT", {"ELF4", "ELK1", "ELK4", "ETV5", "ETS1", "GABPA"}),
    ],
)
def test_known_words_are_named(word, family):
    for counts in (counts_of(word), counts_of(word)[::-1, ::-1]):
        assert match_profiles({"motif": counts}, jaspar(), most=1)[0].profile.name in family


def test_a_match_says_where_it_lies():
    profile = Profile("P", "P", counts_of("TGACTCAT"))
    (match,) = match_profiles({"motif": counts_of("GGATGAGTCACC")}, [profile])
    assert (match.offset, match.strand, match.overlap) == (2, "-", 8)
    assert match.correlation == pytest.approx(np.sqrt(8 / 12))


def test_motifs_of_chance_positions_have_uniform_p_values():
    rng = np.random.default_rng(1)
    columns = np.concatenate([one.counts / one.counts.sum(axis=1, keepdims=True) for one in jaspar()])
    motifs = {str(i): 50 * columns[rng.integers(len(columns), size=rng.integers(6, 14))] for i in range(8)}
    chances = np.array([match.p for match in match_profiles(motifs, jaspar(), most=len(jaspar()))])
    assert 0.003 < (chances < 0.01).mean() < 0.015
    assert (chances < 0.001).mean() < 0.002


def test_of_near_matches_the_one_without_further_positions_comes_first():
    short, long = Profile("S", "S", counts_of("TGACTCAT")), Profile("L", "L", counts_of("TGACTCATGG"))
    matches = match_profiles({"motif": counts_of("TGACTCAT")}, [long, short, *jaspar()[:50]], most=2)
    assert [match.profile.id for match in matches] == ["S", "L"]
    assert matches[0].correlation > 0.99 > 0.95 > matches[1].correlation


def test_q_values_are_over_all_motifs_and_profiles():
    profiles = jaspar()[:30]
    motifs = {"a": counts_of("TGACTCAT"), "b": counts_of("AGATAAGG")}
    every = match_profiles(motifs, profiles, most=30)
    assert len(every) == 60
    np.testing.assert_allclose([one.q for one in every], false_discovery_control([one.p for one in every]))
    assert match_profiles(motifs, profiles, most=1) == [every[0], every[30]]


def test_nothing_to_compare_gives_no_match():
    assert match_profiles({}, jaspar()) == []
    assert match_profiles({"a": counts_of("TGACTCAT")}, []) == []


def test_profiles_of_one_position_and_of_many_are_compared():
    short, long = Profile("S", "S", counts_of("G")), Profile("L", "L", counts_of("ACGT" * 20))
    matches = match_profiles({"a": counts_of("TGACTC"), "b": counts_of("ACGT" * 10)}, [short, long])
    assert all(0 <= match.p <= 1 for match in matches)


def test_the_best_shift_is_that_of_the_common_word():
    fit = correlate(counts_of("TGACTCA"), counts_of("CCTGAGTCACC"))
    assert (fit.offset, fit.reverse, fit.overlap) == (2, True, 7)
