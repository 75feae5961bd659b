import numpy as np
import pytest

from dnaseq.data.records.lengths import LengthPolicy, tile_counts, tiles
from dnaseq.errors import ConfigError

LENGTHS = np.array([5, 10, 25])


def test_pad_sees_every_record_whole():
    windows = LengthPolicy("pad").windows(LENGTHS)
    assert windows.record.tolist() == [0, 1, 2]
    assert windows.start.tolist() == [0, 0, 0]
    assert windows.length.tolist() == [5, 10, 25]


def test_trim_keeps_the_middle():
    windows = LengthPolicy("trim", 10).windows(LENGTHS)
    assert windows.start.tolist() == [0, 0, 7]
    assert windows.length.tolist() == [5, 10, 10]


def test_tile_covers_every_base_and_ends_with_the_record():
    windows = LengthPolicy("tile", 10).windows(LENGTHS)
    assert windows.record.tolist() == [0, 1, 2, 2, 2]
    assert windows.start.tolist() == [0, 0, 0, 10, 15]
    assert windows.length.tolist() == [5, 10, 10, 10, 10]


def test_error_takes_its_length_from_the_first_record():
    assert LengthPolicy("error").resolved(LENGTHS) == LengthPolicy("error", 5)


@pytest.mark.parametrize(
    ("policy", "refused"),
    [
        (LengthPolicy("error", 10), [True, False, True]),
        (LengthPolicy("pad", 10), [False, False, True]),
        (LengthPolicy("pad"), [False, False, False]),
        (LengthPolicy("trim", 10), [False, False, False]),
        (LengthPolicy("tile", 10), [False, False, False]),
    ],
)
def test_each_policy_refuses_its_lengths(policy, refused):
    assert policy.refused(LENGTHS).tolist() == refused


@pytest.mark.parametrize(
    ("policy", "said"), [("error", "length 25, expected 10"), ("pad", "length 25 is over 10")]
)
def test_a_refusal_says_both_lengths(policy, said):
    assert LengthPolicy(policy, 10).refusal(25) == said


@pytest.mark.parametrize("length", [0, -1, 2.0, True, "200"])
def test_a_length_is_a_whole_number_of_bases(length):
    with pytest.raises(ConfigError, match="length must be a whole number of bases, at least 1; got"):
        LengthPolicy("pad", length)


@pytest.mark.parametrize("policy", ["trim", "tile"])
def test_cutting_needs_a_length(policy):
    with pytest.raises(ConfigError, match="needs a length"):
        LengthPolicy(policy)


def test_unknown_policy_lists_the_known():
    with pytest.raises(ConfigError, match="one of error, pad, trim, tile; got 'cut'"):
        LengthPolicy("cut")


def test_tiles_begin_a_stride_apart_and_the_last_ends_with_the_record():
    lengths = np.array([3, 10, 11, 0])
    windows = tiles(lengths, 4, 3)
    found = list(zip(*(column.tolist() for column in windows), strict=True))
    assert found == [
        (0, 0, 3),
        (1, 0, 4), (1, 3, 4), (1, 6, 4),
        (2, 0, 4), (2, 3, 4), (2, 6, 4), (2, 7, 4),
        (3, 0, 0),
    ]  # fmt: skip
    assert tile_counts(lengths, 4, 3).tolist() == [1, 3, 4, 1]
