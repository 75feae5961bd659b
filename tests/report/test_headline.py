"""What the summary says of the model beside the simple ones."""

import pytest

from dnaseq.report.headline import verdict, why_dashes


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


def test_a_paired_test_takes_the_place_of_the_intervals():
    comparison = {"baseline": "kmer_logistic", "words": "no difference shown (p = 0.06).", "test": "DeLong"}
    assert verdict(run(0.9, 0.6) | {"comparison": comparison}) == (
        "Against the best baseline, 1- to 5-mer counts: no difference shown (p = 0.06); test: DeLong."
    )


def test_accuracy_stands_in_where_auroc_is_undefined():
    assert "accuracy is above" in verdict(run(0.9, 0.6, metric="accuracy"))


def test_without_baseline_nothing_is_claimed():
    assert verdict(run(0.9)) == "There is no baseline to compare the model with."


@pytest.mark.parametrize(
    ("absent", "words"),
    [
        (["no"], 'There is no record of class no in the test part, so what needs one is "-"'),
        ([], 'The test records do not define what is "-"'),
    ],
)
def test_an_unknown_score_is_explained(absent, words):
    metrics = {"auroc": {"value": None}, "balanced_accuracy": {"value": None}, "accuracy": {"value": 1.0}}
    assert why_dashes(metrics, absent) == f"{words}: balanced accuracy, AUROC."


def test_known_scores_need_no_explanation():
    assert why_dashes({"accuracy": {"value": 1.0}}, []) == ""
