"""Both alleles stand in full windows of the genome, exactly in the middle of their places."""

import numpy as np
import pytest

from dnaseq.data.records.lengths import LengthPolicy
from dnaseq.encode.alphabet import to_letters
from dnaseq.genome.variants.changes import Change
from dnaseq.genome.variants.windows import CONTIG_END, UNKNOWN, Placements

RNG = np.random.default_rng(2)
LETTERS = to_letters(RNG.integers(4, size=400).astype(np.uint8))


def pairs(placements, change, genome):
    found = placements.of(change, genome)
    letters, sizes = (to_letters(found.ref), to_letters(found.alt)), found.sizes
    return [
        tuple(own[at : at + size] for own, at, size in zip(letters, pair, sizes, strict=True))
        for pair in found.begins.tolist()
    ]


@pytest.mark.parametrize("window", [40, 41])
def test_the_only_window_has_a_base_in_its_middle(window, genome_of):
    change = Change("c", 200, LETTERS[200], "-")
    change = change._replace(alt="A" if LETTERS[200] != "A" else "C")
    ((ref, alt),) = pairs(Placements(window, 1), change, genome_of(c=LETTERS))
    begin = 200 - window // 2
    assert ref == LETTERS[begin : begin + window]
    assert alt == ref[: window // 2] + change.alt + ref[window // 2 + 1 :]


def test_places_are_the_middles_of_equal_parts(genome_of):
    found = pairs(Placements(40, 4), Change("c", 200, LETTERS[200], "N"), genome_of(c=LETTERS))
    assert [alt.index("N") for _, alt in found] == [5, 15, 25, 35]


@pytest.mark.parametrize(("ref", "alt"), [(6, 0), (0, 6), (5, 2), (1, 9), (3, 3)])
def test_windows_of_both_alleles_are_stretches_of_the_two_sequences(ref, alt, genome_of):
    inserted = "N" * alt
    other = LETTERS[:200] + inserted + LETTERS[200 + ref :]
    change = Change("c", 200, LETTERS[200 : 200 + ref], inserted)
    places = (2, 7, 12, 17, 22, 27, 32, 37)
    found = pairs(Placements(40, 8), change, genome_of(c=LETTERS))
    for place, alleles in zip(places, found, strict=True):
        for whole, size, allele in zip((LETTERS, other), (ref, alt), alleles, strict=True):
            begin = 200 - min(max(place - size // 2, 0), 40 - size)
            assert allele == whole[begin : begin + 40]


def test_the_change_back_has_the_same_windows_turned_round(genome_of):
    other = LETTERS[:200] + "GATTACA" + LETTERS[203:]
    there = Change("c", 200, LETTERS[200:203], "GATTACA")
    back = Change("c", 200, "GATTACA", LETTERS[200:203])
    placements = Placements(40, 9)
    turned = [(b, a) for a, b in pairs(placements, back, genome_of(c=other))]
    assert pairs(placements, there, genome_of(c=LETTERS)) == turned


def test_windows_beyond_the_contig_are_left_out_and_counted(genome_of):
    genome = genome_of(c=LETTERS, short=LETTERS[:39])
    found = Placements(40, 4).of(Change("c", 10, LETTERS[10], "N"), genome)
    assert (len(found.begins), found.without, found.why) == (1, 3, "the contig ends")
    assert Placements(40, 4).of(Change("short", 10, LETTERS[10], "N"), genome) == CONTIG_END


def test_windows_of_sequences_are_moved_inside(genome_of):
    genome = genome_of(c=LETTERS[:50])
    placements, change = Placements(40, 4, within=True), Change("c", 10, LETTERS[10], "N")
    assert [ref for ref, _ in pairs(placements, change, genome)] == [LETTERS[5:45], LETTERS[:40]]
    assert placements.of(change, genome).without == 0


def test_a_sequence_that_is_read_whole_is_whole_with_either_allele(genome_of):
    genome = genome_of(c=LETTERS[:40])
    change = Change("c", 10, LETTERS[10:12], "A")
    ((ref, alt),) = pairs(Placements(None, 9, within=True), change, genome)
    assert (ref, alt) == (LETTERS[:40], LETTERS[:10] + "A" + LETTERS[12:40])
    exact = Placements(40, 9, within=True, lengths=LengthPolicy("error", 40))
    assert exact.of(change, genome) == "length 39, expected 40"
    assert Placements(None, 1, within=True, shortest=40).of(change, genome).endswith("shorter than 40")


def test_windows_of_unknown_letters_are_left_out(genome_of):
    genome = genome_of(c=LETTERS[:195] + "N" * 5 + LETTERS[200:], d="N" * 200 + LETTERS[200:])
    change = Change("c", 215, LETTERS[215], "A")
    assert Placements(40, 4).of(change, genome).without == 0
    strict = Placements(40, 4, ambiguous=False).of(change, genome)
    assert (len(strict.begins), strict.why) == (2, "ambiguous letters")
    assert Placements(40, 4, ambiguous=False).of(change._replace(start=201), genome) == UNKNOWN
    assert len(Placements(40, 4).of(Change("d", 205, LETTERS[205], "A"), genome).begins) == 2


def test_an_allele_longer_than_half_of_a_window_has_none(genome_of):
    found = Placements(40, 4).of(Change("c", 200, "", "A" * 21), genome_of(c=LETTERS))
    assert "21 bases, more than half of a window of 40" in found
