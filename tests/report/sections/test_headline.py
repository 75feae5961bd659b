"""What the summary says of scores that are not known."""

import pytest

from dnaseq.report.sections.headline import why_dashes


@pytest.mark.parametrize(
    ("absent", "words"),
    [
        (["no"], 'There is no record of class no in the test set, so what needs one is "-"'),
        ([], 'The test records do not define what is "-"'),
    ],
)
def test_an_unknown_score_is_explained(absent, words):
    metrics = {"auroc": {"value": None}, "balanced_accuracy": {"value": None}, "accuracy": {"value": 1.0}}
    assert why_dashes(metrics, absent) == f"{words}: balanced accuracy, AUROC."


def test_known_scores_need_no_explanation():
    assert why_dashes({"accuracy": {"value": 1.0}}, []) == ""
