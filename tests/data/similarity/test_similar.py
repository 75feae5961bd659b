from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dnaseq.data.records.lengths import LengthPolicy, Windows
from dnaseq.data.records.store import Store
from dnaseq.data.similarity import similar
from dnaseq.data.similarity.alignment import edits_inside
from dnaseq.data.similarity.packed import packed
from dnaseq.data.similarity.similar import Similarity, near_pairs, similarity_groups
from dnaseq.encode.alphabet import to_codes
from dnaseq.errors import ConfigError

NEAR, OVERLAP = Similarity(0.8, None), Similarity(None, 24)


def store_of(*sequences: str) -> Store:
    codes = [to_codes(s) for s in sequences]
    none = np.empty(0, dtype=np.int64)
    return Store(
        folder=Path(),
        codes=np.concatenate([*codes, none]).astype(np.uint8),
        offsets=np.cumsum([0, *map(len, codes)]),
        parts=np.zeros(len(codes), dtype=np.uint8),
        labels=none,
        id_bytes=none,
        id_offsets=none,
        label_names=(),
        rejected={},
    )


def whole(store: Store) -> Windows:
    return LengthPolicy().windows(store.lengths)


def pairs(
    *sequences: str, identity=0.8, stranded=False, sides=None
) -> dict[tuple[int, int], tuple[float, bool]]:
    """(a, b) -> (identity, reverse)."""
    store = store_of(*sequences)
    found = near_pairs(store, whole(store), stranded, identity, None if sides is None else np.array(sides))
    assert found.a.dtype == found.b.dtype == np.int64
    assert found.identity.dtype == np.float64
    assert found.reverse.dtype == np.bool_
    columns = zip(found.identity.tolist(), found.reverse.tolist(), strict=True)
    keys = list(zip(found.a.tolist(), found.b.tolist(), strict=True))
    assert keys == sorted(set(keys))
    return dict(zip(keys, columns, strict=True))


def groups(*sequences: str, similarity=None, stranded=False) -> list[int]:
    store = store_of(*sequences)
    return similarity_groups(store, whole(store), stranded, similarity or Similarity()).tolist()


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def random_dna(rng: np.random.Generator, length: int) -> str:
    return "".join(rng.choice(list("ACGT"), length))


def other_strand(sequence: str) -> str:
    return sequence[::-1].translate(str.maketrans("ACGTN", "TGCAN"))


def with_substitutions(rng: np.random.Generator, sequence: str, count: int) -> str:
    letters = list(sequence)
    for i in rng.choice(len(letters), count, replace=False):
        letters[i] = rng.choice([x for x in "ACGT" if x != letters[i]])
    return "".join(letters)


def with_edits(rng: np.random.Generator, sequence: str, count: int) -> str:
    letters = list(sequence)
    for _ in range(count):
        i = int(rng.integers(len(letters)))
        letters[i : i + int(rng.integers(2))] = rng.choice(["", *"ACGT"])
    return "".join(letters)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"identity": 0.49}, "identity"),
        ({"identity": 1.01}, "identity"),
        ({"identity": "high"}, "identity"),
        ({"identity": True}, "identity"),
        ({"identity": float("nan")}, "identity"),
        ({"overlap": 15}, "overlap"),
        ({"overlap": 24.0}, "overlap"),
        ({"overlap": True}, "overlap"),
    ],
)
def test_settings_out_of_range_are_named(values, named):
    with pytest.raises(ConfigError, match=rf"similarity\.{named} must be"):
        Similarity(**values)


def test_settings_at_the_ends_of_their_range_are_taken():
    for identity, overlap in ((0.5, 16), (1, None), (None, 500)):
        found = Similarity(identity, overlap)
        assert (found.identity, found.overlap) == (identity, overlap)


@pytest.mark.parametrize("identity", [0.4, 1.1, "0.8"])
def test_pairs_are_not_looked_for_at_an_identity_out_of_range(identity):
    with pytest.raises(ValueError, match="identity"):
        pairs("ACGT", identity=identity)


def test_copies_and_the_other_strand(rng):
    record, another = random_dna(rng, 100), random_dna(rng, 100)
    found = pairs(record, another, record, other_strand(record))
    assert found == {(0, 2): (1.0, False), (0, 3): (1.0, True), (2, 3): (1.0, True)}


def test_on_stranded_data_the_other_strand_is_another_sequence(rng):
    record = random_dna(rng, 100)
    near = with_substitutions(rng, record, 5)
    found = pairs(record, other_strand(record), other_strand(near), stranded=True)
    assert list(found) == [(1, 2)]
    assert found[1, 2][0] >= 0.95
    assert not found[1, 2][1]
    assert groups(record, other_strand(record), record, stranded=True) == [0, 1, 0]


def test_a_record_contained_in_a_longer_one_is_near_with_identity_of_the_shorter(rng):
    genome = random_dna(rng, 1000)
    piece = with_substitutions(rng, genome[300:400], 10)
    found = pairs(genome, piece, other_strand(piece))
    assert {key: reverse for key, (_, reverse) in found.items()} == {
        (0, 1): False,
        (0, 2): True,
        (1, 2): True,
    }
    assert found[0, 1][0] == found[0, 2][0] >= 0.9


@pytest.mark.parametrize(("shift", "near"), [(40, True), (41, False)])
def test_a_shift_costs_its_length(rng, shift, near):
    genome = random_dna(rng, 300)
    found = pairs(genome[:200], genome[shift : shift + 200])
    assert bool(found) is near
    if near:
        assert found[0, 1][0] == pytest.approx(0.8, abs=0.01)


def test_of_a_record_that_is_alike_on_both_strands_the_better_is_told(rng):
    half = random_dna(rng, 60)
    palindrome = half + other_strand(half)
    one = with_substitutions(rng, palindrome[:60], 6) + palindrome[60:]
    two = other_strand(one)
    assert pairs(one, two)[0, 1] == (1.0, True)
    assert pairs(one, palindrome)[0, 1] == (0.95, False)


def test_only_pairs_of_two_sides_are_looked_for(rng):
    record = random_dna(rng, 100)
    near = [with_substitutions(rng, record, 3) for _ in range(5)]
    found = pairs(*near, sides=[0, 1, 0, -1, 2])
    assert set(found) == {(0, 1), (1, 2), (0, 4), (1, 4), (2, 4)}
    assert set(pairs(*near)) == {(i, j) for i in range(5) for j in range(i + 1, 5)}


def test_copies_on_two_sides_and_their_relatives_are_all_paired(rng):
    record = random_dna(rng, 100)
    relative = with_substitutions(rng, record, 10)
    sequences = [record, other_strand(record), relative, record, other_strand(relative)]
    found = pairs(*sequences, sides=[0, 0, 0, 1, 1])
    assert {key: (round(share, 9), reverse) for key, (share, reverse) in found.items()} == {
        (0, 3): (1.0, False),
        (1, 3): (1.0, True),
        (2, 3): (0.9, False),
        (0, 4): (0.9, True),
        (1, 4): (0.9, False),
        (2, 4): (1.0, True),
    }


def test_there_are_at_most_64_sides():
    assert set(pairs("ACGT", "ACGT", "ACGT", sides=[0, 63, 62])) == {(0, 1), (0, 2), (1, 2)}
    with pytest.raises(ValueError, match="sides"):
        pairs("ACGT", "ACGT", sides=[0, 64])


def test_no_side_has_records_or_there_are_none():
    assert pairs("ACGT", "ACGT", sides=[-1, -1]) == {}
    assert pairs() == {}
    assert groups() == []


def test_many_copies_cost_their_number_not_its_square(rng):
    record = random_dna(rng, 50)
    found = pairs(*[record] * 1000)
    assert len(found) < 33 * 1000
    assert {row for pair in found for row in pair} == set(range(1000))


def test_records_shorter_than_a_seed_are_found_as_copies():
    assert groups("ACGTA", "AC", "TACGT", "AC", "ACGTT") == [0, 1, 0, 1, 2]
    assert pairs("ACGTA", "TACGT") == {(0, 1): (1.0, True)}


def test_an_overlap_longer_than_all_records_joins_nothing(rng):
    record = random_dna(rng, 50)
    assert groups(record, record[:40], similarity=Similarity(None, 500)) == [0, 1]


def test_ambiguous_letters_are_compared_like_any_other(rng):
    record = random_dna(rng, 100)
    one = record[:50] + "N" + record[51:]
    assert pairs(one, one, other_strand(one))[0, 2] == (1.0, True)
    assert pairs(one, record)[0, 1] == (0.99, False)
    assert pairs("N" * 100, "N" * 99 + "R") == {}  # no base that is known


def exact(sequences: list[str], identity: float) -> dict[tuple[int, int], float]:
    """Alignment of all with all on both strands."""
    codes = [to_codes(s) for s in sequences]
    sizes = np.array([len(c) for c in codes])
    records = packed(np.concatenate(codes), np.cumsum(sizes) - sizes, sizes)
    a, b = np.triu_indices(len(sequences), 1)
    shorter = np.minimum(sizes[a], sizes[b])
    both = [edits_inside(records, a, b, np.full(len(a), turned), shorter) for turned in (False, True)]
    share = 1 - np.minimum(*both) / shorter
    near = share >= identity - 1e-9
    return dict(zip(zip(a[near].tolist(), b[near].tolist(), strict=True), share[near].tolist(), strict=True))


@settings(max_examples=20, derandomize=True)
@given(st.integers(0, 10**6), st.sampled_from([0.7, 0.8, 0.9, 1.0]))
def test_pairs_among_relatives_of_all_kinds_are_those_of_all_pairs_alignment(seed, identity):
    rng = np.random.default_rng(seed)
    sequences = []
    for _ in range(6):
        ancestor = random_dna(rng, int(rng.integers(100, 250)))
        sequences += [
            ancestor,
            with_substitutions(rng, ancestor, len(ancestor) // 10),
            other_strand(with_edits(rng, ancestor, len(ancestor) // 25)),
            ancestor[20:80],
            random_dna(rng, 10) + ancestor[:-10],
        ]
    found = {key: share for key, (share, _) in pairs(*sequences, identity=identity).items()}
    expected = exact(sequences, identity)
    # under 0.8 a pair may have no seed in common
    assert {key for key, share in expected.items() if share >= 0.8} <= set(found) <= set(expected)
    assert all(abs(expected[key] - share) < 1e-9 for key, share in found.items())


def test_nearly_all_records_with_a_fifth_substituted_are_found(rng):
    parents = [random_dna(rng, 200) for _ in range(200)]
    children = [other_strand(with_substitutions(rng, parent, 40)) for parent in parents]
    found = pairs(*parents, *children, *(random_dna(rng, 200) for _ in range(1000)))
    assert sum((i, 200 + i) in found for i in range(200)) >= 198
    assert len(found) <= 200


@settings(max_examples=20, derandomize=True)
@given(st.permutations(range(12)))
def test_the_order_of_records_does_not_count(order):
    base = np.random.default_rng(7)
    genome = "".join(base.choice(list("ACGT"), 300))
    sequences = [genome[i : i + 100] for i in range(0, 120, 10)]
    plain, mixed = pairs(*sequences), pairs(*(sequences[i] for i in order))
    moved = {tuple(sorted((order[a], order[b]))): value for (a, b), value in mixed.items()}
    assert moved == plain
    assert len(plain) > 12


def test_groups_are_joined_by_chains_and_numbered_by_first_record(rng):
    genome = random_dna(rng, 400)
    chain = [genome[i : i + 100] for i in range(0, 300, 20)]
    sequences = [random_dna(rng, 100), *chain[::-1], random_dna(rng, 100), other_strand(chain[0])]
    assert groups(*sequences, similarity=NEAR) == [0, *[1] * 15, 2, 1]
    assert (0, 14) not in pairs(*chain)


def test_overlap_joins_what_near_does_not_and_each_can_be_left_out(rng):
    genome = random_dna(rng, 300)
    one, far = genome[:100], genome[76:176]  # share 24 bases
    near = "".join("ACGT"["CATG".index(x)] if i % 8 == 0 else x for i, x in enumerate(one))  # no 8 in a row
    records = [one, far, near, random_dna(rng, 100)]
    assert groups(*records, similarity=OVERLAP) == [0, 0, 1, 2]
    assert groups(*records, similarity=NEAR) == [0, 1, 0, 2]
    assert groups(*records) == [0, 0, 0, 1]
    assert groups(*records, similarity=Similarity(None, 25)) == [0, 1, 2, 3]
    assert groups(*records, records[0], similarity=Similarity(None, None)) == [0, 1, 2, 3, 0]


def test_records_that_share_only_a_short_repeat_stay_apart(rng):
    repeat = "CA" * 20
    assert groups(random_dna(rng, 100) + repeat, repeat + random_dna(rng, 100)) == [0, 1]


def test_near_pairs_and_groups_of_near_records_agree(rng):
    sequences = []
    for _ in range(40):
        ancestor = random_dna(rng, 120)
        sequences += [
            ancestor,
            with_substitutions(rng, ancestor, 20),
            other_strand(with_substitutions(rng, ancestor, 20)),
        ]
    group = groups(*sequences, similarity=NEAR)
    parent = list(range(len(sequences)))
    for a, b in pairs(*sequences):
        old, new = parent[b], parent[a]
        parent = [new if x == old else x for x in parent]
    together = {(i, j) for i in range(120) for j in range(120) if parent[i] == parent[j]}
    assert together == {(i, j) for i in range(120) for j in range(120) if group[i] == group[j]}


def test_only_the_window_of_a_record_is_compared(rng):
    shared, one, two = random_dna(rng, 60), random_dna(rng, 60), random_dna(rng, 60)
    store = store_of(one + shared, shared + two)
    outside = Windows(np.arange(2), np.array([0, 60]), np.array([60, 60]))
    inside = Windows(np.arange(2), np.array([60, 0]), np.array([60, 60]))
    assert similarity_groups(store, outside, False, Similarity()).tolist() == [0, 1]
    assert similarity_groups(store, inside, False, Similarity()).tolist() == [0, 0]
    assert not len(near_pairs(store, outside, False, 0.8).a)
    assert near_pairs(store, inside, False, 0.8).identity.tolist() == [1.0]


@pytest.mark.parametrize(("members", "judges"), [(400, 1), (150, 5), (300, 100)])
def test_in_a_large_family_every_record_is_paired_with_the_few_of_another_side(members, judges):
    rng = np.random.default_rng(0)
    family = np.tile(rng.integers(0, 4, 200), (members + judges, 1))
    changed = rng.random(family.shape) < 0.03
    family[changed] = rng.integers(0, 4, int(changed.sum()))
    store = store_of(*("".join("ACGT"[c] for c in row) for row in family))
    sides = rng.permutation(np.r_[np.zeros(members, dtype=np.int64), np.full(judges, 2)])
    found = near_pairs(store, whole(store), False, 0.8, sides)
    assert set(np.r_[found.a, found.b]) == set(range(members + judges))
    assert (sides[found.a] != sides[found.b]).all()


def test_a_long_search_says_how_to_leave_it_out(rng, monkeypatch, caplog):
    sequences = [random_dna(rng, 50) for _ in range(20)]
    caplog.set_level("INFO", logger="dnaseq")
    groups(*sequences)
    assert not caplog.records
    monkeypatch.setattr(similar, "MANY", 20)
    groups(*sequences, similarity=Similarity(None, None))
    assert not caplog.records
    groups(*sequences)
    assert "looking for similar records among 20: " in caplog.text
    assert "similarity.identity=null similarity.overlap=null" in caplog.text
