"""The quick scores of weighted records are scikit-learn's scores of the same records, repeated."""

import numpy as np
import pytest

from dnaseq.evaluation.metrics.classification import point_scores, predict_classes
from dnaseq.evaluation.metrics.weighted import Ranking, WeightedScores


def some_records(n: int, n_classes: int) -> tuple[np.ndarray, np.ndarray, list[str]]:
    rng = np.random.default_rng(n_classes)
    truth = rng.permutation(np.arange(n) % n_classes)
    p = rng.integers(1, 6, (n, n_classes)) + 2.0 * np.eye(n_classes)[truth]  # few values: many ties
    return truth, p / p.sum(axis=1, keepdims=True), [f"class {c}" for c in range(n_classes)]


@pytest.mark.parametrize("n_classes", [2, 3, 5, 20])
@pytest.mark.parametrize("seed", range(5))
def test_weights_count_as_copies_of_a_record(n_classes, seed):
    truth, p, classes = some_records(80, n_classes)
    counts = np.bincount(np.random.default_rng(seed).integers(0, 80, 80), minlength=80)
    copies = np.repeat(np.arange(80), counts)
    got = WeightedScores(truth, predict_classes(p), p, classes)(counts)
    assert got == pytest.approx(point_scores(truth[copies], p[copies], classes), abs=1e-12)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_many_weights_at_once_are_the_same_as_one_after_the_other(n_classes):
    truth, p, classes = some_records(40, n_classes)
    weighted = WeightedScores(truth, predict_classes(p), p, classes)
    weights = np.random.default_rng(0).integers(0, 3, (6, 40)).astype(float)
    weights[0, truth == 0] = 0  # a class is missing here, and only here
    together = weighted(weights)
    for i, one in enumerate(weights):
        alone = {name: float(value) for name, value in weighted(one).items()}
        got = {name: float(values[i]) for name, values in together.items()}
        assert got == pytest.approx(alone, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_class_that_is_drawn_never_makes_its_scores_nan(n_classes):
    truth, p, classes = some_records(40, n_classes)
    got = WeightedScores(truth, predict_classes(p), p, classes)((truth != n_classes - 1).astype(int))
    lost = {name for name, value in got.items() if np.isnan(value)}
    plain = point_scores(truth[truth != n_classes - 1], p[truth != n_classes - 1], classes)
    assert lost == {name for name, value in plain.items() if value is None}


def test_ties_count_half_in_the_area():
    ranking = Ranking(np.array([True, False]), np.array([0.5, 0.5]))
    assert ranking.areas(np.ones(2))["auroc"] == 0.5
