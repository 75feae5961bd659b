"""A model against the best of its baselines, on the same records."""

import numpy as np

from dnaseq.evaluation.comparison.comparison import Candidate, compare
from dnaseq.evaluation.metrics.names import baseline_title

DECIDING = ("auroc", "accuracy")  # the first that is defined decides which baseline is best


def best_baseline(baselines: dict[str, dict[str, dict]]) -> str | None:
    """Name of the baseline with the highest AUROC, or accuracy where that is undefined; None if there is none."""
    for metric in DECIDING:
        known = {
            name: of[metric]["value"] for name, of in baselines.items() if of[metric]["value"] is not None
        }
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
) -> dict:
    """Compare the model with one baseline by AUROC, or accuracy where that is undefined.

    Return {"baseline", "metric", "difference", "low", "high", "p", "test", "words"}, as from compare.
    """
    baseline = Candidate(baseline_title(name), [(probabilities, 0.5)])
    for metric in DECIDING:
        (pair,) = compare(truth, [model, baseline], classes, (metric,), seed, groups=groups)["pairs"]
        if pair["p"] is not None:
            break
    kept = ("metric", "difference", "low", "high", "p", "test", "words")
    return {"baseline": name} | {key: pair[key] for key in kept}
