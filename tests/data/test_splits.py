import numpy as np
import pytest

from dnaseq.data.splits import Given, Pooled
from dnaseq.errors import ConfigError

N = 200
LABELS = np.arange(N) % 4 == 0  # one in four
GROUPS = np.arange(N)
ALL_TRAIN = np.zeros(N, dtype=np.uint8)
SETTINGS = {"val": 0.1, "test": 0.2, "seed": 3}
GIVEN, RANDOM, STRATIFIED = (
    Given(**SETTINGS),
    Pooled(**SETTINGS, stratify=False),
    Pooled(**SETTINGS, stratify=True),
)


def sizes(split: np.ndarray) -> dict[str, int]:
    return {name: int((split == name).sum()) for name in ("train", "val", "test")}


def test_given_files_stay_as_they_are():
    split = GIVEN.deal(np.array([0, 0, 1, 2]), np.zeros(4), np.arange(4))
    assert split.tolist() == ["train", "train", "val", "test"]


def test_missing_parts_are_taken_from_the_training_file():
    assert sizes(GIVEN.deal(ALL_TRAIN, LABELS, GROUPS)) == {"train": 144, "val": 16, "test": 40}


@pytest.mark.parametrize("split", [GIVEN, STRATIFIED])
def test_stratified_parts_have_the_same_share_of_each_class(split):
    dealt = split.deal(ALL_TRAIN, LABELS, GROUPS)
    assert [LABELS[dealt == part].mean() for part in ("val", "test")] == [0.25, 0.25]


@pytest.mark.parametrize("split", [GIVEN, STRATIFIED, RANDOM])
def test_a_group_never_straddles_two_parts(split):
    groups = np.arange(N) // 5
    dealt = split.deal(ALL_TRAIN, LABELS, groups)
    assert all(len(set(dealt[groups == g])) == 1 for g in range(groups.max() + 1))


@pytest.mark.parametrize("split", [GIVEN, STRATIFIED, RANDOM])
def test_the_same_seed_gives_the_same_split_and_another_another(split):
    first = split.deal(ALL_TRAIN, LABELS, GROUPS)
    assert (first == split.deal(ALL_TRAIN, LABELS, GROUPS)).all()
    other = type(split)(**vars(split) | {"seed": 4})
    assert (first != other.deal(ALL_TRAIN, LABELS, GROUPS)).any()


def test_pooled_splits_deal_out_given_parts_anew():
    parts = np.repeat([0, 2], N // 2)
    assert sizes(RANDOM.deal(parts, LABELS, GROUPS))["test"] == 40
    assert set(RANDOM.known_parts(parts)) == {"train"}


def test_records_to_be_judged_only_are_left_alone():
    assert GIVEN.deal(np.full(4, 2), np.zeros(4), np.arange(4)).tolist() == ["test"] * 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"val": 1.5}, r"split.val must be between 0 and 1; got 1.5"),
        ({"seed": -1}, "split.seed must be a whole"),
    ],
)
def test_a_setting_out_of_range_is_refused(change, message):
    with pytest.raises(ConfigError, match=message):
        Given(**SETTINGS | change)
