from pathlib import Path

import numpy as np

from dnaseq.data.records.hashing import strand_hashes
from dnaseq.data.records.lengths import LengthPolicy
from dnaseq.data.records.store import Store
from dnaseq.data.similarity import duplicates as module
from dnaseq.data.similarity.duplicates import (
    Duplicates,
    block_pairs,
    blocks,
    find_duplicates,
    product,
    within,
)
from dnaseq.encode.alphabet import to_codes

A, A_TURNED, B, C = "ACGTTGCAAC", "GTTGCAACGT", "GGGTTTAAACAC", "TTTTTTTTTTAC"


def store_of(*sequences: str) -> Store:
    codes = [to_codes(s) for s in sequences]
    none = np.empty(0, dtype=np.int64)
    return Store(
        folder=Path(),
        codes=np.concatenate(codes),
        offsets=np.cumsum([0, *map(len, codes)]),
        parts=np.zeros(len(codes), dtype=np.uint8),
        labels=none,
        id_bytes=none,
        id_offsets=none,
        label_names=(),
        rejected={},
    )


def known(*sequences: str, stranded: bool = False) -> Duplicates:
    store = store_of(*sequences)
    return find_duplicates(store, LengthPolicy().windows(store.lengths), stranded)


def test_copies_and_reverse_complements_are_one_family():
    found = known(A, B, A_TURNED, A)
    assert found.number[0] == found.number[2] == found.number[3] != found.number[1]
    assert found.first[found.number].tolist() == [0, 1, 0, 0]
    assert found.turned.tolist() == [False, False, True, False]


def test_on_stranded_data_the_other_strand_is_another_family():
    found = known(A, A_TURNED, A, stranded=True)
    assert found.first[found.number].tolist() == [0, 1, 0]
    assert not found.turned.any()


def test_families_are_numbered_by_hash_however_few_hashes_are_sorted_at_once(monkeypatch):
    rng = np.random.default_rng(0)
    sequences = ["".join(rng.choice(list("ACGT"), 3)) for _ in range(200)]
    store = store_of(*sequences)
    forward, backward = strand_hashes(store, LengthPolicy().windows(store.lengths))
    _, first, number = np.unique(np.minimum(forward, backward), return_index=True, return_inverse=True)
    for at_once in (7, 1000):
        monkeypatch.setattr(module, "SORTED_AT_ONCE", at_once)
        found = known(*sequences)
        assert (found.number == number).all()
        assert (found.first == first).all()
        assert (found.turned == (forward != forward[first][number])).all()


def test_blocks_hold_each_family_on_each_side():
    found = known(A, B, A, A, B, C)
    split = blocks(found, np.array([0, 0, 1, 0, 0, 1]))
    rows = np.split(split.members, split.start[1:])
    names = [(int(found.number[r[0]]), int(side)) for r, side in zip(rows, split.side, strict=True)]
    a, b, c = found.number[[0, 1, 5]]
    held = {name: sorted(r.tolist()) for name, r in zip(names, rows, strict=True)}
    assert held == {(a, 0): [0, 3], (a, 1): [2], (b, 0): [1, 4], (c, 1): [5]}
    one, two, i = block_pairs(split, np.array([a, b]), np.array([b, a]))
    assert i.tolist() == [0, 0, 1, 1]
    assert [names[x] for x in one] == [(a, 0), (a, 1), (b, 0), (b, 0)]
    assert [names[x] for x in two] == [(b, 0), (b, 0), (a, 0), (a, 1)]


def dealt(*sizes: int):
    """One family of so many records a side."""
    found = known(*[A] * sum(sizes))
    return blocks(found, np.repeat(np.arange(len(sizes)), sizes))


def test_two_blocks_are_paired_all_with_all():
    a, b, i = product(dealt(3, 2), np.array([0]), np.array([1]), partners=2)
    assert {frozenset(pair) for pair in zip(a.tolist(), b.tolist(), strict=True)} == {
        frozenset((x, y)) for x in (0, 1, 2) for y in (3, 4)
    }
    assert i.tolist() == [0] * 6


def test_of_two_large_blocks_every_record_has_some_partners_and_none_twice():
    a, b, _ = product(dealt(50, 80), np.array([0]), np.array([1]), partners=4)
    assert len(a) == len(set(zip(a.tolist(), b.tolist(), strict=True))) == 4 * 80
    assert set(np.r_[a, b].tolist()) == set(range(130))
    assert ((a < 50) != (b < 50)).all()


def test_within_a_block_all_are_paired_until_there_are_too_many():
    a, b = within(dealt(5), partners=4)
    assert sorted(zip(a.tolist(), b.tolist(), strict=True)) == [
        (i, j) for i in range(5) for j in range(i + 1, 5)
    ]
    a, b = within(dealt(100), partners=4)
    assert len(a) == 4 * 100 - (1 + 2 + 3 + 4)
    assert set(np.r_[a, b].tolist()) == set(range(100))
