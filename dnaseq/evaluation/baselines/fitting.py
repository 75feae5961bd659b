"""Simple models: fitted on training records and applied to test records, the same way for all of them."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator

MOST_RECORDS = 20_000  # of a sample, to learn from or to be scored on
BASES_AT_ONCE = 2_000_000  # of records that are predicted together; six k-mers begin at each


class Examples(NamedTuple):
    """Labelled records of one split: stretches of packed codes, such as those of a data set's store."""

    codes: np.ndarray  # uint8, see encode/alphabet.py
    starts: np.ndarray  # (n,) first base of each record in codes
    lengths: np.ndarray  # (n,) its bases
    labels: np.ndarray  # (n,) class, 0 to n_classes - 1
    ids: Sequence[str] | None = None
    places: np.ndarray | None = None  # (n,) where a record stands in its file: 0 is its beginning, 1 its end


Features = Callable[[Examples], np.ndarray | csr_array]


def fit_and_predict(
    model: BaseEstimator, features: Features, train: Examples, test: Examples, n_classes: int
) -> np.ndarray:
    """(n_test, n_classes) probabilities by a model fitted on features(train).

    A class without training records gets probability 0.
    """
    probabilities = np.zeros((len(test.labels), n_classes))
    present = np.unique(train.labels)
    if len(present) == 1:
        probabilities[:, present] = 1  # nothing to tell apart
        return probabilities
    model.fit(features(train), train.labels)
    for rows in stretches(test.lengths, BASES_AT_ONCE):
        probabilities[rows, present[:, None]] = model.predict_proba(features(select_rows(test, rows))).T
    return probabilities / probabilities.sum(axis=1, keepdims=True)


def stretches(lengths: np.ndarray, bases: int) -> list[np.ndarray]:
    """Split the rows, in order, into stretches of about `bases` bases; at least one stretch."""
    at = np.cumsum(lengths) // bases
    return np.split(np.arange(len(at)), np.flatnonzero(np.diff(at)) + 1)


def class_frequencies(train: Examples, test: Examples, n_classes: int) -> np.ndarray:
    """(n_test, n_classes): the training frequencies of the classes, the same for every record."""
    shares = np.bincount(train.labels, minlength=n_classes) / len(train.labels)
    return np.broadcast_to(shares, (len(test.labels), n_classes))


def select_rows(examples: Examples, rows: np.ndarray) -> Examples:
    """The examples of these rows; the codes stay where they are."""
    return Examples(
        examples.codes,
        examples.starts[rows],
        examples.lengths[rows],
        examples.labels[rows],
        None if examples.ids is None else [examples.ids[row] for row in rows],
        None if examples.places is None else examples.places[rows],
    )


def sample_stratified(labels: np.ndarray, rng: np.random.Generator, most: int | None = None) -> np.ndarray:
    """Rows of a stratified sample of `most`, else MOST_RECORDS, or all rows if there are no more; in file order."""
    most = MOST_RECORDS if most is None else most
    if len(labels) <= most:
        return np.arange(len(labels))
    share = most / len(labels)
    rows = [np.flatnonzero(labels == c) for c in np.unique(labels)]
    chosen = [rng.choice(r, max(1, round(share * len(r))), replace=False) for r in rows]
    return np.sort(np.concatenate(chosen))


def sample_rows(n: int, most: int, seed: int) -> np.ndarray:
    """Rows of a random sample of at most `most` of n rows, in their order."""
    return np.arange(n) if n <= most else np.sort(np.random.default_rng(seed).choice(n, most, replace=False))


def check_labels(train: Examples, n_classes: int) -> None:
    """Raise ValueError if there is no training record or a label is outside 0 to n_classes - 1."""
    if not len(train.labels) or train.labels.min() < 0 or train.labels.max() >= n_classes:
        raise ValueError(f"training records with labels from 0 to {n_classes - 1} are needed")
