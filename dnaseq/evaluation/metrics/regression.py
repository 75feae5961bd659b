"""Scores of predicted numbers: correlations, the variance explained, errors, and the deviance of counts."""

import numpy as np

from dnaseq.evaluation.intervals.bootstrap import Evidence
from dnaseq.evaluation.metrics.estimates import (
    affordable,
    count_defined,
    estimates,
    unit_count,
    with_means,
)
from dnaseq.schemas import Estimate

NO_SPREAD = 1e-10  # a variance of so small a share of the mean square is that of one value, up to rounding


def regression_scores(
    truth: np.ndarray,
    predicted: np.ndarray,
    targets: list[str],
    seed: int = 0,
    resamples: int = 1000,
    groups: np.ndarray | None = None,
) -> dict[str, Estimate]:
    """Every score as {"value", "low", "high"}, intervals as in scores: (n, T) numbers, (n, T) predictions, T names.

    pearson, spearman (mean ranks for ties), r2 (1 less the squared error over the variance of the truth; below 0
    where the mean would be better), rmse and mae, in units of the target; poisson_deviance, the mean over the
    records (McCullagh and Nelder 1989), if no truth is below 0 and all predictions are above. With more than one
    target, "pearson/NAME" is that of a target and the plain name the mean over the targets that have the score,
    with "over", their number. A correlation with what does not vary, and the r2 of such a truth, is None.

    Raises ValueError for shapes that do not fit together and for what is not a finite number, naming the row.
    """
    truth, predicted = _validate(truth, predicted, targets)
    scorer = WeightedErrors(truth, predicted, targets)
    units = unit_count(len(truth), groups)
    resamples = affordable(resamples, len(truth), 2 * len(targets))
    table = estimates(scorer, len(truth), lambda name: Evidence(units, units, units), seed, resamples, groups)
    means = [name for name in table if "/" not in name] if len(targets) > 1 else []
    return count_defined(table, means, targets)


class WeightedErrors:
    """Called with weights (..., n): every score of the records so weighted (...,), NaN if undefined."""

    def __init__(self, truth: np.ndarray, predicted: np.ndarray, targets: list[str]):
        self.targets = targets
        self.y, self.f = truth - truth.mean(axis=0), predicted - predicted.mean(axis=0)  # for the precision
        self.squares, self.distances = (predicted - truth) ** 2, np.abs(predicted - truth)
        self.ranks = [[Ranks(v[:, t]) for v in (truth, predicted)] for t in range(len(targets))]
        self.deviances = _poisson_deviances(truth, predicted)

    def __call__(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        total = weights.sum(axis=-1)[..., None]
        y, f, yy, ff, yf = (
            weights @ v / total for v in (self.y, self.f, self.y**2, self.f**2, self.y * self.f)
        )
        spread_y, spread_f = _variance(y, yy), _variance(f, ff)
        error = weights @ self.squares / total
        single = {
            "pearson": np.clip((yf - y * f) / np.sqrt(spread_y * spread_f), -1, 1),
            "spearman": np.stack([_rank_correlation(weights, *pair) for pair in self.ranks], axis=-1),
            "r2": 1 - error / spread_y,
            "rmse": np.sqrt(error),
            "mae": weights @ self.distances / total,
        }
        if self.deviances is not None:
            single["poisson_deviance"] = weights @ self.deviances / total
        if len(self.targets) == 1:
            return {name: values[..., 0] for name, values in single.items()}
        return with_means(single, self.targets)


class Ranks:
    """The ranks of (n,) values among records of any weights; ties share their mean rank."""

    def __init__(self, values: np.ndarray):
        _, self.tie = np.unique(values, return_inverse=True)  # the same number for equal values, rising
        self.order = np.argsort(self.tie, kind="stable")
        self.last = np.flatnonzero(np.diff(self.tie[self.order], append=-1))

    def __call__(self, weights: np.ndarray) -> np.ndarray:
        """Weights (..., n) -> (..., n) ranks, the first of which is 1."""
        upto = np.cumsum(weights[..., self.order], axis=-1)[..., self.last]
        before = np.concatenate([np.zeros_like(upto[..., :1]), upto[..., :-1]], axis=-1)
        return ((before + upto + 1) / 2)[..., self.tie]


def _rank_correlation(weights: np.ndarray, one: Ranks, other: Ranks) -> np.ndarray:
    """Spearman's coefficient (...,): Pearson's of the ranks, whose mean is known."""
    middle = (weights.sum(axis=-1)[..., None] + 1) / 2
    x, y = one(weights) - middle, other(weights) - middle
    weighted = weights * x
    xx, xy = np.sum(weighted * x, axis=-1), np.sum(weighted * y, axis=-1)
    yy = np.sum(weights * y * y, axis=-1)
    varies = (xx > 0) & (yy > 0)
    return np.where(varies, xy / np.sqrt(np.where(varies, xx * yy, 1)), np.nan)


def _variance(mean: np.ndarray, mean_square: np.ndarray) -> np.ndarray:
    """Variance; NaN where all values are equal."""
    variance = mean_square - mean**2
    return np.where(variance > NO_SPREAD * mean_square, variance, np.nan)


def _poisson_deviances(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray | None:
    """(n, T) deviance of each count from its rate; None where truths or predictions cannot be such."""
    if (truth < 0).any() or (predicted <= 0).any():
        return None
    logarithm = np.log(np.where(truth > 0, truth, 1) / np.where(truth > 0, predicted, 1))
    return 2 * (truth * logarithm - truth + predicted)


def _validate(truth: np.ndarray, predicted: np.ndarray, targets: list[str]) -> tuple[np.ndarray, np.ndarray]:
    truth, predicted = np.asarray(truth, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    shape = (len(truth), len(targets))
    if not all(shape) or truth.shape != shape or predicted.shape != shape:
        raise ValueError(
            f"scores need at least 1 record and 1 target, and a truth and a prediction for each; got {len(targets)} "
            f"targets, truth of shape {truth.shape} and predictions of shape {predicted.shape}"
        )
    wrong = np.flatnonzero(~(np.isfinite(truth) & np.isfinite(predicted)).all(axis=1))
    if wrong.size:
        row = wrong[0]
        raise ValueError(f"row {row}: not finite numbers: truth {truth[row]}, predicted {predicted[row]}")
    return truth, predicted
