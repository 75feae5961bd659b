"""Resamples: who is drawn, and how often."""

import numpy as np

from dnaseq.evaluation.intervals.bootstrap import NUMBERS_AT_ONCE, resampled_counts


def count_outcomes(n: int, resamples: int, groups: np.ndarray | None = None) -> np.ndarray:
    return np.concatenate(list(resampled_counts(n, resamples, np.random.default_rng(0), groups)))


def test_a_resample_has_as_many_records_as_there_are():
    counts = count_outcomes(43, 50)
    assert counts.shape == (50, 43)
    assert (counts.sum(axis=1) == 43).all()


def test_a_record_is_drawn_once_on_average_with_the_variance_of_chance():
    counts = count_outcomes(43, 4000)
    assert np.abs(counts.mean(axis=0) - 1).max() < 0.1
    assert abs(counts.var() - (1 - 1 / 43)) < 0.02  # binomial: 43 draws, each with a chance of 1 / 43


def test_draws_of_two_records_are_correlated_only_by_their_fixed_sum():
    together = np.cov(count_outcomes(5, 20_000), rowvar=False)
    assert np.abs(together - (np.eye(5) - 1 / 5)).max() < 0.03


def test_number_of_resamples_does_not_depend_on_the_blocks_they_come_in():
    n = NUMBERS_AT_ONCE // 4
    assert [len(block) for block in resampled_counts(n, 10, np.random.default_rng(0))] == [4, 4, 2]
    assert len(count_outcomes(NUMBERS_AT_ONCE + 1, 2)) == 2


def test_records_of_a_group_are_drawn_together():
    counts = count_outcomes(5, 20, np.array(["a", "b", "a", "c", "b"]))
    assert (counts[:, 0] == counts[:, 2]).all()
    assert (counts[:, 1] == counts[:, 4]).all()
    assert (counts[:, [0, 1, 3]].sum(axis=1) == 3).all()  # as many groups as there are


def test_same_generator_gives_the_same_resamples():
    assert (count_outcomes(7, 30) == count_outcomes(7, 30)).all()
