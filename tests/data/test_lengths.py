import numpy as np
import pytest

from dnaseq.data.lengths import LengthPolicy
from dnaseq.errors import ConfigError, InputError

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


def test_a_record_of_another_length_is_named():
    with pytest.raises(InputError, match=r"record 'b': length 10, expected 5 \(2 such records\)"):
        LengthPolicy("error", 5).check(LENGTHS, ["a", "b", "c"])


def test_pad_with_a_length_refuses_longer_records_only():
    policy = LengthPolicy("pad", 10)
    assert [policy.problem(n) for n in (5, 10, 25)] == ["", "", "length 25 is over 10"]


@pytest.mark.parametrize("policy", ["trim", "tile"])
def test_cutting_needs_a_length(policy):
    with pytest.raises(ConfigError, match="needs a length"):
        LengthPolicy(policy)


def test_unknown_policy_lists_the_known():
    with pytest.raises(ConfigError, match="one of error, pad, trim, tile; got 'cut'"):
        LengthPolicy("cut")
