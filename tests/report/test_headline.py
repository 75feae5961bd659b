"""The sentence that compares the model with the simple ones."""

import pytest

from dnaseq.report.headline import verdict


def run(model: float, *baselines: float, metric: str = "auroc") -> dict:
    """Scores with intervals 0.1 wide."""
    scores = [{metric: {"value": v, "low": v - 0.05, "high": v + 0.05}} for v in (model, *baselines)]
    return {"metrics": scores[0], "baselines": {f"baseline {i}": s for i, s in enumerate(scores[1:])}}


@pytest.mark.parametrize(
    ("model", "words"),
    [(0.9, "AUROC is above that"), (0.75, "baseline, baseline 1, overlap"), (0.5, "AUROC is below that")],
)
def test_verdict_follows_the_intervals_of_the_best_baseline(model, words):
    assert words in verdict(run(model, 0.6, 0.7))


def test_accuracy_stands_in_where_auroc_is_undefined():
    assert "accuracy is above" in verdict(run(0.9, 0.6, metric="accuracy"))


def test_without_baseline_nothing_is_claimed():
    assert verdict(run(0.9)) == "There is no baseline to compare the model with."
