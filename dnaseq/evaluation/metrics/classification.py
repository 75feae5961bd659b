"""Scores of classification: from probabilities to every score, with its 95 % interval.

Points are computed by scikit-learn, except for the calibration error, which it does not have, and the Brier score,
which it has for two classes only before version 1.7.
"""

import numpy as np
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    log_loss,
    matthews_corrcoef,
    multilabel_confusion_matrix,
    precision_recall_fscore_support,
    roc_auc_score,
)

from dnaseq.evaluation.decisions.thresholds import predict_classes
from dnaseq.evaluation.intervals.bootstrap import evidence, interval, resampled_counts
from dnaseq.evaluation.metrics.curves import (
    bin_numbers,
    confidences,
    expected_calibration_error,
    reliability_bins,
)
from dnaseq.evaluation.metrics.names import METRICS, flat
from dnaseq.evaluation.metrics.weighted import WeightedScores, brier_losses
from dnaseq.schemas import Estimate

__all__ = ["METRICS", "enough_resamples", "point_scores", "scores", "validate_predictions"]

ROUNDING = 5.001e-7  # of one probability with six digits; of two classes, sums within 1e-6 of 1 are accepted
MOST_RANKED = 1_000_000_000  # records of all resamples, once a class: some ten seconds
MANY_RECORDS, FEWER_RESAMPLES = 20_000, 200  # intervals this narrow do not need more


def point_scores(
    truth: np.ndarray, probabilities: np.ndarray, classes: list[str], threshold: float = 0.5
) -> dict[str, float | None]:
    """Every score of METRICS: (n,) classes as integers, (n, C) probabilities, the names of the C classes.

    Two classes: sensitivity, precision, f1, auroc and auprc are those of the last class. More: means over the
    classes (macro, one against the rest) under the plain names, and the score of each as "auroc/strong".
    brier is the squared error of the last class's probability (0 to 1), with more than two classes summed over
    the classes (0 to 2, Brier 1950). ece has 10 bins of equal width (see reliability). A score that the records
    do not define, because a class it needs is absent from the truth, is None; precision of a class that is
    never predicted is 0, and so is mcc if only one class is.

    Raises ValueError for probabilities that are not finite, negative or do not sum to 1, naming the row.
    """
    truth, probabilities = validate_predictions(truth, probabilities, classes)
    return {name: _number(v) for name, v in _points(truth, probabilities, classes, threshold).items()}


def scores(
    truth: np.ndarray,
    probabilities: np.ndarray,
    classes: list[str],
    threshold: float = 0.5,
    seed: int = 0,
    resamples: int = 1000,
    groups: np.ndarray | None = None,
) -> dict[str, Estimate]:
    """point_scores, each with its 95 % interval from a bootstrap (see intervals).

    All scores share the same resamples, which follow from the seed; more than 20,000 records get at most 200, and
    records times classes times resamples are at most 1,000,000,000 where that leaves 200.
    Records are drawn whatever their class, as if another test set were collected, with class sizes of its own;
    `groups` (n,), one name or number a record, draws whole groups instead. Every interval holds its value.
    """
    truth, probabilities = validate_predictions(truth, probabilities, classes)
    values = _points(truth, probabilities, classes, threshold)
    predicted = predict_classes(probabilities, threshold)
    weighted = WeightedScores(truth, predicted, probabilities, classes)
    draws = resampled_counts(
        len(truth), enough_resamples(resamples, *probabilities.shape), np.random.default_rng(seed), groups
    )
    blocks = [weighted(counts) for counts in draws]
    basis = evidence(truth, predicted, groups)
    return {
        name: Estimate(
            _number(value), *interval(name, value, np.concatenate([b[name] for b in blocks]), basis)
        )
        for name, value in values.items()
    }


def enough_resamples(wished: int, n: int, n_classes: int = 2) -> int:
    """Number of resamples that n records get."""
    most = max(FEWER_RESAMPLES, MOST_RANKED // (n * n_classes))
    return min(wished, most if n <= MANY_RECORDS else FEWER_RESAMPLES)


def _points(
    truth: np.ndarray, probabilities: np.ndarray, classes: list[str], threshold: float
) -> dict[str, float]:
    """point_scores of valid input, NaN where undefined."""
    predicted = predict_classes(probabilities, threshold)
    everything = len(np.unique(truth)) == len(classes)
    sums = probabilities.sum(axis=1, keepdims=True)  # log_loss warns unless they are 1 to the last digit
    confidence, held = confidences(truth, probabilities)
    bins = reliability_bins(confidence, held, bin_numbers(confidence))
    overall = {
        "accuracy": accuracy_score(truth, predicted),
        "balanced_accuracy": balanced_accuracy_score(truth, predicted) if everything else np.nan,
        "mcc": matthews_corrcoef(truth, predicted) if len(np.unique(truth)) > 1 else np.nan,
        "log_loss": log_loss(truth, probabilities / sums, labels=range(len(classes))),
        "brier": brier_losses(truth, probabilities).mean(),
        "ece": expected_calibration_error(bins),
    }
    return flat(overall, _against_rest(truth, predicted, probabilities), classes)


def _against_rest(
    truth: np.ndarray, predicted: np.ndarray, probabilities: np.ndarray
) -> list[dict[str, float]]:
    """The scores of each class against the rest, NaN where undefined."""
    labels = range(probabilities.shape[1])
    precision, recall, f1, _ = precision_recall_fscore_support(
        truth, predicted, labels=labels, zero_division=0
    )
    (true_negative, false_positive), _ = multilabel_confusion_matrix(
        truth, predicted, labels=labels
    ).transpose(1, 2, 0)
    table = []
    for c in labels:
        positive, score = truth == c, probabilities[:, c]
        some, others = positive.any(), not positive.all()
        both = some and others
        table.append(
            {
                "sensitivity": recall[c] if some else np.nan,
                "specificity": true_negative[c] / (true_negative[c] + false_positive[c])
                if others
                else np.nan,
                "precision": precision[c] if some else np.nan,
                "f1": f1[c] if some else np.nan,
                "auroc": roc_auc_score(positive, score) if both else np.nan,
                "auprc": average_precision_score(positive, score) if both else np.nan,
            }
        )
    return table


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def validate_predictions(
    truth: np.ndarray, probabilities: np.ndarray, classes: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """The arguments as arrays: (n,) int64, (n, C) float64. Raises ValueError as point_scores says."""
    truth, probabilities = np.asarray(truth, dtype=np.int64), np.asarray(probabilities, dtype=np.float64)
    if len(classes) < 2 or not len(truth) or probabilities.shape != (len(truth), len(classes)):
        raise ValueError(
            f"scores need at least 1 record and 2 classes, and a probability for each; got {len(truth)} records, "
            f"{len(classes)} classes and probabilities of shape {probabilities.shape}"
        )
    outside = np.flatnonzero((truth < 0) | (truth >= len(classes)))
    if outside.size:
        row = outside[0]
        raise ValueError(f"row {row}: class {truth[row]} is not among 0 to {len(classes) - 1}")
    sums = probabilities.sum(axis=1)
    wrong = np.flatnonzero(~(np.abs(sums - 1) <= ROUNDING * len(classes)) | (probabilities < 0).any(axis=1))
    if wrong.size:
        row = wrong[0]
        raise ValueError(
            f"row {row}: probabilities must be finite, not negative and sum to 1; got {probabilities[row]}"
        )
    return truth, probabilities
