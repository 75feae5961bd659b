import pytest

from dnaseq.bundle.checks import are_numbers, has_keys, is_count, is_number


@pytest.mark.parametrize("value", [0, 1, 0.5, 1e-300])
def test_a_number_within_its_bounds_is_one(value):
    assert is_number(value, 0, 1)


@pytest.mark.parametrize(
    "value", [True, None, "1", [1], float("nan"), float("inf"), -1e-9, 1.1, 10**400, -(10**400)]
)
def test_what_is_no_number_or_beyond_is_none(value):
    assert not is_number(value, 0, 1)


def test_a_whole_number_without_end_is_beyond_any_bound():
    assert not is_number(10**400)


@pytest.mark.parametrize(
    ("value", "fits"), [(1, True), (0, False), (1.0, False), (True, False), (10**400, False)]
)
def test_a_count_is_a_whole_number_from_1_on(value, fits):
    assert is_count(value) is fits


def test_numbers_are_a_list_of_the_length_due():
    assert are_numbers([0, 0.5], 2, 0, 1)
    assert not are_numbers([0, 0.5], 3, 0, 1)
    assert not are_numbers([0, 2], 2, 0, 1)
    assert not are_numbers((0, 1), 2, 0, 1)


def test_keys_are_all_there_and_no_other():
    assert has_keys({"a": 1, "b": 2}, "a", "b")
    assert not has_keys({"a": 1}, "a", "b")
    assert not has_keys({"a": 1, "b": 2, "c": 3}, "a", "b")
    assert not has_keys(["a", "b"], "a", "b")
