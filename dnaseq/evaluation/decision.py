"""From probabilities to the class that is predicted: the one rule, for tables, scores and thresholds alike."""

import numpy as np


def predict_classes(probabilities: np.ndarray, threshold: float = 0.5) -> np.ndarray:
    """(n, C) probabilities -> (n,) class.

    Of two classes, class 1 where its probability reaches the threshold; of more, the likeliest. A row of NaN is
    class 0.
    """
    if probabilities.shape[1] == 2:
        return (probabilities[:, 1] >= threshold).astype(np.int64)
    return probabilities.argmax(axis=1)
