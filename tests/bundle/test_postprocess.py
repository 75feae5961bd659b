import numpy as np
import pytest
from specs import make_spec

from dnaseq.bundle.postprocess import build_postprocessor, mean_of_bases, sigmoid, softmax
from dnaseq.data.records.lengths import LengthPolicy


def answered(task: str, outputs, lengths=(5, 5), policy=None, abstain=True, **spec):
    windows = (policy or LengthPolicy()).windows(np.array(lengths))
    return build_postprocessor(make_spec(**{"classes": ["a", "b"], "task": task} | spec)).predict(
        np.array(outputs), windows, np.array(lengths), abstain
    )


def test_a_class_is_called_from_the_threshold_on():
    found = answered("binary", np.log([[0.25, 0.75], [0.75, 0.25]]), threshold=0.8)
    assert found.labels == ["a", "a"]
    assert found.scores.tolist() == [0.25, 0.75]


def test_an_unsure_record_has_no_label_unless_all_are_asked_for():
    rule = {"at_most": 0.1, "reached": True, "confidence": 0.7, "error_rate": 0.1, "coverage": 0.5, "n": 9}
    logits = np.log([[0.4, 0.6], [0.2, 0.8]])
    assert answered("binary", logits, abstention=rule).labels == ["", "b"]
    assert answered("binary", logits, abstention=rule, abstain=False).labels == ["b", "b"]
    assert answered("binary", logits, abstention=rule | {"reached": False, "confidence": None}).labels == [
        "b",
        "b",
    ]


def test_label_sets_are_named_and_scored_by_what_is_said_of_each_label():
    logit = lambda p: np.log(p / (1 - p))  # noqa: E731
    found = answered("multilabel", logit(np.array([[0.9, 0.6], [0.2, 0.4]])))
    assert found.labels == ["a;b", "-"]
    assert found.scores == pytest.approx([0.75, 0.7])
    assert found.numbers == pytest.approx(np.array([[0.9, 0.6], [0.2, 0.4]]))


def test_numbers_are_in_the_units_of_the_targets():
    link = {"kind": "identity", "mean": [10.0, 0.0], "sd": [2.0, 1.0]}
    assert answered("regression", [[1.0, 3.0], [-1.0, 0.0]], link=link).numbers.tolist() == [[12, 3], [8, 0]]
    rates = answered(
        "regression", [[0.0], [np.log(2)]], classes=["y"], link={"kind": "log", "mean": [5.0]}
    ).numbers
    assert rates == pytest.approx(np.array([[5], [10]]))


def test_the_windows_of_a_record_are_averaged():
    link = {"kind": "identity", "mean": [0.0], "sd": [1.0]}
    found = answered(
        "regression", [[1.0], [5.0], [7.0]], (8, 4), LengthPolicy("tile", 4), classes=["y"], link=link
    )
    assert found.numbers.tolist() == [[3], [7]]


def test_bases_have_a_letter_each():
    logits = np.log(np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]], dtype=np.float32))
    found = answered("labelling", logits, (2, 1))
    assert found.labels == ["ab", "a"]
    assert found.scores == pytest.approx([0.85, 0.6])
    assert [bases.shape for bases in found.bases] == [(2, 2), (1, 2)]


def test_bases_of_overlapping_windows_are_averaged_by_position():
    """A record of 5 in windows of 3: bases 0 to 2 and 2 to 4; then one of 2."""
    lengths = np.array([5, 2])
    windows = LengthPolicy("tile", 3).windows(lengths)
    each = np.array([0, 1, 2, 12, 3, 4, 5, 6], dtype=np.float32)[:, None]
    assert mean_of_bases(each, windows, lengths)[:, 0].tolist() == [0, 1, 7, 3, 4, 5, 6]


def test_extreme_outputs_are_probabilities_all_the_same():
    extreme = np.array([[1000.0, -1000.0]])
    assert softmax(extreme).tolist() == sigmoid(extreme).tolist() == [[1, 0]]
