"""Resamples: who is drawn, and how often."""

import numpy as np

from dnaseq.evaluation.bootstrap import resampled_counts

TRUTH = np.array([0] * 30 + [1] * 10 + [2] * 3)


def test_every_class_keeps_its_size():
    for counts in resampled_counts(TRUTH, 50, np.random.default_rng(0)):
        assert np.bincount(TRUTH, counts).tolist() == [30, 10, 3]


def test_every_record_is_drawn_once_on_average():
    drawn = np.mean(list(resampled_counts(TRUTH, 4000, np.random.default_rng(0))), axis=0)
    assert np.abs(drawn - 1).max() < 0.1


def test_records_of_a_group_are_drawn_together():
    groups = np.array(["a", "b", "a", "c", "b"])
    for counts in resampled_counts(np.array([0, 1, 0, 0, 1]), 20, np.random.default_rng(0), groups):
        assert counts[0] == counts[2]
        assert counts[1] == counts[4]


def test_a_mixed_group_counts_as_its_commonest_class():
    truth, groups = np.array([1, 1, 0, 0]), np.array([7, 7, 7, 8])
    # group 7 is the only one of class 1 and group 8 the only one of class 0: nothing else can be drawn
    assert all((c == 1).all() for c in resampled_counts(truth, 20, np.random.default_rng(0), groups))
