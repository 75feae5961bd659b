import numpy as np
import pytest

from dnaseq.data import splits
from dnaseq.errors import ConfigError

N = 200
LABELS = np.arange(N) % 4 == 0  # one in four
GROUPS = np.arange(N)
ALL_TRAIN = np.zeros(N, dtype=np.uint8)
FRACTIONS = {"val": 0.1, "test": 0.2, "seed": 3}


def sizes(split: np.ndarray) -> dict[str, int]:
    return {name: int((split == name).sum()) for name in ("train", "val", "test")}


def test_given_files_stay_as_they_are():
    parts = np.array([0, 0, 1, 2])
    split = splits.given(parts, np.zeros(4), np.arange(4), **FRACTIONS)
    assert split.tolist() == ["train", "train", "val", "test"]


def test_missing_parts_are_taken_from_the_training_file():
    assert sizes(splits.given(ALL_TRAIN, LABELS, GROUPS, **FRACTIONS)) == {
        "train": 144,
        "val": 16,
        "test": 40,
    }


@pytest.mark.parametrize("make", [splits.given, splits.stratified])
def test_stratified_parts_have_the_same_share_of_each_class(make):
    split = make(ALL_TRAIN, LABELS, GROUPS, **FRACTIONS)
    assert [LABELS[split == part].mean() for part in ("val", "test")] == [0.25, 0.25]


@pytest.mark.parametrize("make", [splits.given, splits.stratified, splits.random])
def test_a_group_never_straddles_two_parts(make):
    groups = np.arange(N) // 5
    split = make(ALL_TRAIN, LABELS, groups, **FRACTIONS)
    assert all(len(set(split[groups == g])) == 1 for g in range(groups.max() + 1))


@pytest.mark.parametrize("make", [splits.given, splits.stratified, splits.random])
def test_the_same_seed_gives_the_same_split_and_another_another(make):
    first = make(ALL_TRAIN, LABELS, GROUPS, **FRACTIONS)
    assert (first == make(ALL_TRAIN, LABELS, GROUPS, **FRACTIONS)).all()
    assert (first != make(ALL_TRAIN, LABELS, GROUPS, **FRACTIONS | {"seed": 4})).any()


def test_random_and_stratified_deal_out_given_parts_anew():
    parts = np.repeat([0, 2], N // 2)
    assert sizes(splits.random(parts, LABELS, GROUPS, **FRACTIONS))["test"] == 40


def test_a_fraction_outside_0_to_1_is_refused():
    with pytest.raises(ConfigError, match=r"between 0 and 1; got 1\.5"):
        splits.random(ALL_TRAIN, LABELS, GROUPS, val=1.5, test=0.2, seed=0)


def test_records_to_be_judged_only_are_left_alone():
    assert splits.given(np.full(4, 2), np.zeros(4), np.arange(4), **FRACTIONS).tolist() == ["test"] * 4
