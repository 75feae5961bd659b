import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedGroupKFold

from dnaseq.data.splits.group_split import assign_groups
from dnaseq.errors import InputError

THREE = (0.72, 0.08, 0.2)
FIFTHS = (0.2,) * 5


def deal(labels, groups, shares=THREE, seed=0) -> np.ndarray:
    return assign_groups(np.array(labels), np.array(groups, dtype=int), shares, np.random.default_rng(seed))


@st.composite
def families(draw, classes=3):
    """(n,) labels, (n,) groups of 1 to 6 records, at least 5 groups; in any order, numbered in any way."""
    sizes = draw(st.lists(st.integers(1, 6), min_size=20, max_size=60))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    order = rng.permutation(sum(sizes))
    groups = rng.permutation(10 * len(sizes))[np.repeat(np.arange(len(sizes)), sizes)][order]
    return rng.integers(0, classes, len(groups)), groups


@given(families(), st.sampled_from([THREE, FIFTHS, (0.9, 0.1)]))
def test_every_record_is_dealt_once_and_no_group_straddles(records, shares):
    labels, groups = records
    portion = deal(labels, groups, shares)
    assert set(portion) == set(range(len(shares)))
    for group in np.unique(groups):
        assert len(set(portion[groups == group])) == 1


@given(families(classes=1), st.sampled_from([THREE, FIFTHS, (0.9, 0.1)]))
def test_sizes_are_within_one_largest_group_of_the_wish(records, shares):
    labels, groups = records
    sizes = np.bincount(deal(labels, groups, shares), minlength=len(shares))
    assert (abs(sizes - len(groups) * np.array(shares)) <= np.bincount(groups).max()).all()


@given(st.integers(0, 1000))
def test_of_single_records_every_class_is_within_three_of_its_share(seed):
    labels = np.random.default_rng(seed).integers(0, 4, 80 + seed % 100)
    portion = deal(labels, np.arange(len(labels)), FIFTHS, seed)
    for c in range(4):
        counts = np.bincount(portion[labels == c], minlength=5)
        assert (abs(counts - (labels == c).sum() / 5) < 3).all()


@given(families(), st.integers(0, 5))
def test_the_same_seed_gives_the_same_deal_whatever_the_numbers_of_the_groups(records, seed):
    labels, groups = records
    renumbered = np.random.default_rng(seed).permutation(groups.max() + 1)[groups]
    assert (deal(labels, groups, seed=seed) == deal(labels, renumbered, seed=seed)).all()


def test_another_seed_gives_another_deal():
    labels, groups = np.zeros(100, dtype=int), np.arange(100)
    assert (deal(labels, groups, seed=0) != deal(labels, groups, seed=1)).any()


@given(families(classes=1))
def test_another_order_of_the_records_gives_parts_as_large(records):
    """Which group goes where is drawn, but what each part gets of each composition hardly moves."""
    labels, groups = records
    order = np.random.default_rng(1).permutation(len(groups))
    sizes, others = (np.bincount(deal(labels[o], groups[o])) for o in (np.arange(len(groups)), order))
    assert (abs(sizes - others) <= 2 * np.bincount(groups).max()).all()


def test_a_class_of_as_many_groups_as_parts_is_in_every_part():
    labels = np.array([0] * 97 + [1] * 3)
    portion = deal(labels, np.arange(100))
    assert sorted(portion[labels == 1]) == [0, 1, 2]


def test_a_class_of_two_records_trains_before_it_judges():
    """A hundred such classes: the one record goes to the largest part, the other to where there is room."""
    labels = np.repeat(np.arange(100), 2)
    portion = deal(labels, np.arange(200))
    assert set(labels[portion == 0]) == set(range(100))
    assert np.bincount(portion).tolist() == [144, 16, 40]


def test_single_records_make_up_for_what_a_large_group_leaves_uneven():
    """Forty records of class 0 in one group, sixty alone, a hundred alone of class 1: halves hold fifty of each."""
    labels, groups = np.repeat([0, 1], 100), np.r_[np.zeros(40), np.arange(1, 161)]
    portion = deal(labels, groups, (0.5, 0.5))
    assert [np.bincount(labels[portion == p]).tolist() for p in (0, 1)] == [[50, 50], [50, 50]]


def test_a_rare_class_is_spread_before_common_ones_make_up_for_sizes():
    """One part holds 40 of the 50 records of class 0, and so less of the others: of class 2, not of class 1."""
    labels = np.repeat([0, 1, 2], [50, 4, 100])
    portion = deal(labels, np.r_[np.zeros(40), np.arange(1, 115)], (0.5, 0.5))
    assert np.bincount(portion).tolist() == [77, 77]
    assert np.bincount(portion[labels == 1]).tolist() == [2, 2]


def test_families_are_spread_as_evenly_as_scikit_learn_spreads_them():
    """The worst share of a class and the worst size of a fold, over ten sets of 150 families of mixed classes."""
    ours, theirs = np.zeros(2), np.zeros(2)
    for seed in range(10):
        rng = np.random.default_rng(seed)
        groups = np.repeat(np.arange(150), np.minimum(rng.zipf(1.7, 150), 60))
        labels = rng.choice(3, len(groups), p=[0.6, 0.3, 0.1])
        reference = StratifiedGroupKFold(5, shuffle=True, random_state=seed)
        folds = np.empty(len(groups), dtype=int)
        for fold, (_, judge) in enumerate(reference.split(labels, labels, groups)):
            folds[judge] = fold
        ours += _unevenness(labels, deal(labels, groups, FIFTHS, seed))
        theirs += _unevenness(labels, folds)
    assert (ours <= theirs).all()


def _unevenness(labels, folds) -> tuple[float, float]:
    counts = np.array([np.bincount(labels[folds == fold], minlength=3) for fold in range(5)])
    return abs(counts / counts.sum(0) - 0.2).max(), abs(counts.sum(1) / counts.sum() - 0.2).max()


def test_large_families_do_not_all_go_to_the_largest_part():
    """Twenty families of ten and two hundred single records: each part has its share of the families too."""
    groups = np.r_[np.repeat(np.arange(20), 10), np.arange(20, 220)]
    portion = deal(np.zeros(400, dtype=int), groups)
    assert (portion[:200] == 2).sum() == 40


def test_a_family_too_large_for_the_small_parts_goes_to_the_largest():
    groups = np.r_[np.zeros(50), np.arange(1, 51)]
    assert (deal(np.zeros(100, dtype=int), groups)[:50] == 0).all()


def test_the_smallest_part_is_not_empty_even_if_its_share_is_less_than_a_record():
    assert sorted(deal([0, 0, 0, 0], [0, 1, 2, 3], (0.98, 0.01, 0.01)).tolist()) == [0, 0, 1, 2]


def test_parts_are_filled_where_every_class_has_too_few_groups_for_all():
    assert set(deal([0, 0, 1, 1], [0, 1, 2, 3], (0.8, 0.1, 0.1))) == {0, 1, 2}


def test_fewer_groups_than_parts_are_refused():
    with pytest.raises(InputError, match=r"2 groups of similar records cannot fill 3 splits.*split\.similar"):
        deal([0, 0, 1], [0, 1, 1])


def test_one_giant_group_is_refused_with_its_size():
    groups = np.r_[np.zeros(95), np.arange(1, 6)]
    with pytest.raises(
        InputError, match=r"95 of 100 records are one group of similar records, so 28 % of them"
    ):
        deal(np.zeros(100, dtype=int), groups)


def test_a_million_records_alone_or_in_pairs_are_dealt_to_the_share():
    labels = np.random.default_rng(0).integers(0, 2, 1_500_000)
    groups = np.r_[np.arange(500_000), np.arange(1_000_000) // 2 + 500_000]
    portion = deal(labels, groups)
    for part, share in enumerate(THREE):
        counts = np.bincount(labels[portion == part]) / np.bincount(labels)
        assert np.allclose(counts, share, atol=1e-5)
