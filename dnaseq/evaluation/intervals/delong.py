"""Areas under the ROC curves of several scores of the same records, with their covariance and a test.

DeLong, DeLong and Clarke-Pearson 1988, computed from midranks (Sun and Xu 2014).
"""

import numpy as np
from scipy.stats import norm, rankdata

ROUNDING = 1e-12


def delong(truth: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n,) bool or 0 and 1, (m, n) m scores of each record -> (m,) areas, (m, m) covariance of the areas.

    Raises ValueError unless there are at least two records of each class, without which there is no variance.
    """
    positive, scores = np.asarray(truth, dtype=bool), np.atleast_2d(np.asarray(scores, dtype=np.float64))
    yes, no = int(positive.sum()), int((~positive).sum())
    if scores.shape[1] != len(positive) or min(yes, no) < 2:
        raise ValueError(
            f"delong needs two records of each class and a score of each record; got {yes} and {no} records "
            f"and scores of shape {scores.shape}"
        )
    ranks = rankdata(scores, axis=1)
    # of every positive the share of negatives it beats, and of every negative the share of positives that beat it
    won = (ranks[:, positive] - rankdata(scores[:, positive], axis=1)) / no  # (m, yes)
    lost = 1 - (ranks[:, ~positive] - rankdata(scores[:, ~positive], axis=1)) / yes  # (m, no)
    covariance = np.atleast_2d(np.cov(won)) / yes + np.atleast_2d(np.cov(lost)) / no
    return won.mean(axis=1), covariance


def contrast(weights: np.ndarray, areas: np.ndarray, covariance: np.ndarray) -> tuple[float, float, float]:
    """(m,) weights of the areas -> their weighted sum, its standard error and the two-sided p that it is 0.

    Weights of 1/2 and 1/2 for two seeds of one model and -1/2 and -1/2 for two of another set the mean of the one
    against that of the other. Where the variance is 0, p is 1 for a sum of 0 and 0 for any other.
    """
    weights = np.asarray(weights, dtype=np.float64)
    difference = float(weights @ areas)
    variance = float(weights @ covariance @ weights)
    if variance <= ROUNDING * (np.abs(weights) @ np.abs(covariance) @ np.abs(weights)):
        return difference, 0.0, float(abs(difference) < ROUNDING)
    error = float(np.sqrt(variance))
    return difference, error, float(2 * norm.sf(abs(difference) / error))
