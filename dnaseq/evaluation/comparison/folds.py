"""Scores of a cross-validation: means over the folds, their intervals, and differences of models.

Training sets of folds overlap, so their scores are not independent and the usual interval of a mean is too narrow;
Nadeau and Bengio (2003) correct its variance for the overlap.
"""

from itertools import combinations

import numpy as np
from msgspec.structs import replace
from scipy import stats

from dnaseq.evaluation.comparison.comparison import in_deciding_metric
from dnaseq.evaluation.comparison.phrasing import Size, pair_words, summarise_pairs
from dnaseq.evaluation.comparison.results import (
    AgainstBaseline,
    ComparedModel,
    Comparison,
    Fold,
    Pair,
    SeedsEstimate,
    Values,
)
from dnaseq.evaluation.intervals.bootstrap import bounds
from dnaseq.evaluation.intervals.paired import ROUNDING, holm
from dnaseq.evaluation.metrics.names import baseline_title
from dnaseq.schemas import Estimate

OF_RANKING = ("auroc", "auprc", "log_loss", "brier", "ece")  # scores that depend on no threshold


def fold_summary(folds: list[Values], n_train: float, n_test: float) -> dict[str, Estimate]:
    """Score -> mean over the folds and its corrected 95 % interval.

    `n_train` and `n_test` are records of a fold. The interval ends at the bounds of the score. Folds in which a score
    is undefined are left out; of fewer than two, and of folds that agree exactly, there is no interval.
    """
    return {name: _summary(name, [fold[name] for fold in folds], n_train, n_test) for name in folds[0]}


def compare_folds(
    models: dict[str, list[list[Fold]]], metrics: tuple[str, ...], n: int, classes: list[str]
) -> Comparison:
    """Compare models that were cross-validated on the same folds of n records.

    `models`: name -> of each seed the folds. Differences are those of the folds, means over the seeds, with the
    corrected interval and test.
    """
    any_folds = next(iter(models.values()))[0]
    n_train, n_test = (
        float(np.mean([getattr(fold, key) for fold in any_folds])) for key in ("n_train", "n_test")
    )
    values = {
        name: {metric: np.array([_of_folds(folds, metric) for folds in seeds]) for metric in metrics}
        for name, seeds in models.items()
    }  # (seeds, J), NaN where undefined
    pairs = [row for metric in metrics for row in _pairs(metric, values, n_train, n_test, Size(n, None))]
    found = [
        ComparedModel(name, {m: _summarise_model(m, of[m], n_train, n_test) for m in metrics})
        for name, of in values.items()
    ]
    return Comparison(
        n=n, classes=classes, models=found, pairs=pairs, words=summarise_pairs(pairs, Size(n, None))
    )


def folds_against_baseline(
    folds: list[Fold], baseline: str, scores: list[Values], n: int, classes: list[str]
) -> AgainstBaseline:
    """Compare a model that was cross-validated on n records with a baseline that has these scores in the same folds, by
    AUROC, or accuracy where that is undefined."""
    other = [replace(fold, metrics=own) for fold, own in zip(folds, scores, strict=True)]
    models = {"the model": [folds], baseline_title(baseline): [other]}
    return in_deciding_metric(baseline, lambda metric: compare_folds(models, (metric,), n, classes))


def corrected_interval(values: np.ndarray, n_train: float, n_test: float) -> tuple[float, float]:
    """95 % interval of the mean of J values, one a fold: t with J - 1 degrees of freedom."""
    spread = corrected_error(values, n_train, n_test) * stats.t.ppf(0.975, len(values) - 1)
    return float(np.mean(values) - spread), float(np.mean(values) + spread)


def corrected_test(differences: np.ndarray, n_train: float, n_test: float) -> float:
    """Two-sided p-value of a mean difference of 0 over J folds."""
    error = corrected_error(differences, n_train, n_test)
    if error < ROUNDING:
        return float(abs(np.mean(differences)) < ROUNDING)
    return float(2 * stats.t.sf(abs(np.mean(differences)) / error, len(differences) - 1))


def corrected_error(values: np.ndarray, n_train: float, n_test: float) -> float:
    """Standard error of the mean of J values: the variance of one times (1 / J + n_test / n_train)."""
    return float(np.sqrt((1 / len(values) + n_test / n_train) * np.var(values, ddof=1)))


def _of_folds(folds: list[Fold], metric: str) -> list[float]:
    return [np.nan if (value := fold.metrics[metric]) is None else value for fold in folds]


def _summarise_model(name: str, values: np.ndarray, n_train: float, n_test: float) -> SeedsEstimate:
    """(seeds, J) values of the score `name` -> mean, corrected interval, and the seeds with their spread."""
    seeds = values.mean(axis=1)
    means = [None if np.isnan(v) else float(v) for v in values.mean(axis=0)]
    summary = _summary(name, means, n_train, n_test)
    known = not np.isnan(seeds).any()
    return SeedsEstimate(
        summary.value,
        summary.low,
        summary.high,
        seeds=[float(seed) if known else None for seed in seeds],
        sd_seeds=float(seeds.std(ddof=1)) if known and len(seeds) > 1 else None,
    )


def _pairs(
    metric: str, values: dict[str, dict[str, np.ndarray]], n_train: float, n_test: float, size: Size
) -> list[Pair]:
    rows, means = [], []
    for a, b in combinations(values, 2):
        both = [values[name][metric].mean(axis=0) for name in (a, b)]  # (J,) each
        difference = both[0] - both[1]
        value = low = high = p = None
        if not np.isnan(difference).any():
            value, p = float(difference.mean()), corrected_test(difference, n_train, n_test)
            low, high = corrected_interval(difference, n_train, n_test)
        test = "corrected resampled t"
        rows.append(Pair(a=a, b=b, metric=metric, difference=value, low=low, high=high, p=p, test=test))
        means.append([float(one.mean()) for one in both])
    adjusted = holm([row.p for row in rows])
    rows = [replace(row, p_holm=p_holm) for row, p_holm in zip(rows, adjusted, strict=True)]
    return [
        replace(row, words=pair_words(row, mean, len(rows), size))
        for row, mean in zip(rows, means, strict=True)
    ]


def _summary(name: str, values: list[float | None], n_train: float, n_test: float) -> Estimate:
    known = np.array([value for value in values if value is not None])
    if len(known) < 2 or np.ptp(known) < ROUNDING:
        return Estimate(float(known.mean()) if known.size else None, None, None)
    low, high = corrected_interval(known, n_train, n_test)
    lowest, highest = bounds(name)
    return Estimate(float(known.mean()), max(low, lowest), min(high, highest))
