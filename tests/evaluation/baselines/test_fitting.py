"""How simple models are sampled for, fitted and asked."""

import numpy as np
import pytest
from lettered import examples, letters

from dnaseq.evaluation.baselines import fitting
from dnaseq.evaluation.baselines.fitting import (
    check_labels,
    class_frequencies,
    sample_stratified,
    select_rows,
)


def test_a_large_set_is_sampled_with_its_class_shares(monkeypatch):
    monkeypatch.setattr(fitting, "MOST_RECORDS", 100)
    labels = np.array([0] * 900 + [1] * 97 + [2] * 3)
    rows = sample_stratified(labels, np.random.default_rng(0))
    assert np.bincount(labels[rows]).tolist() == [90, 10, 1]
    assert (np.diff(rows) > 0).all()


def test_a_small_set_is_taken_whole():
    assert sample_stratified(np.array([1, 0, 1]), np.random.default_rng(0)).tolist() == [0, 1, 2]


def test_class_frequencies_are_those_of_training():
    train, test = examples(["A"] * 4, np.array([0, 0, 0, 2])), examples(["A"], np.array([1]))
    assert class_frequencies(train, test, 3).tolist() == [[0.75, 0, 0.25]]


def test_taken_rows_keep_what_belongs_together():
    all_four = examples(["A", "C", "G", "T"], np.arange(4), list("wxyz"), np.arange(4) / 4)
    some = select_rows(all_four, np.array([3, 1]))
    assert (letters(some), some.ids) == (["T", "C"], ["z", "x"])
    assert (some.labels.tolist(), some.places.tolist()) == ([3, 1], [0.75, 0.25])


@pytest.mark.parametrize("labels", [[], [0, 2], [0, -1]])
def test_labels_that_cannot_be_learnt_are_refused(labels):
    with pytest.raises(ValueError, match="training records with labels from 0 to 1"):
        check_labels(examples(["A"] * len(labels), np.array(labels)), 2)
