"""Scores of records that carry several labels, numbers or letters, with their means and their 95 % intervals.

A scorer is called with whole-number weights (..., n) and gives every score of the records so weighted (...,), NaN
where undefined: ones give the values, the counts of the bootstrap the resamples that `interval` needs.
"""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.sparse import csr_array

from dnaseq.evaluation.intervals.bootstrap import Evidence, interval, resampled_counts
from dnaseq.schemas import Estimate

Scorer = Callable[[np.ndarray], dict[str, np.ndarray]]
# the score of intervals.SCALES whose scale and degrees of freedom a score has; others have those of their own name
LIKE = {
    "subset_accuracy": "accuracy",
    "hamming_loss": "accuracy",
    "pearson": "mcc",
    "spearman": "mcc",
    "rmse": "log_loss",
    "mae": "log_loss",
    "poisson_deviance": "log_loss",
}
MOST_RANKED = 100_000_000  # numbers in all resamples, about 3 seconds
LEAST = 200  # resamples that are drawn in any case


def estimates(
    scorer: Scorer,
    n: int,
    basis: Callable[[str], Evidence],
    seed: int,
    resamples: int,
    groups: np.ndarray | None = None,
) -> dict[str, Estimate]:
    """Every score of n records with its interval: all from the same resamples, of whole groups if given.

    `basis` gives the evidence behind the score of each name. A value that is undefined is None.
    """
    values = {name: float(value) for name, value in scorer(np.ones(n)).items()}
    blocks = [scorer(w) for w in resampled_counts(n, resamples, np.random.default_rng(seed), groups)]

    def estimate(name: str, value: float) -> Estimate:
        replicates = np.concatenate([block[name] for block in blocks])
        low, high = score_interval(name, value, replicates, basis(name))
        return Estimate(None if np.isnan(value) else value, low, high)

    return {name: estimate(name, value) for name, value in values.items()}


def score_interval(
    name: str, value: float, replicates: np.ndarray, basis: Evidence
) -> tuple[float | None, float | None]:
    """intervals.interval of a score by its name, "auroc/label" for one of several.

    Correlations are on Fisher's scale, errors on that of the logarithm, and r2, 1 less an error, as that error is.
    """
    kind = name.partition("/")[0]
    if kind == "r2":
        low, high = interval("log_loss", 1 - value, 1 - replicates, basis)
        if low is None or high is None:
            return None, None
        return min(1 - high, value), max(1 - low, value)
    return interval(LIKE.get(kind, kind), value, replicates, basis)


def with_means(single: dict[str, np.ndarray], names: list[str]) -> dict[str, np.ndarray]:
    """(..., C) of each score -> "auroc", the mean over those of the C that are defined, and "auroc/NAME" of each."""
    table = {metric: defined_mean(values) for metric, values in single.items()}
    for metric, values in single.items():
        table |= {f"{metric}/{name}": values[..., c] for c, name in enumerate(names)}
    return table


def defined_mean(values: np.ndarray) -> np.ndarray:
    """(..., C) -> (...,): the mean of the values that are not NaN; NaN where all are."""
    known = ~np.isnan(values)
    n = known.sum(axis=-1)
    return np.where(n > 0, np.where(known, values, 0).sum(axis=-1) / np.maximum(n, 1), np.nan)


def count_defined(
    table: dict[str, Estimate], metrics: Sequence[str], names: list[str]
) -> dict[str, Estimate]:
    """Return the table with `over` in each of `metrics`: the number of names whose mean it is."""
    means = {}
    for metric in metrics:
        known = [score for name in names if (score := table[f"{metric}/{name}"]).value is not None]
        low, high = table[metric].low, table[metric].high
        if known and low == high and all(each := [score.known for score in known]):
            # all resamples were at the bounds of every name; the mean of the names' own intervals is wide enough
            low, high = np.mean(np.array(each)[:, 1:], axis=0).tolist()
        means[metric] = Estimate(table[metric].value, low, high, len(known))
    return table | means


def label_evidence(
    present: np.ndarray,
    absent: np.ndarray,
    predicted: np.ndarray,
    unpredicted: np.ndarray,
    groups: np.ndarray | None,
) -> list[Evidence]:
    """Evidence behind the scores of each of C labels, from (n, C) bool: True for a record with anything of the kind."""
    units = unit_count(len(present), groups)
    counts = np.array(
        [units_with(mask, groups) for mask in (present, absent, predicted, unpredicted)]
    )  # (4, C)
    minority = counts[:2].min(axis=0)
    fewest = np.where(counts > 0, counts, units).min(axis=0)
    return [Evidence(units, int(m) or units, int(f)) for m, f in zip(minority, fewest, strict=True)]


def mean_evidence(parts: list[Evidence]) -> Evidence:
    """Evidence behind a mean over labels: the harmonic mean of theirs, as a rare label makes most of the error."""
    minority = len(parts) / sum(1 / part.minority for part in parts)
    return Evidence(parts[0].units, max(1, round(minority)), min(part.fewest for part in parts))


def units_with(mask: np.ndarray, groups: np.ndarray | None) -> np.ndarray:
    """(n, C) bool -> (C,) records, or groups with such a record."""
    if groups is None:
        return mask.sum(axis=0)
    unit = np.unique(groups, return_inverse=True)[1]
    members = csr_array((np.ones(len(unit)), (unit, np.arange(len(unit)))))  # (groups, n)
    return (members @ mask.astype(np.float64) > 0).sum(axis=0)


def unit_count(n: int, groups: np.ndarray | None) -> int:
    """Records, or groups of them."""
    return n if groups is None else len(np.unique(groups))


def affordable(resamples: int, n: int, rankings: int) -> int:
    """Number of resamples, at most `resamples`, for n records with so many `rankings` in each; LEAST in any case."""
    return min(resamples, max(LEAST, MOST_RANKED // (n * rankings)))
