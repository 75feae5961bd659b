"""What a value of spec.json can be: it comes from a file that anybody may have written."""

import sys
from collections.abc import Callable
from typing import NamedTuple

LARGEST_NUMBER = sys.float_info.max  # whole numbers in JSON have no end


class Entry(NamedTuple):
    """Whether a value fits, and what is said to be allowed."""

    fits: Callable[[object], bool]
    allowed: str


def is_number(value: object, low: float = -LARGEST_NUMBER, high: float = LARGEST_NUMBER) -> bool:
    """Whether it is a number from low to high, which NaN, infinity, true and false are not."""
    return type(value) in (int, float) and low <= value <= high


def is_count(value: object) -> bool:
    """Whether it is a whole number of at least 1."""
    return type(value) is int and 1 <= value <= LARGEST_NUMBER


def are_numbers(
    value: object, count: int, low: float = -LARGEST_NUMBER, high: float = LARGEST_NUMBER
) -> bool:
    """Whether it is a list of that many numbers from low to high."""
    return isinstance(value, list) and len(value) == count and all(is_number(v, low, high) for v in value)


def has_keys(value: object, *keys: str) -> bool:
    """Whether it is an object of these keys and no other."""
    return isinstance(value, dict) and set(value) == set(keys)
