"""Checks of the entries of spec.json that turn the probabilities of a network into a prediction."""

import sys
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

from dnaseq.evaluation.decisions.calibration import GREATEST_TEMPERATURE, LEAST_TEMPERATURE, MOST_POINTS
from dnaseq.evaluation.decisions.novelty import N_FEATURES

LARGEST_NUMBER = sys.float_info.max  # whole numbers in JSON have no end


class Entry(NamedTuple):
    """A check of a value, and the words for allowed values in the error message."""

    fits: Callable[[Any], bool]
    allowed: str


def is_number(value: Any, low: float = -LARGEST_NUMBER, high: float = LARGEST_NUMBER) -> bool:
    """Return True for a number from low to high; NaN, infinity, true and false are none."""
    return type(value) in (int, float) and low <= value <= high


def is_count(value: Any) -> bool:
    """Return True for a whole number of at least 1."""
    return type(value) is int and 1 <= value <= LARGEST_NUMBER


def are_numbers(value: Any, count: int, low: float = -LARGEST_NUMBER, high: float = LARGEST_NUMBER) -> bool:
    """Return True for a list of `count` numbers from low to high."""
    return isinstance(value, list) and len(value) == count and all(is_number(v, low, high) for v in value)


def has_keys(value: Any, *keys: str) -> bool:
    """Return True for an object of these keys and no other."""
    return isinstance(value, dict) and set(value) == set(keys)


# A bundle without fitted decisions: the probabilities of the network and a threshold of one half.
DEFAULT_DECISIONS = {
    "calibration": None,
    "threshold": 0.5,
    "decision": {"rule": "fixed"},
    "abstention": None,
    "novelty": None,
}
RULES = ("fixed", "max_mcc", "sensitivity", "cost")
LARGEST_WEIGHT = 1e12  # of the description of training records: no sum of them overflows


def curve_count(n_classes: int) -> int:
    """Number of curves of an isotonic calibration."""
    return 1 if n_classes == 2 else n_classes


def _is_calibration(value: Any) -> bool:
    if value is None:
        return True
    if not isinstance(value, dict) or not is_count(value.get("n")):
        return False
    if value.get("kind") == "temperature":
        found = has_keys(value, "kind", "n", "temperature")
        return found and is_number(value["temperature"], LEAST_TEMPERATURE, GREATEST_TEMPERATURE)
    curves = value.get("curves")
    of_kind = value.get("kind") == "isotonic" and has_keys(value, "kind", "n", "curves")
    return of_kind and isinstance(curves, list) and len(curves) > 0 and all(map(_is_curve, curves))


def _is_curve(value: Any) -> bool:
    """x ascends from 0 to 1; y does not descend and is neither 0 nor 1, so no prediction is certain."""
    if not has_keys(value, "x", "y") or not isinstance(value["x"], list):
        return False
    x, y, n = value["x"], value["y"], len(value["x"])
    numbers = 1 <= n <= MOST_POINTS and are_numbers(x, n, 0, 1) and are_numbers(y, n, 0, 1)
    ascends = numbers and all(a < b for a, b in pairwise(x)) and all(a <= b for a, b in pairwise(y))
    return ascends and y[0] > 0 and y[-1] < 1


def _is_decision(value: Any) -> bool:
    """Return True for a known rule whose other entries are numbers."""
    if not isinstance(value, dict) or value.get("rule") not in RULES:
        return False
    return all(name == "rule" or (name.isidentifier() and is_number(v)) for name, v in value.items())


def _is_abstention(value: Any) -> bool:
    if value is None:
        return True
    if not has_keys(value, "at_most", "reached", "confidence", "error_rate", "coverage", "n"):
        return False
    shares = all(is_number(value[name], 0, 1) for name in ("at_most", "error_rate", "coverage"))
    return shares and is_count(value["n"]) and _fits_reached(value["reached"], value["confidence"])


def _fits_reached(reached: object, confidence: object) -> bool:
    return confidence is None if reached is False else reached is True and is_number(confidence, 0, 1)


def _is_novelty(value: Any) -> bool:
    if value is None:
        return True
    if not has_keys(value, "rate", "cut_off", "n", "n_train", "mean", "whitening"):
        return False
    rows = value["whitening"]
    return (
        is_number(value["rate"], 0, 1)
        and is_number(value["cut_off"], 0)
        and is_count(value["n"])
        and is_count(value["n_train"])
        and are_numbers(value["mean"], N_FEATURES, -LARGEST_WEIGHT, LARGEST_WEIGHT)
        and isinstance(rows, list)
        and len(rows) == N_FEATURES
        and all(are_numbers(row, i, -LARGEST_WEIGHT, LARGEST_WEIGHT) for i, row in enumerate(rows, 1))
    )


DECISION_ENTRIES = {
    "calibration": Entry(
        _is_calibration, "null, a temperature from 0.05 to 20, or isotonic curves, with n records"
    ),
    "threshold": Entry(lambda value: is_number(value, 0, 1), "a number from 0 to 1"),
    "decision": Entry(_is_decision, f"an object whose rule is one of {', '.join(RULES)}, and numbers"),
    "abstention": Entry(
        _is_abstention,
        "null or an object of at_most, reached, confidence, error_rate, coverage and n",
    ),
    "novelty": Entry(
        _is_novelty, f"null or an object of rate, cut_off, n, n_train, {N_FEATURES} means and a triangle"
    ),
}
