"""A model against the best of its baselines, on the same records."""

import numpy as np

from dnaseq.evaluation.comparison.comparison import Candidate, compare
from dnaseq.evaluation.comparison.results import AgainstBaseline
from dnaseq.evaluation.metrics.names import baseline_title
from dnaseq.schemas import Estimate

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
    for metric in DECIDING:
        (pair,) = compare(truth, [model, baseline], classes, (metric,), seed, groups=groups).pairs
        if pair.p is not None:
            break
    return AgainstBaseline(
        name, pair.metric, pair.difference, pair.low, pair.high, pair.p, pair.test, pair.words
    )
