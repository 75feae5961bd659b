"""The sentence at the end of a run, and what it advises."""

import pytest
from specs import make_scores

from dnaseq.evaluation.comparison.conclusion import conclusion, next_step
from dnaseq.evaluation.comparison.results import Scores
from dnaseq.schemas import Estimate


def run(model: float, *baselines: float, metric: str = "auroc", **more) -> Scores:
    """Scores with intervals 0.1 wide."""
    scores = [{metric: {"value": v, "low": v - 0.05, "high": v + 0.05}} for v in (model, *baselines)]
    named = {f"baseline {i}": s for i, s in enumerate(scores[1:])}
    return make_scores(metrics=scores[0], baselines=named, **more)


def outcome(difference: float, p: float | None) -> dict:
    interval = {"difference": difference, "low": difference - 0.02, "high": difference + 0.02}
    return {"baseline": "gc_length", "metric": "auroc", "p": p, "test": "DeLong", "words": ""} | interval


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (0.9, "is better than the best baseline, baseline 1: AUROC 0.900 [0.850, 0.950] against 0.700"),
        (0.75, "is not shown to be better than the best baseline, baseline 1"),
        (0.58, "is worse than the best baseline, baseline 1"),
        (0.54, "not shown to be better than chance: AUROC 0.540 [0.490, 0.590], and chance is 0.5"),
    ],
)
def test_it_follows_the_intervals_of_the_best_baseline(model, words):
    assert words in conclusion(run(model, 0.6, 0.7))


@pytest.mark.parametrize(
    ("difference", "p", "words"),
    [
        (
            0.05,
            0.004,
            "is better than the best baseline, GC content and length, in AUROC by 0.050 [0.030, 0.070]",
        ),
        (
            -0.05,
            0.0001,
            "is worse than the best baseline, GC content and length, in AUROC by 0.050 [0.030, 0.070], p <",
        ),
        (
            0.01,
            0.3,
            "is not shown to be better than the best baseline, GC content and length, in AUROC (difference",
        ),
        (0.01, None, "is not shown to be better than the best baseline"),
    ],
)
def test_a_paired_test_takes_the_place_of_the_intervals(difference, p, words):
    assert words in conclusion(run(0.9, 0.6, comparison=outcome(difference, p)))


def test_a_paired_test_does_not_hide_chance():
    assert "than chance" in conclusion(run(0.5, 0.4, comparison=outcome(0.1, 0.01)))


def test_accuracy_stands_in_where_auroc_is_undefined():
    assert "is better than the best baseline, baseline 0: accuracy" in conclusion(
        run(0.9, 0.6, metric="accuracy")
    )


def test_without_baseline_nothing_is_claimed():
    assert (
        conclusion(run(0.9)) == "There is no baseline to compare the model with: AUROC 0.900 [0.850, 0.950]."
    )


def test_without_any_score_it_says_so():
    assert conclusion(make_scores(metrics={"auroc": dict.fromkeys(("value", "low", "high"))})) == (
        "The test records define no score that could be compared."
    )


def test_a_good_ranking_with_bad_decisions_needs_another_threshold():
    scores = run(0.9)
    scores.metrics["mcc"] = Estimate(0.02, -0.03, 0.07)
    assert "threshold=max_mcc" in next_step(scores, 30)


def test_a_loss_that_still_falls_needs_more_epochs():
    assert "max_epochs=60" in next_step(run(0.9), 30)
    assert next_step(run(0.9)) is None
