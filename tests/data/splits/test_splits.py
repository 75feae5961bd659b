from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dnaseq.data.splits.splits import ALL, TEST, TRAIN, VAL, Facts, Given, GivenUntested, Pooled, fractions
from dnaseq.errors import ConfigError, InputError

N = 200
LABELS = np.arange(N) % 4 == 0  # one in four
SETTINGS = {"val": 0.1, "test": 0.2, "seed": 3}
GIVEN, RANDOM, STRATIFIED, GROUPED = (
    Given(**SETTINGS, similar=True),
    Pooled(**SETTINGS, stratify=False),
    Pooled(**SETTINGS, stratify=True),
    Pooled(**SETTINGS, stratify=True, similar=True),
)
EVERY = pytest.mark.parametrize("split", [GIVEN, STRATIFIED, RANDOM, GROUPED])


def facts(labels=LABELS, groups=None, parts=None) -> Facts:
    n = len(labels)
    return Facts(
        np.zeros(n, dtype=np.uint8) if parts is None else np.array(parts),
        np.array(labels),
        np.arange(n) if groups is None else np.array(groups),
        lambda: [f"r{i}" for i in range(n)],
    )


def sizes(split: np.ndarray) -> dict[str, int]:
    return {name: int((split == part).sum()) for part, name in enumerate(("train", "val", "test"))}


def test_given_files_stay_as_they_are():
    split = GIVEN.assign(facts(np.zeros(4), parts=[0, 0, 1, 2]))
    assert split.tolist() == [TRAIN, TRAIN, VAL, TEST]


@EVERY
def test_missing_parts_are_taken_from_the_training_file(split):
    assert sizes(split.assign(facts())) == {"train": 144, "val": 16, "test": 40}


def test_a_missing_validation_part_is_taken_from_the_training_file_alone():
    """A validation part that is the test part, or any of it, would choose the model by its judge."""
    dealt = GIVEN.assign(facts(parts=np.repeat([0, 2], N // 2)))
    assert (dealt[N // 2 :] == TEST).all()
    assert sizes(dealt) == {"train": 90, "val": 10, "test": 100}


@pytest.mark.parametrize("split", [GIVEN, STRATIFIED, GROUPED])
def test_stratified_parts_have_the_same_share_of_each_class(split):
    dealt = split.assign(facts())
    assert [LABELS[dealt == part].mean() for part in (VAL, TEST)] == [0.25, 0.25]


def test_groups_can_be_dealt_without_regard_to_classes():
    dealt = replace(GROUPED, stratify=False).assign(facts())
    assert sizes(dealt) == {"train": 144, "val": 16, "test": 40}
    assert LABELS[dealt == TEST].mean() != 0.25


@pytest.mark.parametrize("split", [GIVEN, STRATIFIED, RANDOM, GROUPED])
@settings(max_examples=30)
@given(seed=st.integers(0, 1000))
def test_a_group_never_straddles_two_parts(split, seed):
    groups = np.random.default_rng(seed).integers(0, 60, N)
    dealt = split.assign(facts(groups=groups))
    assert set(dealt) == {TRAIN, VAL, TEST}
    assert all(len(set(dealt[groups == g])) == 1 for g in np.unique(groups))


@EVERY
def test_the_same_seed_gives_the_same_split_and_another_another(split):
    first = split.assign(facts())
    assert (first == split.assign(facts())).all()
    assert (first != replace(split, seed=4).assign(facts())).any()


@pytest.mark.parametrize("split", [RANDOM, GROUPED])
def test_pooled_splits_deal_out_given_parts_anew(split):
    parts = np.repeat([0, 2], N // 2)
    assert sizes(split.assign(facts(parts=parts)))["test"] == 40
    assert set(split.known_parts(parts)) == {TRAIN}


def test_shares_of_a_grouped_split_are_of_records():
    """Ten families of ten and a hundred single records: a fifth of the groups is not a fifth of the records."""
    groups = np.r_[np.repeat(np.arange(10), 10), np.arange(10, 110)]
    assert sizes(GROUPED.assign(facts(groups=groups))) == {"train": 144, "val": 16, "test": 40}


def test_groups_too_few_for_the_parts_are_refused():
    with pytest.raises(InputError, match="2 groups of similar records cannot fill 3 splits"):
        GROUPED.assign(facts([0, 1, 0, 1], groups=[0, 0, 1, 1]))


def test_records_to_be_judged_only_are_left_alone():
    assert GIVEN.assign(facts(np.zeros(4), parts=[2] * 4)).tolist() == [TEST] * 4


def test_fractions_are_of_the_records_that_are_used():
    parts = np.array([TRAIN, TRAIN, VAL, TEST, ALL.index("dropped")])
    assert fractions(parts) == {"train": 0.5, "val": 0.25, "test": 0.25}
    assert fractions(np.array([ALL.index("dropped")])) == {"train": 0.0, "val": 0.0, "test": 0.0}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"val": 1.5}, r"split.val must be between 0 and 1; got 1.5"),
        ({"test": 0}, r"split.test must be between 0 and 1; got 0"),
        ({"seed": -1}, "split.seed must be a whole"),
        ({"similar": 0.9}, r"split.similar must be true or false; got 0.9\. .*similarity.identity"),
    ],
)
def test_a_setting_out_of_range_is_refused(change, message):
    with pytest.raises(ConfigError, match=message):
        Given(**SETTINGS | change)


def test_without_a_test_set_the_validation_records_are_those_of_their_file_or_a_share():
    own = GivenUntested(val=0.25, seed=0, similar=True)
    labels, groups = np.repeat([0, 1], 20), np.arange(40) // 2
    part = own.assign(facts(labels, groups))
    assert sizes(part) == {"train": 30, "val": 10, "test": 0}
    assert (part[::2] == part[1::2]).all()  # groups stay together
    files = [TRAIN, VAL] * 20
    assert own.assign(facts(labels, groups, files)).tolist() == files
    with pytest.raises(ConfigError, match="split=untested has no test set"):
        own.assign(facts(labels, groups, [TEST] * 40))
