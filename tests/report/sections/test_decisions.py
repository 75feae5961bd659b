"""How answers come about, in words."""

import pytest
from specs import make_scores

from dnaseq.report.sections.decisions import decisions_in_words

PLAIN = {"classes": ["no", "yes"], "threshold": 0.5, "calibration": None, "n": 400}


def test_plain_probabilities_and_a_fixed_threshold():
    assert decisions_in_words(make_scores(**PLAIN)) == (
        "Probabilities are as the network gave them, not calibrated. "
        "A record is assigned to the class yes from a probability of 0.5 (fixed)."
    )


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (
            {"calibration": {"kind": "temperature", "temperature": 1.3, "n": 287}},
            "temperature scaling (temperature 1.3), fitted on 287 validation records.",
        ),
        (
            {"calibration": {"kind": "isotonic", "n": 9, "curves": [{"x": [0.5], "y": [0.5]}]}},
            "isotonic regression, fitted on 9 validation records.",
        ),
        (
            {"threshold": 0.43, "decision": {"rule": "max_mcc"}},
            "of 0.43 (rule: greatest MCC, on validation records).",
        ),
        (
            {"selective": {"coverage": 0.8, "error_rate": 0.05, "n_answered": 320}},
            "320 test records (80.0 %), of which 5.0 % are wrong.",
        ),
        ({"selective": {"coverage": 0.0, "error_rate": None, "n_answered": 0}}, "0 test records (0.0 %)."),
        ({"novel": 12}, "Novel, unlike the training records: 12 of 400 test records."),
        ({"classes": ["a", "b", "c"]}, "A record is assigned to the class with the greatest probability."),
    ],
)
def test_each_entry_is_told(entry, words):
    assert words in decisions_in_words(make_scores(**PLAIN | entry))
