from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dnaseq.data.splits.kfold import KFold
from dnaseq.data.splits.splits import TEST, TRAIN, VAL, Facts
from dnaseq.errors import ConfigError, InputError

FIVE = KFold(folds=5, repeats=2, stratify=True, val=0.1, seed=0, similar=True)


def facts(labels, groups=None, classes=("no", "yes")) -> Facts:
    n = len(labels)
    groups = np.arange(n) if groups is None else np.array(groups)
    return Facts(np.zeros(n, dtype=np.uint8), np.array(labels), groups, list, classes=classes)


HUNDRED = facts(np.arange(100) % 4 == 0)


def test_folds_of_single_records_are_equal_in_size_and_classes():
    for folds in FIVE.folds_of(HUNDRED):
        assert np.bincount(folds).tolist() == [20] * 5
        assert np.bincount(folds[HUNDRED.labels]).tolist() == [5] * 5


@settings(max_examples=15)
@given(st.integers(0, 1000))
def test_every_record_is_judged_once_a_repeat_and_no_group_straddles(seed):
    groups = np.random.default_rng(seed).integers(0, 40, 150)
    known = facts(groups % 2, groups)
    judged = np.zeros((2, len(groups)), dtype=int)
    for fold in range(FIVE.runs):
        dealt = replace(FIVE, fold=fold).assign(known)
        judged[fold // 5] += dealt == TEST
        assert set(dealt) == {TRAIN, VAL, TEST}
        assert all(len(set(dealt[known.groups == g])) == 1 for g in np.unique(groups))
    assert (judged == 1).all()


def test_the_fold_that_is_reported_neither_trains_nor_selects():
    folds = FIVE.folds_of(HUNDRED)
    for fold in range(FIVE.runs):
        dealt = replace(FIVE, fold=fold).assign(HUNDRED)
        assert ((dealt == TEST) == (folds[fold // 5] == fold % 5)).all()
        assert np.bincount(HUNDRED.labels[dealt == VAL]).tolist() == [6, 2]  # 8 of the 80 that are left


def test_repeats_and_seeds_deal_anew_and_the_same_ones_alike():
    first, second = FIVE.folds_of(HUNDRED)
    assert (first != second).any()
    assert (FIVE.folds_of(HUNDRED)[0] == first).all()
    assert (replace(FIVE, seed=1).folds_of(HUNDRED)[0] != first).any()


def test_each_fold_selects_on_records_of_its_own():
    chosen = [set(np.flatnonzero(replace(FIVE, fold=f).assign(HUNDRED) == VAL)) for f in range(5)]
    assert len({frozenset(rows) for rows in chosen}) == 5


def test_all_files_are_pooled():
    assert set(FIVE.known_parts(np.array([0, 1, 2]))) == {TRAIN}


def test_the_number_of_runs_counts_repeats():
    assert FIVE.runs == 10


def test_a_class_of_fewer_groups_than_folds_is_named():
    known = facts([0] * 20 + [1] * 8, [*range(20), 20, 20, 21, 21, 22, 22, 23, 23])
    with pytest.raises(
        InputError, match=r"class yes: 4 groups of similar records for 5 folds\. .*split.folds"
    ):
        FIVE.folds_of(known)
    assert set(replace(FIVE, stratify=False).folds_of(known)[0]) == set(range(5))


def test_a_run_without_its_number_is_refused():
    with pytest.raises(ConfigError, match=r"choose one with split\.fold=0 to 9"):
        FIVE.assign(HUNDRED)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"folds": 1}, "split.folds must be a whole number of 2 or more; got 1"),
        ({"repeats": 0}, "split.repeats must be a whole number of 1 or more; got 0"),
        ({"fold": 10}, "split.fold must be a whole number from 0 to 9; got 10"),
        ({"val": 0}, "split.val must be between 0 and 1; got 0"),
        ({"seed": -1}, "split.seed"),
    ],
)
def test_a_setting_out_of_range_is_refused(change, message):
    with pytest.raises(ConfigError, match=message):
        replace(FIVE, **change)
