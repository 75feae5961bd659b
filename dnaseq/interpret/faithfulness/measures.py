"""Numbers about attributions: how much of a record their order explains, and how far two of them agree."""

import copy

import numpy as np
import torch
from scipy.stats import rankdata

from dnaseq.evaluation.intervals.bootstrap import resampled_counts
from dnaseq.interpret.faithfulness.curves import SHARES, Curves, Trial
from dnaseq.interpret.logit import Logit
from dnaseq.interpret.methods.choices import UNSIGNED
from dnaseq.interpret.methods.explanation import is_one_base
from dnaseq.io.results.explanation import Curve
from dnaseq.schemas import Estimate

RESAMPLES = 1000
EARLY = (np.array(SHARES) >= 0.1) & (np.array(SHARES) <= 0.2)  # later, bases that each matter little add up


def explained_share(trial: Trial, curves: Curves, rng: np.random.Generator) -> Estimate:
    """Estimate how much of the difference between records and replaced records the first bases bring back alone: the
    mean over the early shares, no record beyond all of its difference. None where the bases make no difference.

    On made records this has the order of the precision with which methods find planted bases. Deletion does not: it
    also rewards bases whose replacement makes evidence for another class, wherever they are.
    """
    total = np.abs(trial.own - trial.empty)
    return ratio(np.clip(curves.insertion[:, EARLY], 0, total[:, None]).mean(axis=1), total, rng)


def ratio(numerators: np.ndarray, denominators: np.ndarray, rng: np.random.Generator) -> Estimate:
    """(n,) twice -> the ratio of their sums, with its interval; None where the denominators are all 0."""
    if not denominators.sum() > 0:
        return Estimate(None, None, None)
    replicates = np.concatenate(
        [
            (counts @ numerators) / np.maximum(counts @ denominators, np.finfo(float).tiny)
            for counts in resampled_counts(len(numerators), RESAMPLES, rng)
        ]
    )
    return _estimate(float(numerators.sum() / denominators.sum()), replicates)


def mean(values: np.ndarray, rng: np.random.Generator) -> Estimate:
    """(n,) values, NaN where undefined -> their mean, with its interval; None where none is defined."""
    values = values[~np.isnan(values)]
    return ratio(values, np.ones(len(values)), rng) if len(values) else Estimate(None, None, None)


def mean_curve(values: np.ndarray, rng: np.random.Generator) -> Curve:
    """(n, shares) -> the mean over records at each share, with its interval."""
    n = len(values)
    replicates = np.concatenate([counts @ values / n for counts in resampled_counts(n, RESAMPLES, rng)])
    low, high = np.percentile(replicates, [2.5, 97.5], axis=0)
    return Curve(list(SHARES), _rounded(values.mean(axis=0)), _rounded(low), _rounded(high))


def incompleteness(sums: np.ndarray, due: np.ndarray, rng: np.random.Generator) -> Estimate:
    """(n,) sums of attributions, (n,) what they should be -> the share that is missing or too much."""
    return ratio(np.abs(sums - due), np.abs(due), rng)


def rank_correlations(first: np.ndarray, second: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """(n, L) attributions twice -> (n,) Spearman's correlation over the bases of each record; NaN where all are
    alike."""
    found = np.full(len(codes), np.nan)
    for row, bases in enumerate(is_one_base(codes)):
        a, b = rankdata(first[row, bases]), rankdata(second[row, bases])
        if len(a) > 1 and np.ptp(a) and np.ptp(b):
            found[row] = np.corrcoef(a, b)[0, 1]
    return found


def comparable(values: np.ndarray, method: str, other: str) -> np.ndarray:
    """Return the values, without their sign where one of two methods has none."""
    return np.abs(values) if method in UNSIGNED or other in UNSIGNED else values


def random_network(logit: Logit, seed: int) -> Logit:
    """Build the same logit on a network whose weights are shuffled, each tensor within itself."""
    predictor = copy.copy(logit.predictor)
    predictor.net = copy.deepcopy(predictor.net)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in predictor.net.parameters():
            order = torch.randperm(weight.numel(), generator=generator).to(weight.device)
            weight.copy_(weight.flatten()[order].view_as(weight))
    return Logit(predictor, logit.target, logit.position)


def _estimate(value: float, replicates: np.ndarray) -> Estimate:
    low, high = np.percentile(replicates, [2.5, 97.5]).tolist()
    return Estimate(round(value, 6), round(min(low, value), 6), round(max(high, value), 6))


def _rounded(values: np.ndarray) -> list[float]:
    return [round(value, 6) for value in values.tolist()]
