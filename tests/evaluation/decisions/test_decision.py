import numpy as np

from dnaseq.evaluation.decisions.thresholds import predict_classes


def test_of_two_classes_the_last_is_predicted_from_the_threshold_on():
    probabilities = np.array([[0.6, 0.4], [0.75, 0.25], [0.76, 0.24]])
    assert predict_classes(probabilities, 0.25).tolist() == [1, 1, 0]


def test_of_three_classes_the_likeliest_is_predicted_whatever_the_threshold():
    assert predict_classes(np.array([[0.3, 0.45, 0.25], [0.2, 0.2, 0.6]]), 0.9).tolist() == [1, 2]


def test_a_record_without_probabilities_is_class_0():
    assert predict_classes(np.full((1, 2), np.nan)).tolist() == [0]
    assert predict_classes(np.full((1, 3), np.nan)).tolist() == [0]
