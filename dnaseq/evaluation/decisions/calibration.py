"""Calibration of probabilities: ways to fit it on validation records, and its application.

Each way has fit((n,) classes, (n, C) probabilities) -> the calibration, or None where nothing can be fitted. A
calibration, which a bundle holds, has apply((n, C) probabilities) -> (n, C), every row with the sum 1.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

import numpy as np
from msgspec import Meta, Struct

from dnaseq.schemas import Count, Share

LEAST_TEMPERATURE, GREATEST_TEMPERATURE = 0.05, 20.0
MOST_POINTS = 1000  # of an isotonic curve
_SMALLEST = np.finfo(np.float64).tiny  # its logarithm, -708, is finite even when divided by LEAST_TEMPERATURE


class Scaling(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="temperature"):
    """softmax(log p / T) (Guo et al. 2017, ICML), fitted on n records. The order of a record's classes stays, and
    with two classes so do the ranking of the records and the side of 0.5 that each is on."""

    temperature: Annotated[float, Meta(ge=LEAST_TEMPERATURE, le=GREATEST_TEMPERATURE)]
    n: Count

    def apply(self, probabilities: np.ndarray) -> np.ndarray:
        scaled = logarithms(probabilities) / self.temperature
        powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)


class Curve(Struct, frozen=True, forbid_unknown_fields=True):
    """Points (x, y), x ascending, y not descending and neither 0 nor 1, so that no prediction is certain."""

    x: Annotated[list[Share], Meta(min_length=1, max_length=MOST_POINTS)]
    y: list[Share]

    def __post_init__(self) -> None:
        rises = all(a < b for a, b in pairwise(self.x)) and all(a <= b for a, b in pairwise(self.y))
        if len(self.x) != len(self.y) or not rises or not 0 < self.y[0] <= self.y[-1] < 1:
            raise ValueError("must be points whose x ascends, and whose y does not descend and is not 0 or 1")


class Curves(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="isotonic"):
    """One curve, straight between its points: the probability of the last of two classes. A curve for each class
    where there are more: their values divided by their sum (Zadrozny and Elkan 2002, KDD). Fitted on n records."""

    curves: Annotated[list[Curve], Meta(min_length=1)]
    n: Count

    def apply(self, probabilities: np.ndarray) -> np.ndarray:
        if len(self.curves) == 1:
            positive = np.interp(probabilities[:, 1], self.curves[0].x, self.curves[0].y)
            return np.column_stack([1 - positive, positive])
        pairs = zip(probabilities.T, self.curves, strict=True)
        values = np.column_stack([np.interp(p, curve.x, curve.y) for p, curve in pairs])
        return values / values.sum(axis=1, keepdims=True)


Calibration = Scaling | Curves


def logarithms(probabilities: np.ndarray) -> np.ndarray:
    """Natural logarithms, finite for a probability of 0 as well."""
    return np.log(np.maximum(probabilities, _SMALLEST))


FEWEST = 20  # validation records
# Standard deviation of log T around 0, where nothing is changed. Without it a validation set that is predicted
# without a mistake has no best temperature but the lowest. Simulated with two classes, test log loss without it,
# with it, and uncalibrated: 0.58, 0.37, 0.36 with 20 validation records of a calibrated model; 0.57, 0.41, 0.50
# with 20 of an overconfident one; the same to three digits from 300 records on, unless those are all but separated.
PRIOR_SD = 0.5


@dataclass(frozen=True)
class NoCalibration:
    """The network's own probabilities."""

    def fit(self, truth: np.ndarray, probabilities: np.ndarray) -> Calibration | None:
        return None


@dataclass(frozen=True)
class Temperature:
    """One number for all classes, chosen by log loss (Guo et al. 2017, ICML), with a weak preference for 1."""

    def fit(self, truth: np.ndarray, probabilities: np.ndarray) -> Scaling | None:
        """Find the temperature; None of fewer than FEWEST records, or of one class only."""
        if len(truth) < FEWEST or len(np.unique(truth)) < 2:
            return None
        from scipy.optimize import minimize_scalar  # here, as a prediction needs no fit
        from scipy.special import log_softmax

        logs, rows = logarithms(probabilities), np.arange(len(truth))

        def cost(log_temperature: float) -> float:
            losses = -log_softmax(logs / math.exp(log_temperature), axis=1)[rows, truth]
            return losses.sum() + log_temperature**2 / (2 * PRIOR_SD**2)

        bounds = math.log(LEAST_TEMPERATURE), math.log(GREATEST_TEMPERATURE)
        found = minimize_scalar(cost, bounds=bounds, method="bounded", options={"xatol": 1e-6})
        return Scaling(round(math.exp(found.x), 6), len(truth))


@dataclass(frozen=True)
class Isotonic:
    """A rising curve of steps with straight lines between them (Zadrozny and Elkan 2002, KDD).

    It needs more records than a temperature does, and equal values for neighbours cost some of the ranking.
    """

    def fit(self, truth: np.ndarray, probabilities: np.ndarray) -> Curves | None:
        """Find the curves: of two classes that of the last one, of more one of each class against the rest. None of
        fewer than FEWEST records, or if a class has none.

        Values are kept between 1 / 2n and 1 - 1 / 2n: n records do not show that anything is certain, and the
        log loss of a certainty that fails has no bound.
        """
        n, n_classes = probabilities.shape
        if n < FEWEST or len(np.unique(truth)) < n_classes:
            return None
        fitted = [1] if n_classes == 2 else range(n_classes)
        return Curves([_curve(truth == c, probabilities[:, c]) for c in fitted], n)


Calibrator = NoCalibration | Temperature | Isotonic


def _curve(held: np.ndarray, probability: np.ndarray) -> Curve:
    """Points (x, y) of the curve, x ascending, y not descending; at most MOST_POINTS."""
    from sklearn.isotonic import IsotonicRegression  # here, because only fitting needs it

    least = 1 / (2 * len(held))
    model = IsotonicRegression(y_min=least, y_max=1 - least).fit(probability, held)
    x, first = np.unique(model.X_thresholds_.round(7), return_index=True)
    y = model.y_thresholds_[first]
    kept = np.unique(np.linspace(0, len(x) - 1, min(len(x), MOST_POINTS)).round().astype(np.int64))
    return Curve(x[kept].tolist(), y[kept].round(7).tolist())
