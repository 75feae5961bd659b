import json

import numpy as np
import pytest
from msgspec import convert, to_builtins

from dnaseq.errors import ConfigError
from dnaseq.evaluation.decisions.novelty import (
    FEWEST,
    Novelty,
    NoveltyReference,
    check_novelty,
    composition,
    novelty_reference,
)


def records(n: int, gc: float, length: int = 200, seed: int = 0) -> np.ndarray:
    """Features of random records of a GC content of about `gc`, each with its own."""
    rng = np.random.default_rng(seed)
    own = np.clip(rng.normal(gc, 0.04, n), 0.05, 0.95)[:, None]
    is_gc, second = rng.random((n, length)) < own, rng.integers(0, 2, (n, length))
    codes = np.where(is_gc, 1 + second, 3 * second).astype(np.uint8)
    return composition(codes.ravel(), np.arange(n) * length, np.full(n, length))


@pytest.fixture(scope="module")
def reference() -> dict:
    return novelty_reference(records(2000, 0.65), records(1000, 0.65, seed=1), 0.005)


def test_new_records_of_the_same_source_are_seldom_unlike(reference):
    assert 0.001 < Novelty(reference).is_novel(records(5000, 0.65, seed=2)).mean() < 0.012


@pytest.mark.parametrize(("gc", "length"), [(0.35, 200), (0.99, 200), (0.65, 60), (0.65, 500)])
def test_records_of_another_composition_or_length_are_unlike(reference, gc, length):
    assert Novelty(reference).is_novel(records(300, gc, length, seed=3)).mean() > 0.9


def test_records_in_another_order_of_their_bases_are_unlike():
    """The same bases, but in training CG never occurs."""
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 4, (600, 200)).astype(np.uint8)
    without = codes.copy()
    for _ in range(200):  # C before G becomes G before C until there is none
        at = (without[:, :-1] == 1) & (without[:, 1:] == 2)
        without[:, :-1][at], without[:, 1:][at] = 2, 1
    starts, lengths = np.arange(600) * 200, np.full(600, 200)
    seen, other = composition(without.ravel(), starts, lengths), composition(codes.ravel(), starts, lengths)
    judge = Novelty(novelty_reference(seen[:300], seen[300:], 0.005))
    assert judge.is_novel(other).mean() > 0.9


def test_a_length_that_differs_by_a_base_is_not_unlike_where_all_are_equal(reference):
    assert Novelty(reference).is_novel(records(1000, 0.65, 199, seed=4)).mean() < 0.02


def test_the_cut_off_is_the_quantile_of_the_validation_distances():
    train, val = records(500, 0.5), records(400, 0.5, seed=1)
    found = novelty_reference(train, val, 0.1)
    assert Novelty(found).is_novel(val).mean() == pytest.approx(0.1, abs=0.003)


def test_few_validation_records_are_all_like_training(reference):
    train, val = records(500, 0.5), records(30, 0.5, seed=1)
    judge = Novelty(novelty_reference(train, val, 0.005))
    assert not judge.is_novel(val).any()
    assert judge.is_novel(train).mean() <= 0.005


def test_a_reference_is_plain_small_json(reference):
    text = json.dumps(to_builtins(reference))
    assert convert(json.loads(text), NoveltyReference) == reference
    assert len(text) < 10_000


def test_records_that_are_all_the_same_have_a_reference():
    same = np.repeat(records(1, 0.5), 50, axis=0)
    judge = Novelty(novelty_reference(same, same, 0.005))
    assert not judge.is_novel(same).any()
    assert judge.is_novel(records(50, 0.5, seed=5)).all()


@pytest.mark.parametrize(("n_train", "n_val"), [(FEWEST - 1, 100), (100, FEWEST - 1)])
def test_too_few_records_make_none(n_train, n_val):
    assert novelty_reference(records(n_train, 0.5), records(n_val, 0.5), 0.005) is None


@pytest.mark.parametrize("rate", [0, 1, "x", True])
def test_what_is_no_rate_is_refused(rate):
    with pytest.raises(ConfigError, match="novelty must be a rate above 0 and below 1, or null; got"):
        check_novelty(rate)
