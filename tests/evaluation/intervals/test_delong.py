"""Areas under ROC curves and their covariance: against the definition, published software and worked examples."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from dnaseq.evaluation.intervals.delong import contrast, delong

# 40 records with ties within and between the classes, every fourth positive
TRUTH = np.arange(40) % 4 == 0
FIRST = [
    *(
        -0.54,
        -1.34,
        -1.36,
        -0.35,
        -1.11,
        -0.19,
        -0.96,
        0.89,
        2.16,
        1.39,
        0.77,
        -0.05,
        2.06,
        1.51,
        -0.65,
        0.61,
    ),
    *(1.16, 1.44, -0.84, -0.3, 1.56, 0.26, -1.64, 0.36, 1.08, -0.24, -0.16, 0.22, -0.62, 1.55, -0.86, -2.24),
    *(1.12, 1.46, -0.52, 1.55, 2.76, -0.86, -2.47, -1.24),
]
SECOND = [
    *(
        0.8,
        -1.1,
        -1.4,
        -0.8,
        -0.1,
        -0.1,
        0.0,
        0.9,
        1.1,
        0.6,
        -0.2,
        0.0,
        1.0,
        0.2,
        0.7,
        0.3,
        1.4,
        2.0,
        0.0,
        -0.2,
    ),
    *(1.3, -0.2, -0.3, 0.0, 1.9, -0.3, -0.3, -0.1, 0.5, 0.9, 0.3, -1.4, 1.2, 1.7, -0.4, 1.0, 2.7, -0.2, -1.6),
    -1.7,
]


def by_definition(truth: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """DeLong et al. 1988, equations 3 to 6: every pair of a positive and a negative record is looked at."""
    wins = scores[:, truth][:, :, None] - scores[:, ~truth][:, None, :]  # (m, positives, negatives)
    kernel = (wins > 0) + 0.5 * (wins == 0)
    of_positives, of_negatives = kernel.mean(axis=2), kernel.mean(axis=1)
    covariance = np.cov(of_positives) / truth.sum() + np.cov(of_negatives) / (~truth).sum()
    return kernel.mean(axis=(1, 2)), covariance


@pytest.mark.parametrize("decimals", [0, 1, 6])  # many ties, some, none
def test_midranks_give_the_same_as_all_pairs(decimals):
    rng = np.random.default_rng(decimals)
    truth = rng.random(60) < 0.3
    scores = (rng.normal(size=(4, 60)) + truth).round(decimals)
    for fast, slow in zip(delong(truth, scores), by_definition(truth, scores), strict=True):
        assert fast == pytest.approx(slow, abs=1e-14)


def test_numbers_of_published_software():
    # MLstatkit 0.1.91 (PyPI): Delong_test(TRUTH, FIRST, SECOND), whose z is second minus first
    areas, covariance = delong(TRUTH, [FIRST, SECOND])
    assert areas == pytest.approx([0.7333333333333333, 0.8716666666666666], abs=1e-12)
    difference, error, p = contrast([-1, 1], areas, covariance)
    assert error**2 == pytest.approx(0.0051157726692209445, rel=1e-9)
    assert difference / error == pytest.approx(1.9340657016192133, rel=1e-9)
    assert p == pytest.approx(0.05310505028167577, rel=1e-9)


def test_worked_example_by_hand():
    # positives 3 and 1, negatives 2 and 0: of the four pairs, only (1, 2) stands the wrong way round
    areas, covariance = delong(np.array([1, 1, 0, 0]), np.array([[3, 1, 2, 0]]))
    assert areas == pytest.approx([3 / 4])
    # positives beat 1 and 1/2 of the negatives, negatives are beaten by 1/2 and 1: variance 1/8 each, over 2
    assert covariance == pytest.approx(np.array([[1 / 8]]))


def test_areas_are_those_of_scikit_learn():
    assert delong(TRUTH, [FIRST])[0] == pytest.approx([roc_auc_score(TRUTH, FIRST)])


def test_identical_scores_do_not_differ():
    assert contrast([1, -1], *delong(TRUTH, [FIRST, FIRST])) == (0, 0, 1)


def test_any_rising_function_of_the_scores_changes_nothing():
    assert contrast([1, -1], *delong(TRUTH, [FIRST, np.exp(FIRST)])) == (0, 0, 1)


def test_perfect_areas_have_no_variance():
    areas, covariance = delong(TRUTH, [TRUTH, 2.0 * TRUTH])
    assert (areas == 1).all()
    assert (covariance == 0).all()
    assert contrast([1, -1], areas, covariance) == (0, 0, 1)


def test_perfect_against_constant_scores_is_beyond_doubt():
    areas, covariance = delong(TRUTH, [TRUTH, np.zeros(40)])
    assert contrast([1, -1], areas, covariance) == (0.5, 0, 0)


def test_mean_over_seeds_is_compared_by_its_weights():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(3, 200)) + rng.normal(size=200) + 0.5 * (truth := rng.random(200) < 0.5)
    areas, covariance = delong(truth, scores)
    difference, error, _ = contrast([0.5, 0.5, -1], areas, covariance)
    assert difference == pytest.approx((areas[0] + areas[1]) / 2 - areas[2])
    pairs = 0.25 * (covariance[0, 0] + covariance[1, 1] + 2 * covariance[0, 1]) + covariance[2, 2]
    assert error**2 == pytest.approx(pairs - covariance[0, 2] - covariance[1, 2])


@pytest.mark.parametrize("truth", [[0, 0, 0, 1], [1, 1, 1, 1]])
def test_fewer_than_two_records_of_a_class_are_refused(truth):
    with pytest.raises(ValueError, match="two records of each class"):
        delong(np.array(truth), np.array([0.1, 0.2, 0.3, 0.4]))
