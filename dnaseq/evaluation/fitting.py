"""Simple models fitted on training records and asked about test records, the same way for all of them."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator

MOST_RECORDS = 20_000  # of a sample, to learn from or to be scored on
RECORDS_AT_ONCE = 10_000  # 1,364 k-mer frequencies of each, 55 MB


class Examples(NamedTuple):
    """Labelled records of one part."""

    sequences: Sequence[str]  # upper-case IUPAC letters
    labels: np.ndarray  # (n,) class, 0 to n_classes - 1
    ids: Sequence[str] | None = None
    places: np.ndarray | None = None  # (n,) where a record stands in its file: 0 is its beginning, 1 its end


Features = Callable[[Examples], np.ndarray | csr_array]


def fitted(
    model: BaseEstimator, features: Features, train: Examples, test: Examples, n_classes: int
) -> np.ndarray:
    """(n_test, n_classes) probabilities by a model fitted on features(train).

    A class without training records gets probability 0.
    """
    answer = np.zeros((len(test.labels), n_classes))
    present = np.unique(train.labels)
    if len(present) == 1:
        answer[:, present] = 1  # nothing to tell apart
        return answer
    model.fit(features(train), train.labels)
    for start in range(0, len(answer), RECORDS_AT_ONCE):
        stop = min(start + RECORDS_AT_ONCE, len(answer))
        answer[start:stop, present] = model.predict_proba(features(taken(test, np.arange(start, stop))))
    return answer / answer.sum(axis=1, keepdims=True)


def class_frequencies(train: Examples, test: Examples, n_classes: int) -> np.ndarray:
    """(n_test, n_classes): the training frequencies of the classes, the same for every record."""
    shares = np.bincount(train.labels, minlength=n_classes) / len(train.labels)
    return np.broadcast_to(shares, (len(test.labels), n_classes))


def taken(examples: Examples, rows: np.ndarray) -> Examples:
    """The examples of these rows."""
    return Examples(
        [examples.sequences[row] for row in rows],
        examples.labels[rows],
        None if examples.ids is None else [examples.ids[row] for row in rows],
        None if examples.places is None else examples.places[rows],
    )


def sampled_rows(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rows of a stratified sample of MOST_RECORDS, or all rows if there are no more; in file order."""
    if len(labels) <= MOST_RECORDS:
        return np.arange(len(labels))
    share = MOST_RECORDS / len(labels)
    rows = [np.flatnonzero(labels == c) for c in np.unique(labels)]
    chosen = [rng.choice(r, max(1, round(share * len(r))), replace=False) for r in rows]
    return np.sort(np.concatenate(chosen))


def check_labels(train: Examples, n_classes: int) -> None:
    """Raise ValueError if there is no training record or a label is outside 0 to n_classes - 1."""
    if not len(train.labels) or train.labels.min() < 0 or train.labels.max() >= n_classes:
        raise ValueError(f"training records with labels from 0 to {n_classes - 1} are needed")
