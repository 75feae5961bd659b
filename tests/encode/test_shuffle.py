"""Shuffles that keep dinucleotides."""

from collections import Counter
from itertools import pairwise, permutations

import numpy as np
import pytest

from dnaseq.encode.alphabet import to_codes, to_letters
from dnaseq.encode.shuffle import dinucleotide_shuffles, shuffle_each

SEQUENCES = {
    "mixed": "ACGTTGCAAGCTTAGGCATCGATTACGGATCCATTGACAGT",
    "repeat": "AAAAAAAAAAAAAAAAAAAACAAAAAAAAAAAAAAAAAAAAG",
    "two letters": "ACACACACACACACACACACACAACACCACT",
    "with N": "ACGATCAGGATNNNACGGATCATACGRTTAGCATTACAGATTAN",
    "padded": "ACGATTACAGATTACA----",
    "short": "ACG",
    "one letter": "AAAAAAAA",
}


def shuffles_of(sequence: str, n: int, seed: int = 1) -> list[str]:
    codes = to_codes(sequence.rstrip("-"))
    codes = np.concatenate([codes, np.full(sequence.count("-"), 5, np.uint8)])
    return [to_letters(row) for row in dinucleotide_shuffles(codes, n, np.random.default_rng(seed))]


def pairs(text: str) -> Counter:
    """Count the neighbours, other letters included."""
    return Counter(pairwise(text))


@pytest.mark.parametrize("sequence", SEQUENCES.values(), ids=SEQUENCES)
def test_dinucleotides_ends_and_other_letters_stay(sequence):
    for shuffle in shuffles_of(sequence, 50):
        assert pairs(shuffle) == pairs(sequence)
        assert (shuffle[0], shuffle[-1]) == (sequence[0], sequence[-1])
        for letter, other in zip(sequence, shuffle, strict=True):
            assert letter == other or {letter, other} <= set("ACGT")


def test_the_same_holds_for_random_sequences_of_every_composition():
    rng = np.random.default_rng(5)
    for _ in range(200):
        codes = rng.choice(4, size=rng.integers(1, 60), p=rng.dirichlet([0.3] * 4)).astype(np.uint8)
        for shuffle in dinucleotide_shuffles(codes, 3, rng):
            assert pairs(to_letters(shuffle)) == pairs(to_letters(codes))


def test_a_seed_gives_the_same_shuffles_and_another_one_others():
    assert shuffles_of(SEQUENCES["mixed"], 5, seed=1) == shuffles_of(SEQUENCES["mixed"], 5, seed=1)
    assert shuffles_of(SEQUENCES["mixed"], 5, seed=1) != shuffles_of(SEQUENCES["mixed"], 5, seed=2)


def test_a_sequence_of_one_order_stays():
    assert set(shuffles_of("AAAAAC", 20)) == {"AAAAAC"}
    assert shuffles_of("", 3) == [""] * 3


def test_every_order_is_drawn_as_often():
    orders = Counter(shuffles_of("ACAGATCA", 6000))
    permuted = {"".join(inner) for inner in permutations("CAGATC")}
    expected = {f"A{inner}A" for inner in permuted if pairs(f"A{inner}A") == pairs("ACAGATCA")}
    assert set(orders) == expected
    share = 6000 / len(orders)
    assert all(abs(count - share) < 5 * share**0.5 for count in orders.values())


def test_all_records_at_once_keep_what_each_has():
    rng = np.random.default_rng(2)
    records = [*map(to_codes, (s.rstrip("-") for s in SEQUENCES.values())), np.empty(0, np.uint8)]
    records += [rng.choice(4, rng.integers(0, 50), p=rng.dirichlet([0.3] * 4)) for _ in range(200)]
    offsets = np.cumsum([0, *map(len, records)])
    shuffled = shuffle_each(np.concatenate(records), offsets, rng)
    for record, start, end in zip(records, offsets[:-1], offsets[1:], strict=True):
        before, after = to_letters(record.astype(np.uint8)), to_letters(shuffled[start:end])
        assert pairs(after) == pairs(before)
        assert (after[:1], after[-1:]) == (before[:1], before[-1:])
    assert (shuffled != np.concatenate(records)).mean() > 0.3


def test_all_orders_of_records_are_drawn_as_often():
    codes = np.tile(to_codes("ACAGATCA"), 6000)
    shuffled = shuffle_each(codes, np.arange(0, len(codes) + 1, 8), np.random.default_rng(3))
    orders = Counter(to_letters(row) for row in shuffled.reshape(-1, 8))
    assert set(orders) == set(shuffles_of("ACAGATCA", 6000))
    share = 6000 / len(orders)
    assert all(abs(count - share) < 5 * share**0.5 for count in orders.values())
