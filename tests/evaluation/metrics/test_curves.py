"""The points of the curves."""

import numpy as np
import pytest

from dnaseq.evaluation.metrics.curves import MOST_POINTS, precision_recall_points, roc_points


def test_roc_of_a_perfect_score_goes_through_the_corner():
    false, true = roc_points(np.array([False, False, True]), np.array([0.1, 0.2, 0.9]))
    assert (0.0, 1.0) in zip(false, true, strict=True)


def test_recall_ends_at_zero_and_starts_at_one():
    recall, _ = precision_recall_points(np.array([False, True, True]), np.array([0.1, 0.2, 0.9]))
    assert (recall[0], recall[-1]) == (1, 0)


@pytest.mark.parametrize("points", [roc_points, precision_recall_points])
def test_a_long_curve_is_thinned_and_keeps_its_ends(points):
    rng = np.random.default_rng(0)
    x, _ = points(rng.random(20_000) < 0.5, rng.random(20_000))
    assert len(x) <= MOST_POINTS
    assert {x[0], x[-1]} == {0, 1}
