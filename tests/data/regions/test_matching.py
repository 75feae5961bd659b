"""Matched windows have the composition of those that they are matched to."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from dnaseq.data.regions.matching import LAST_ROUNDS, ROUNDS, match
from dnaseq.data.regions.traits import Traits


def made(n: int, seed: int, gc: float) -> Traits:
    """Windows of 200 bases, a third without repeats and a sixth in one."""
    rng = np.random.default_rng(seed)
    shares = rng.binomial(200, np.clip(rng.normal(gc, 0.06, n), 0, 1)) / 200
    masked = rng.choice([0.0, 1.0, -1.0], n, p=[1 / 3, 1 / 6, 1 / 2])
    masked = np.where(masked < 0, rng.integers(1, 200, n) / 200, masked)
    return Traits(shares, masked, np.where(rng.random(n) < 0.05, rng.random(n), 0.0))


def auroc(positives: np.ndarray, negatives: np.ndarray) -> float:
    truth = np.repeat([1, 0], [len(positives), len(negatives)])
    return roc_auc_score(truth, np.concatenate([positives, negatives]))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_trait_tells_matched_windows_apart(seed):
    wanted, offered = made(3000, seed, 0.46), made(20_000, seed + 10, 0.42)
    assert auroc(wanted.gc, offered.gc) > 0.6
    found = match(wanted, offered, np.random.default_rng(seed), ROUNDS + LAST_ROUNDS)
    assert found.min() >= 0
    for trait, other in zip(wanted, offered.take(found), strict=True):
        assert 0.48 < auroc(trait, other) < 0.52


def test_no_window_is_given_twice_and_all_are_given():
    wanted, offered = made(500, 1, 0.5), made(500, 2, 0.3)
    found = match(wanted, offered, np.random.default_rng(1), ROUNDS + LAST_ROUNDS)
    assert sorted(found) == list(range(500))


def test_fine_rounds_find_none_that_is_far():
    wanted, offered = made(500, 1, 0.7), made(500, 2, 0.2)
    found = match(wanted, offered, np.random.default_rng(1), ROUNDS)
    assert (found < 0).sum() > 450
    kept = found >= 0
    assert (np.abs(wanted.gc[kept] - offered.gc[found[kept]]) < 0.04).all()


def test_all_of_a_window_in_a_repeat_is_not_most_of_it():
    wanted = Traits(np.full(4, 0.5), np.array([1.0, 0.0, 0.99, 0.01]), np.zeros(4))
    offered = Traits(np.full(2, 0.5), np.array([0.99, 0.01]), np.zeros(2))
    assert match(wanted, offered, np.random.default_rng(1), ROUNDS[:1]).tolist() == [-1, -1, 0, 1]


def test_a_seed_gives_the_same_pairs_and_another_one_others():
    wanted, offered = made(200, 1, 0.45), made(2000, 2, 0.42)
    first, again, other = (match(wanted, offered, np.random.default_rng(s), ROUNDS) for s in (1, 1, 2))
    assert first.tolist() == again.tolist() != other.tolist()


def test_nothing_is_matched_to_nothing():
    some, none = made(5, 1, 0.4), made(0, 1, 0.4)
    assert match(some, none, np.random.default_rng(1), ROUNDS).tolist() == [-1] * 5
    assert match(none, some, np.random.default_rng(1), ROUNDS).tolist() == []
