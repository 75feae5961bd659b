from collections import Counter

import numpy as np
import pytest

from dnaseq.data.similarity import seeds
from dnaseq.data.similarity.packed import packed
from dnaseq.data.similarity.seeds import PATTERNS, Seed, first_bases, meetings, spaced_seed, whole_seed
from dnaseq.encode.alphabet import to_codes

ALL = 10**9  # partners: no limit


def pack(*sequences: str):
    codes = [to_codes(s) for s in sequences]
    sizes = np.array([len(c) for c in codes])
    return packed(np.concatenate(codes), np.cumsum(sizes) - sizes, sizes)


def other_strand(sequence: str) -> str:
    return sequence[::-1].translate(str.maketrans("ACGTN", "TGCAN"))


def seed_of(pattern: str) -> Seed:
    bits = "".join("11" if letter == "1" else "00" for letter in pattern)
    return Seed(len(pattern), np.uint64(int(bits.ljust(64, "0"), 2)))


def by_hand(sequences, pattern, stranded=False) -> Counter:
    """(a, place, b, place, reverse) of all places that agree; places of b count on the strand that is read."""
    found = Counter()
    for a in range(len(sequences)):
        for b in range(a + 1, len(sequences)):
            for reverse in (False, True)[: 1 if stranded else 2]:
                two = other_strand(sequences[b]) if reverse else sequences[b]
                for i in range(len(sequences[a]) - len(pattern) + 1):
                    for j in range(len(two) - len(pattern) + 1):
                        pairs = zip(sequences[a][i:], two[j:], pattern, strict=False)
                        if all(x == y or not int(mark) for x, y, mark in pairs):
                            found[a, i, b, j, reverse] += 1
    return found


def met(sequences, seed, stranded=False, partners=ALL) -> Counter:
    records, found = pack(*sequences), Counter()
    for batch in meetings(records, seed, stranded, partners):
        for a, b, reverse, x, y in zip(*(column.tolist() for column in batch), strict=True):
            start = records.start[b]
            start_y = 2 * len(records.codes) - start - len(sequences[b]) if reverse else start
            i, j = x - records.start[a], y - start_y
            if a > b:  # the same pair of places, read along the other record
                if reverse:
                    i, j = len(sequences[a]) - seed.span - i, len(sequences[b]) - seed.span - j
                a, i, b, j = b, j, a, i
            found[a, int(i), b, int(j), reverse] += 1
    return found


def random_sequences(n, length, seed=0):
    rng = np.random.default_rng(seed)
    return ["".join(rng.choice(list("ACGT"), length + i)) for i in range(n)]


@pytest.mark.parametrize("weight", PATTERNS)
def test_patterns_read_the_same_from_both_ends_and_have_so_many_bases(weight):
    pattern = PATTERNS[weight]
    assert pattern == pattern[::-1]
    assert pattern.count("1") == weight


@pytest.mark.parametrize("stranded", [False, True])
@pytest.mark.parametrize("pattern", ["111", "1101011", "10101"])
def test_all_places_that_agree_are_found_once(pattern, stranded):
    sequences = random_sequences(5, 40)
    expected = by_hand(sequences, pattern, stranded)
    assert len(expected) > 5
    assert met(sequences, seed_of(pattern), stranded) == expected


def test_shares_and_chunks_change_nothing(monkeypatch):
    sequences = random_sequences(20, 300)
    whole = met(sequences, seed_of("1101011"))
    monkeypatch.setattr(seeds, "SEEDS_AT_ONCE", 1000)
    monkeypatch.setattr(seeds, "PLACES_AT_ONCE", 100)
    assert met(sequences, seed_of("1101011")) == whole
    assert len(whole) > 1000


def test_a_seed_with_an_ambiguous_base_is_left_out():
    assert met(["ACGTN", "ACGTN"], seed_of("11111")) == Counter()
    assert len(met(["ACGGN", "ACGGN"], seed_of("1111"))) == 1


def test_no_seed_spans_two_records():
    half, other = random_sequences(2, 32)
    assert not met([half, other[:32], half + other[:32]], whole_seed(40))


def test_a_repeat_costs_its_size_not_its_square():
    sequences = ["ACGTTACGGAC"] * 1000
    assert sum(met(sequences, whole_seed(11), partners=3).values()) == 3 * 1000 - (1 + 2 + 3)


@pytest.mark.parametrize("span", [5, 32, 33, 64, 90])
def test_a_stretch_of_any_length_is_met_on_both_strands(span):
    stretch, before, after = random_sequences(3, span)
    stretch = stretch[:span]
    sequences = ["A" + stretch + "C" + after, before + "G" + other_strand(stretch) + "G"]
    assert met(sequences, whole_seed(span))[0, 1, 1, 1, True] == 1


def test_a_long_stretch_is_met_by_its_ends():
    start, middle, other, end = (s[:32] for s in random_sequences(4, 32))
    assert met([start + middle + end, start + other + end], whole_seed(96))
    assert not met([start + middle + end, other + middle + end], whole_seed(96))
    assert not met([start + middle + end, start + middle + other], whole_seed(96))


def test_seeds_grow_with_the_data_and_stay_in_bounds():
    spans = [spaced_seed(bases).span for bases in (10, 10**6, 2 * 10**8, 10**12)]
    assert spans == [8, 11, 15, 18]


def test_first_bases_masks_whole_bases():
    assert first_bases(1) == 0b11 << 62
    assert first_bases(32) == first_bases(40) == 2**64 - 1
