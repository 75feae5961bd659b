"""Comparison of several models on the same test records, with tests of the differences.

Two spreads are kept apart. Intervals and p-values are over records: what another test set would change, for these
trained networks. The standard deviation over seeds is what training anew would change, on this test set.
"""

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from dnaseq.evaluation.comparison.phrasing import Size, pair_words, summarise_pairs
from dnaseq.evaluation.comparison.results import (
    AgainstBaseline,
    ComparedModel,
    Comparison,
    Pair,
    SeedsEstimate,
)
from dnaseq.evaluation.decisions.thresholds import predict_classes
from dnaseq.evaluation.intervals.bootstrap import Evidence, evidence, interval, resampled_counts
from dnaseq.evaluation.intervals.delong import delong
from dnaseq.evaluation.intervals.paired import (
    Difference,
    bootstrap_difference,
    delong_difference,
    holm,
    mcnemar_mid_p,
)
from dnaseq.evaluation.metrics.classification import enough_resamples, validate_predictions
from dnaseq.evaluation.metrics.names import baseline_title
from dnaseq.evaluation.metrics.weighted import WeightedScores
from dnaseq.schemas import Estimate

COMPARED = ("auroc", "accuracy", "mcc", "auprc", "log_loss")


class Candidate(NamedTuple):
    """A model, trained once or with several seeds."""

    name: str
    runs: list[tuple[np.ndarray, float]]  # of each seed: (n, C) probabilities, decision threshold


class ModelScores(NamedTuple):
    """The scores of one candidate."""

    name: str
    seeds: dict[str, np.ndarray]  # metric -> (seeds,) value of each, NaN where undefined
    replicates: dict[str, np.ndarray]  # metric -> (resamples,) means over the seeds
    right: list[np.ndarray]  # of each seed, (n,) bool
    basis: Evidence


class Areas(NamedTuple):
    """The areas under the ROC curves of all runs, from delong."""

    owner: np.ndarray  # (runs,) position of the run's model
    values: np.ndarray  # (runs,)
    covariance: np.ndarray  # (runs, runs)


def compare(
    truth: np.ndarray,
    models: list[Candidate],
    classes: list[str],
    metrics: tuple[str, ...] = COMPARED,
    seed: int = 0,
    resamples: int = 1000,
    groups: np.ndarray | None = None,
) -> Comparison:
    """Compare every model, and every pair of models, on the same records.

    `truth` (n,) classes as integers; `metrics` are names of scores; `groups` (n,) a name or number a record,
    where records come in groups that are not independent: whole groups are then drawn.

    AUROC of two classes is compared by DeLong's test, accuracy of single runs by McNemar's mid-p test, the rest
    by a paired bootstrap, as is everything where there are groups. Intervals of differences are not adjusted.

    Raises ValueError for no model, two of one name, a model without runs, a metric that is not a score of these
    classes, and for probabilities or classes that scores refuses.
    """
    _check(models)
    truth, size = np.asarray(truth, dtype=np.int64), _size(truth, groups)
    many = enough_resamples(resamples, size.records, len(classes))

    # drawn anew for each run, because resamples times records may not fit into memory
    def draws() -> Iterator[np.ndarray]:
        return resampled_counts(size.records, many, np.random.default_rng(seed), groups)

    scored = [_score_model(model, truth, classes, metrics, draws, groups) for model in models]
    areas = _areas(truth, models) if len(classes) == 2 and groups is None else None
    pairs = [row for metric in metrics for row in _pairs(metric, scored, areas, size)]
    return Comparison(
        n=size.records,
        groups=size.groups,
        classes=list(classes),
        models=[ComparedModel(one.name, _metrics(one)) for one in scored],
        pairs=pairs,
        words=summarise_pairs(pairs, size),
    )


def _check(models: list[Candidate]) -> None:
    names = [model.name for model in models]
    if not models or len(set(names)) < len(names) or not all(model.runs for model in models):
        raise ValueError(f"compare needs models of different names, each with a run; got {names}")


def _size(truth: np.ndarray, groups: np.ndarray | None) -> Size:
    return Size(len(truth), None if groups is None else len(np.unique(groups)))


def _score_model(
    model: Candidate,
    truth: np.ndarray,
    classes: list[str],
    metrics: tuple[str, ...],
    draws: Callable[[], Iterator[np.ndarray]],
    groups: np.ndarray | None,
) -> ModelScores:
    points, replicates, right, bases = [], [], [], []
    for probabilities, threshold in model.runs:
        truth, probabilities = validate_predictions(truth, probabilities, classes)
        predicted = predict_classes(probabilities, threshold)
        weighted = WeightedScores(truth, predicted, probabilities, classes)
        found = weighted(np.ones(len(truth)))
        if not set(metrics) <= set(found):
            raise ValueError(f"metrics must be among {', '.join(found)}; got {', '.join(metrics)}")
        resamples = [weighted(counts) for counts in draws()]
        points.append(found)
        replicates.append({m: np.concatenate([block[m] for block in resamples]) for m in metrics})
        right.append(predicted == truth)
        bases.append(evidence(truth, predicted, groups))
    return ModelScores(
        model.name,
        {m: np.array([one[m] for one in points]) for m in metrics},
        {m: np.mean([one[m] for one in replicates], axis=0) for m in metrics},
        right,
        min(bases, key=lambda basis: basis.fewest),
    )


def _metrics(one: ModelScores) -> dict[str, SeedsEstimate]:
    """Return the mean of each metric over the seeds, its interval over records, the seeds and their spread."""
    table = {}
    for name, seeds in one.seeds.items():
        value = float(seeds.mean())
        low, high = interval(name, value, one.replicates[name], one.basis)
        known = not np.isnan(value)
        table[name] = SeedsEstimate(
            value if known else None,
            low,
            high,
            seeds=[float(seed) if known else None for seed in seeds],
            sd_seeds=float(seeds.std(ddof=1)) if known and len(seeds) > 1 else None,
        )
    return table


def _areas(truth: np.ndarray, models: list[Candidate]) -> Areas | None:
    """Return the areas; None where a class has fewer than two records, so that DeLong's test is not defined."""
    if min(truth.sum(), (1 - truth).sum()) < 2:
        return None
    runs = [probabilities[:, 1] for model in models for probabilities, _ in model.runs]
    owner = np.repeat(np.arange(len(models)), [len(model.runs) for model in models])
    return Areas(owner, *delong(truth == 1, np.array(runs)))


def _pairs(metric: str, scored: list[ModelScores], areas: Areas | None, size: Size) -> list[Pair]:
    """The pairs of one metric, with p-values adjusted for their number."""
    pairs = list(combinations(range(len(scored)), 2))
    found = [_test_pair(metric, scored, a, b, areas, size) for a, b in pairs]
    adjusted = holm([difference.p for difference, _ in found])
    rows = []
    for (a, b), (difference, test), p_holm in zip(pairs, found, adjusted, strict=True):
        pair = Pair(
            a=scored[a].name,
            b=scored[b].name,
            metric=metric,
            difference=difference.value,
            low=difference.low,
            high=difference.high,
            p=difference.p,
            p_holm=p_holm,
            test=test,
        )
        values = [float(scored[i].seeds[metric].mean()) for i in (a, b)]
        rows.append(replace(pair, words=pair_words(pair, values, len(pairs), size)))
    return rows


def _test_pair(
    metric: str, scored: list[ModelScores], a: int, b: int, areas: Areas | None, size: Size
) -> tuple[Difference, str]:
    """The difference of two models in one metric, and the name of the test."""
    one, other = scored[a], scored[b]
    if metric == "auroc" and areas is not None:
        weights = (areas.owner == a) / len(one.right) - (areas.owner == b) / len(other.right)
        return delong_difference(weights, areas.values, areas.covariance, one.basis), "DeLong"
    value = float(one.seeds[metric].mean() - other.seeds[metric].mean())
    replicates = one.replicates[metric] - other.replicates[metric]
    difference = bootstrap_difference(metric, value, replicates, one.basis)
    if size.groups is not None:
        return difference, "paired bootstrap over groups"
    if metric == "accuracy" and len(one.right) == len(other.right) == 1:
        return difference._replace(p=mcnemar_mid_p(one.right[0], other.right[0])), "McNemar mid-p"
    return difference, "paired bootstrap"


DECIDING = ("auroc", "accuracy")  # the first that is defined decides which baseline is best


def best_baseline(baselines: dict[str, dict[str, Estimate]]) -> str | None:
    """Name of the baseline with the highest AUROC, or accuracy where that is undefined; None if there is none."""
    for metric in DECIDING:
        known = {name: value for name, of in baselines.items() if (value := of[metric].value) is not None}
        if known:
            return max(known, key=lambda name: known[name])
    return None


def against_baseline(
    truth: np.ndarray,
    model: Candidate,
    name: str,
    probabilities: np.ndarray,
    classes: list[str],
    seed: int,
    groups: np.ndarray | None = None,
) -> AgainstBaseline:
    """Compare the model with one baseline by AUROC, or accuracy where that is undefined."""
    baseline = Candidate(baseline_title(name), [(probabilities, 0.5)])
    return in_deciding_metric(
        name, lambda metric: compare(truth, [model, baseline], classes, (metric,), seed, groups=groups)
    )


def in_deciding_metric(baseline: str, compare_by: Callable[[str], Comparison]) -> AgainstBaseline:
    """Return the comparison of a model with a baseline in the first metric that decides and has a test."""
    for metric in DECIDING:
        (pair,) = compare_by(metric).pairs
        if pair.p is not None:
            break
    return AgainstBaseline(
        baseline, pair.metric, pair.difference, pair.low, pair.high, pair.p, pair.test, pair.words
    )
