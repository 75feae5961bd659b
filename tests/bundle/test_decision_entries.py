"""A value that the predictor could not use, or only with a wrong answer, is no entry."""

import copy

import numpy as np
import pytest
from msgspec import to_builtins
from specs import make_spec

from dnaseq.evaluation.decisions.abstention import abstention
from dnaseq.evaluation.decisions.calibration import Isotonic, Temperature
from dnaseq.evaluation.decisions.novelty import N_FEATURES, novelty_reference
from dnaseq.evaluation.decisions.thresholds import Cost, Fixed, MaxMcc, Sensitivity

TEMPERATURE = {"kind": "temperature", "temperature": 1.3, "n": 40}
CURVE = {"x": [0.1, 0.9], "y": [0.2, 0.8]}
ISOTONIC = {"kind": "isotonic", "curves": [CURVE], "n": 40}
ABSTENTION = {
    "at_most": 0.05, "reached": True, "confidence": 0.8, "error_rate": 0.04, "coverage": 0.7, "n": 40,
}  # fmt: skip
NOVELTY = {
    "rate": 0.005, "cut_off": 9.0, "n": 40, "n_train": 400,
    "mean": [0.0] * N_FEATURES, "whitening": [[1.0] * i for i in range(1, N_FEATURES + 1)],
}  # fmt: skip
NAN, INFINITY = float("nan"), float("inf")


def fits(name: str, value) -> bool:
    """Check if a spec can hold the value."""
    try:
        made = make_spec(**{name: to_builtins(value)})
    except ValueError:
        return False
    return getattr(make_spec(**{name: to_builtins(getattr(made, name))}), name) == getattr(made, name)


@pytest.fixture(scope="module")
def drawn():
    """300 classes of two and their probabilities."""
    rng = np.random.default_rng(0)
    p = rng.random(300)
    return (rng.random(300) < p).astype(int), np.column_stack([1 - p, p])


@pytest.mark.parametrize("calibrator", [Temperature(), Isotonic()])
def test_what_a_calibrator_finds_is_an_entry(calibrator, drawn):
    assert fits("calibration", calibrator.fit(*drawn))


@pytest.mark.parametrize("rule", [Fixed(0.3), MaxMcc(), Sensitivity(), Cost()])
def test_what_a_rule_chooses_is_an_entry(rule, drawn):
    threshold, decision = rule.choose(drawn[0], drawn[1][:, 1])
    assert fits("threshold", threshold)
    assert fits("decision", decision)


@pytest.mark.parametrize("rate", [0.001, 0.05, 0.1, 0.9])
def test_what_abstention_finds_is_an_entry(rate, drawn):
    assert fits("abstention", abstention(*drawn, 0.5, rate))


def test_what_novelty_finds_is_an_entry():
    features = np.random.default_rng(0).random((60, N_FEATURES))
    assert fits("novelty", novelty_reference(features[:30], features[30:], 0.1))


@pytest.mark.parametrize(
    "change",
    [
        *({"temperature": value} for value in (0, 0.04, 21, -1, NAN, INFINITY, None, "1", True, 10**400)),
        {"kind": "platt"},
        {"kind": ["temperature"]},
        {"n": 0},
        {"n": 1.5},
        {"more": 1},
    ],
)
def test_a_temperature_that_is_none_is_refused(change):
    assert fits("calibration", TEMPERATURE)
    assert not fits("calibration", TEMPERATURE | change)


@pytest.mark.parametrize(
    "curve",
    [
        {"x": [0.9, 0.1], "y": [0.2, 0.8]},
        {"x": [0.1, 0.1], "y": [0.2, 0.8]},
        {"x": [0.1, 0.9], "y": [0.8, 0.2]},
        {"x": [0.1, 0.9], "y": [0.0, 0.8]},
        {"x": [0.1, 0.9], "y": [0.2, 1.0]},
        {"x": [0.1, 1.1], "y": [0.2, 0.8]},
        {"x": [0.1, NAN], "y": [0.2, 0.8]},
        {"x": [0.1, 0.9], "y": [0.2, NAN]},
        {"x": [0.1, 0.5, 0.9], "y": [0.2, 0.8]},
        {"x": [0.1, 0.9], "y": "ab"},
        {"x": [], "y": []},
        {"x": [i / 2000 for i in range(1001)], "y": [0.5] * 1001},
        {"x": [0.1]},
        None,
    ],
)
def test_a_curve_that_is_none_is_refused(curve):
    assert fits("calibration", ISOTONIC)
    assert not fits("calibration", ISOTONIC | {"curves": [CURVE, curve]})


@pytest.mark.parametrize(
    "value", [{}, [], "temperature", 1, ISOTONIC | {"curves": []}, ISOTONIC | {"curves": None}]
)
def test_what_is_no_calibration_is_refused(value):
    assert not fits("calibration", value)


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        "fixed",
        {"rule": None},
        {"rule": "best"},
        {"rule": "fixed", "n": "`x`"},
        {"rule": "cost", "]": 1},
    ],
)
def test_what_is_no_decision_is_refused(value):
    assert not fits("decision", value)


@pytest.mark.parametrize(
    "change",
    [
        *({"confidence": value} for value in (None, 1.1, -0.1, NAN, "1")),
        {"reached": False},
        {"reached": 1},
        {"at_most": 2},
        {"error_rate": None},
        {"coverage": NAN},
        {"n": 0},
        {"more": 1},
    ],
)
def test_what_is_no_abstention_is_refused(change):
    assert fits("abstention", ABSTENTION)
    assert not fits("abstention", ABSTENTION | change)


def test_a_rate_that_is_not_reached_has_no_confidence():
    assert fits("abstention", ABSTENTION | {"reached": False, "confidence": None})


@pytest.mark.parametrize(
    "change",
    [
        {"rate": 2},
        {"cut_off": -1},
        {"cut_off": INFINITY},
        {"cut_off": None},
        {"n": 0},
        {"n_train": None},
        {"mean": [0.0] * (N_FEATURES - 1)},
        {"mean": [NAN] * N_FEATURES},
        {"mean": [1e300] * N_FEATURES},
        {"whitening": NOVELTY["whitening"][:-1]},
        {"whitening": [[1.0] * N_FEATURES] * N_FEATURES},
        {"whitening": None},
        {"more": 1},
    ],
)
def test_what_is_no_novelty_is_refused(change):
    assert fits("novelty", NOVELTY)
    assert not fits("novelty", copy.deepcopy(NOVELTY) | change)
