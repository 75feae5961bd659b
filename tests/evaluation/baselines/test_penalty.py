"""The choice of penalties: by the training records alone, the same each time, similar records together."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression

from dnaseq.evaluation.baselines import penalty
from dnaseq.evaluation.baselines.penalty import (
    DEFAULT,
    PENALTIES,
    Found,
    Scaled,
    best_penalty,
    build_model,
    folds,
)


def drawn(n: int, told: float, width: int = 8) -> tuple[csr_array, np.ndarray]:
    """n rows of noise, whose first number tells the class as well as `told` says."""
    rng = np.random.default_rng(0)
    y = np.arange(n) % 2
    x = rng.normal(size=(n, width))
    x[:, 0] += told * (2 * y - 1)
    return csr_array(x), y


def test_a_clear_signal_wants_a_weaker_penalty_than_noise():
    loss = {}
    for told in (0.0, 2.0):
        x, y = drawn(300, told)
        loss[told] = best_penalty(x, [y], folds(y, 0), scalable=False)
    assert loss[2.0].penalty < loss[0.0].penalty == PENALTIES[0]
    assert loss[2.0].log_loss < 0.15 < np.log(2) < loss[0.0].log_loss + 0.01


def test_the_log_loss_is_that_of_the_folds():
    x, y = drawn(150, 1.0)
    dealt = folds(y, 3)
    found = best_penalty(x, [y], dealt, scalable=False)
    losses = []
    for learnt, scored in dealt:
        model = LogisticRegression(C=1 / found.penalty, max_iter=1000).fit(x[learnt], y[learnt])
        losses += list(-np.log(model.predict_proba(x[scored])[np.arange(len(scored)), y[scored]]))
    assert found.log_loss == pytest.approx(np.mean(losses), abs=1e-3)


def test_few_dimensions_or_many_find_the_same(monkeypatch):
    x, y = drawn(120, 1.0, width=300)
    one = best_penalty(x, [y], folds(y, 0), scalable=True)
    monkeypatch.setattr(penalty, "MOST_ROTATED", 0)
    other = best_penalty(x, [y], folds(y, 0), scalable=True)
    assert one.log_loss == pytest.approx(other.log_loss, abs=2e-3)
    assert one[1:] == other[1:]


def test_features_of_different_spread_are_better_scaled():
    x, y = drawn(300, 2.0)
    x = csr_array(x.toarray() * np.array([0.001, *[30.0] * 7]))
    assert best_penalty(x, [y], folds(y, 0), scalable=True).scaled
    table = Scaled().fit(x).transform(x).toarray()
    assert table.std(axis=0) == pytest.approx(np.full(8, 1 / np.sqrt(8)), rel=1e-3)


def test_a_feature_that_is_always_the_same_becomes_zero():
    x = csr_array(np.array([[1.0, 2.0], [1.0, 4.0]]))
    assert Scaled().fit(x).transform(x).toarray()[:, 0].tolist() == [0, 0]


def test_similar_records_stay_in_one_fold():
    groups = np.repeat(np.arange(50), 3)
    dealt = folds(np.arange(150) % 2, 0, groups)
    assert len(dealt) == 3
    assert all(not set(groups[learnt]) & set(groups[scored]) for learnt, scored in dealt)
    assert np.sort(np.concatenate([scored for _, scored in dealt])).tolist() == list(range(150))


@pytest.mark.parametrize("groups", [None, np.arange(200), np.arange(200) // 2])
def test_folds_follow_from_the_seed(groups):
    y = np.arange(200) % 2
    one, same, other = ([s.tolist() for _, s in folds(y, seed, groups)] for seed in (1, 1, 2))
    assert one == same != other


@pytest.mark.parametrize(
    ("labels", "groups"),
    [
        (np.arange(40) % 2, None),
        (np.zeros(200, int), None),
        (np.array([0] * 198 + [1] * 2), None),
        (np.arange(200) % 2, np.arange(200) % 2),
    ],
)
def test_too_few_records_have_no_folds_and_the_usual_penalty(labels, groups):
    assert folds(labels, 0, groups) == []
    assert best_penalty(csr_array((len(labels), 2)), [labels], [], scalable=True) == DEFAULT


def test_a_class_that_a_fold_does_not_hold_costs_but_does_not_stop():
    x, y = drawn(200, 1.0)
    y[:1] = 2
    assert np.isfinite(best_penalty(x, [y], folds(y, 0), scalable=False).log_loss)


def test_the_model_has_the_penalty_that_was_found():
    assert build_model(Found(0.1, 0.5, False)).C == 2
    assert build_model(Found(0.1, 0.5, True))[-1].C == 2


def test_features_that_no_record_has_give_the_class_frequencies():
    y = np.arange(300) % 3 // 2
    found = best_penalty(csr_array((300, 8)), [y], folds(y, 0), scalable=True)
    assert found.log_loss == pytest.approx(-(2 / 3 * np.log(2 / 3) + 1 / 3 * np.log(1 / 3)), abs=0.01)
