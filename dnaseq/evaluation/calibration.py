"""Calibrated probabilities from a network's own and a description of how they are to be mapped.

A description is plain data (JSON), as calibrators.py fits it on validation records:

    {"kind": "temperature", "temperature": 1.31, "n": 287}
    {"kind": "isotonic", "curves": [{"x": [...], "y": [...]}], "n": 2870}

What is mapped are the probabilities of a whole record, so that one that was cut into windows is treated alike.
"""

import numpy as np

LEAST_TEMPERATURE, GREATEST_TEMPERATURE = 0.05, 20.0
MOST_POINTS = 1000  # of an isotonic curve
_SMALLEST = np.finfo(np.float64).tiny  # its logarithm, -708, is finite even when divided by LEAST_TEMPERATURE


def calibrated(probabilities: np.ndarray, description: dict | None) -> np.ndarray:
    """(n, C) probabilities -> (n, C), every row with the sum 1; None changes nothing.

    Raises ValueError for another kind than temperature and isotonic.
    """
    if description is None:
        return probabilities
    if description["kind"] == "temperature":
        return with_temperature(probabilities, description["temperature"])
    if description["kind"] == "isotonic":
        return with_curves(probabilities, description["curves"])
    raise ValueError(f"calibration must be temperature or isotonic; got {description['kind']!r}")


def with_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """softmax(log p / T), (n, C) -> (n, C) (Guo et al. 2017, ICML). The order of a record's classes stays, and
    with two classes so do the ranking of the records and the side of 0.5 that each is on."""
    scaled = logarithms(probabilities) / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def logarithms(probabilities: np.ndarray) -> np.ndarray:
    """Natural logarithms, finite for a probability of 0 as well."""
    return np.log(np.maximum(probabilities, _SMALLEST))


def with_curves(probabilities: np.ndarray, curves: list[dict]) -> np.ndarray:
    """One curve of points (x, y), straight between them: the probability of the last of two classes. A curve for
    each class where there are more: their values divided by their sum (Zadrozny and Elkan 2002, KDD)."""
    if len(curves) == 1:
        positive = np.interp(probabilities[:, 1], curves[0]["x"], curves[0]["y"])
        return np.column_stack([1 - positive, positive])
    values = np.column_stack(
        [np.interp(p, curve["x"], curve["y"]) for p, curve in zip(probabilities.T, curves, strict=True)]
    )
    return values / values.sum(axis=1, keepdims=True)
