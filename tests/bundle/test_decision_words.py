import pytest
from specs import make_spec

from dnaseq.bundle.card import decision_in_words
from dnaseq.evaluation.decisions.novelty import N_FEATURES

ABSTENTION = {
    "at_most": 0.05, "reached": True, "confidence": 0.8, "error_rate": 0.0412, "coverage": 0.7, "n": 40,
}  # fmt: skip
NOVELTY = {
    **{"rate": 0.005, "cut_off": 9.0, "n": 40, "n_train": 400, "mean": [0.0] * N_FEATURES},
    "whitening": [[1.0] * i for i in range(1, N_FEATURES + 1)],
}


def words(**changes) -> str:
    return " ".join(decision_in_words(make_spec(**changes)))


def test_where_nothing_was_decided_it_says_so():
    assert "not calibrated" in words()
    assert "0.5 on (a threshold that was given)." in words()


@pytest.mark.parametrize(
    ("calibration", "said"),
    [
        (
            {"kind": "temperature", "temperature": 1.3062, "n": 40},
            "by temperature scaling (T = 1.31), fitted on 40",
        ),
        (
            {"kind": "isotonic", "curves": [{"x": [0.5], "y": [0.5]}], "n": 40},
            "by isotonic regression, fitted on 40",
        ),
    ],
)
def test_a_calibration_is_named_with_its_records(calibration, said):
    assert said in words(calibration=calibration)


@pytest.mark.parametrize("rule", ["fixed", "max_mcc", "sensitivity", "cost"])
def test_every_rule_has_words(rule):
    assert "0.3 on (" in words(threshold=0.3, decision={"rule": rule})


def test_what_a_rule_reached_is_said():
    assert "greatest MCC on the validation records, 0.712)" in words(
        decision={"rule": "max_mcc", "reached": 0.7124}
    )


def test_three_classes_have_no_threshold():
    said = words(classes=["a", "b", "c"], task="multiclass")
    assert "the likeliest" in said
    assert "0.5" not in said


def test_abstention_tells_its_rate_and_its_coverage():
    said = words(abstention=ABSTENTION)
    assert "below a confidence of 0.8, for an error rate of at most 5 %" in said
    assert "labels 70.0 % of the 40 validation records, 4.1 % of them wrongly" in said


def test_only_two_classes_have_odds_and_a_threshold():
    assert "the odds divided by those of the threshold" in words(abstention=ABSTENTION)
    assert "threshold" not in words(abstention=ABSTENTION, classes=["a", "b", "c"], task="multiclass")


def test_a_rate_that_was_not_reached_is_told():
    said = words(abstention=ABSTENTION | {"reached": False, "confidence": None, "error_rate": 0.3})
    assert "does not reach that on the 40 validation records at any confidence" in said
    assert "every record has a label (30.0 % errors there)" in said


def test_novelty_tells_its_rate():
    assert "all but 0.5 % of 40 validation records" in words(novelty=NOVELTY)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"task": "multilabel"}, "A label is there from a probability of 0.5 on"),
        ({"task": "labelling", "classes": ["a", "b"]}, "The label of a base is the likeliest."),
        ({"task": "regression", "link": {"kind": "log", "mean": [1, 1]}}, "The numbers are expected counts."),
        (
            {"task": "regression", "link": {"kind": "identity", "mean": [1, 1], "sd": [1, 1]}},
            "in the units of the training records",
        ),
    ],
)
def test_other_tasks_say_what_their_answers_are(changes, said):
    told = words(novelty=NOVELTY, **changes)
    assert said in told
    assert "positive one" not in told
    assert "unlike the training records" in told
