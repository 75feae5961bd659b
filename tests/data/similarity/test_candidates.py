import numpy as np
import pytest

from dnaseq.data.similarity import candidates
from dnaseq.data.similarity.candidates import allowed_edits, near_candidates, shared_stretches
from dnaseq.data.similarity.packed import packed
from dnaseq.encode.alphabet import to_codes


def pack(*sequences: str):
    codes = [to_codes(s) for s in sequences]
    sizes = np.array([len(c) for c in codes])
    return packed(np.concatenate(codes), np.cumsum(sizes) - sizes, sizes)


def other_strand(sequence: str) -> str:
    return sequence[::-1].translate(str.maketrans("ACGT", "TGCA"))


def listed(batches) -> list[tuple[int, int, bool]]:
    return [found for batch in batches for found in zip(*(column.tolist() for column in batch), strict=True)]


def shared(*sequences: str, overlap: int = 24, stranded: bool = False) -> list:
    return listed(shared_stretches(pack(*sequences), stranded, overlap))


@pytest.fixture
def random_dna(random_sequence):
    return lambda length, seed: random_sequence(length, seed)


def test_allowed_edits_are_whole_and_not_one_too_few():
    assert allowed_edits(np.array([200, 60, 81, 4]), 0.8).tolist() == [40, 12, 16, 0]
    assert allowed_edits(np.array([200, 10]), 0.9).tolist() == [20, 1]


@pytest.mark.parametrize("overlap", [16, 24, 32, 33, 50, 64, 65, 100])
def test_a_shared_stretch_joins_and_one_base_less_does_not(random_dna, overlap):
    stretch = random_dna(overlap, 1)
    one = random_dna(30, 2) + "A" + stretch + "C" + random_dna(40, 3)
    two = random_dna(10, 4) + "C" + stretch + "A" + random_dna(70, 5)
    assert shared(one, two, overlap=overlap) == [(0, 1, False)]
    assert shared(one, other_strand(two), overlap=overlap) == [(0, 1, True)]
    assert shared(one, other_strand(two), overlap=overlap, stranded=True) == []
    assert shared(one, two, overlap=overlap + 1) == []


def test_a_long_stretch_with_another_base_in_the_middle_is_none(random_dna):
    left, right = random_dna(50, 1), random_dna(50, 2)
    assert shared(left + "A" + right, left + "C" + right, overlap=100) == []
    assert shared(left + "A" + right, left + "A" + right, overlap=100) == [(0, 1, False)]


@pytest.mark.parametrize("unit", ["A", "AC", "ACG", "ACGT", "AACGT", "AACCGT"])
def test_short_repeats_join_nothing(random_dna, unit):
    repeat = (unit * 40)[:40]
    assert shared(random_dna(80, 1) + repeat, repeat + random_dna(80, 2)) == []


def test_every_record_with_a_common_stretch_is_linked_to_another(random_dna):
    stretch = random_dna(24, 0)
    records = [random_dna(50, 1 + i) + stretch + random_dna(50, 1000 + i) for i in range(200)]
    pairs = shared(*records)
    assert {row for pair in pairs for row in pair[:2]} == set(range(200))
    assert len(pairs) < 0.2 * 200 * 199 / 2  # not all with all


def test_candidates_come_once_and_are_few_among_unrelated_records(random_dna, monkeypatch):
    monkeypatch.setattr(candidates, "PAIRS_AT_ONCE", 10)
    records = [random_dna(200, i) for i in range(300)]
    relatives = [other_strand(r[:100] + "A" + r[101:]) for r in records[:50]]
    pairs = listed(near_candidates(pack(*records, *relatives), False, 0.8))
    assert len(pairs) == len(set(pairs))
    assert {(i, 300 + i, True) for i in range(50)} <= set(pairs)
    assert all(a < b for a, b, _ in pairs)
    assert len(pairs) < 0.01 * 350 * 349


def test_one_side_of_a_seed_is_enough(random_dna):
    start, rest = random_dna(16, 1), random_dna(80, 2)
    changed = "".join("CATG"["ACGT".index(x)] if i % 5 == 4 else x for i, x in enumerate(rest))
    one, two = start + rest, start + changed  # a seed fits nowhere in the rest
    assert listed(near_candidates(pack(one, two), False, 0.8)) == [(0, 1, False)]
    assert listed(near_candidates(pack(one[::-1], two[::-1]), False, 0.8)) == [(0, 1, False)]


def test_an_insertion_on_each_side_of_a_seed_hides_no_candidate(random_dna):
    far, near, middle = random_dna(40, 1), random_dna(6, 2), random_dna(9, 3)
    one = far + near + middle + near[::-1] + far[::-1]
    two = random_dna(40, 4) + near + middle + near[::-1] + random_dna(40, 5)
    assert listed(near_candidates(pack(one, two), False, 0.8)) == [(0, 1, False)]


def test_a_record_that_stands_out_too_far_is_no_candidate(random_dna):
    genome = random_dna(400, 1)
    near, far = genome[100:300], genome[150:350]
    assert (0, 1, False) in listed(near_candidates(pack(genome[80:280], near), False, 0.8))
    assert (0, 1, False) not in listed(near_candidates(pack(genome[80:280], far), False, 0.8))
    turned = other_strand(far)
    assert listed(near_candidates(pack(genome[80:280], turned), False, 0.8)) == []
    assert (0, 1, True) in listed(near_candidates(pack(genome, turned), False, 0.8))


def test_pairs_of_one_side_are_left_out(random_dna):
    record = random_dna(100, 1)
    records = pack(*(record[:i] + "ACGT"[i % 4] + record[i + 1 :] for i in (10, 30, 50)))
    sides = np.array([0b01, 0b01, 0b10], dtype=np.uint64)
    assert listed(near_candidates(records, False, 0.8, sides)) == [(0, 2, False), (1, 2, False)]
    both = np.array([0b11, 0b01, 0b01], dtype=np.uint64)
    assert listed(near_candidates(records, False, 0.8, both)) == [(0, 1, False), (0, 2, False)]
