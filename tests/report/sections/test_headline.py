"""What the summary says of scores that are not known."""

import pytest

from dnaseq.report.sections.headline import why_dashes
from dnaseq.schemas import Estimate

KNOWN, UNKNOWN = Estimate(1.0, 1.0, 1.0), Estimate(None, None, None)


@pytest.mark.parametrize(
    ("absent", "words"),
    [
        (["no"], 'There is no record of class no in the test set, so what needs one is "-"'),
        ([], 'The test records do not define what is "-"'),
    ],
)
def test_an_unknown_score_is_explained(absent, words):
    metrics = {"auroc": UNKNOWN, "balanced_accuracy": UNKNOWN, "accuracy": KNOWN}
    assert why_dashes(metrics, absent) == f"{words}: balanced accuracy, AUROC."


def test_known_scores_need_no_explanation():
    assert why_dashes({"accuracy": KNOWN}, []) == ""
