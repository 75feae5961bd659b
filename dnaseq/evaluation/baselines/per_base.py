"""Baselines of labelled bases: simple models that label a base by the bases around it."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression

from dnaseq.encode.alphabet import BASES
from dnaseq.encode.counting import steps
from dnaseq.evaluation.baselines.classification import MOST_TO_CHOOSE_BY
from dnaseq.evaluation.baselines.features import gc_and_length
from dnaseq.evaluation.baselines.fitting import Examples, sample_rows, stretches
from dnaseq.evaluation.baselines.penalty import Found, best_penalty, build_model, folds

MOST_BASES = 50_000  # of a sample to learn from
BASES_AT_ONCE = 500_000
REACH = 5  # bases on either side in the window of 11
GC_REACH = 50  # in the window of 101 whose GC content is taken


class LabelledBases(NamedTuple):
    """Records of one split with a label for every base: stretches of packed codes."""

    codes: np.ndarray  # uint8, see encode/alphabet.py
    starts: np.ndarray  # (n,) first base of each record in codes
    lengths: np.ndarray  # (n,) its bases
    labels: list[np.ndarray]  # of each record (L_i,) class, 0 to n_classes - 1


class Places(NamedTuple):
    """Some bases, and the first and last (not included) base of the record of each."""

    codes: np.ndarray
    at: np.ndarray
    first: np.ndarray
    stop: np.ndarray


Around = Callable[[Places], np.ndarray | csr_array]


def labelling_baselines(
    train: LabelledBases, test: LabelledBases, n_classes: int, seed: int
) -> dict[str, list[np.ndarray]]:
    """Class probabilities of every base of the test records by each simple model: one (L_i, C) array a record.

    "majority": the training frequencies of the classes, the same for every base. "gc_window": logistic regression on
    the GC content of the 101 bases around. "window_logistic": the same on which letter each of the 11 bases around
    is, with a penalty chosen by cross-validation, each record whole in one fold. Both learn from at most 50,000
    training bases, drawn with the seed from all records alike. Windows end where the record does. A class without
    training bases gets probability 0.

    Raises ValueError if there is no training base, a record has not one label a base, or a label is outside 0 to
    n_classes - 1.
    """
    labels = _join_labels(train, n_classes)
    shares = np.bincount(labels, minlength=n_classes) / len(labels)
    chosen = sample_rows(len(labels), MOST_BASES, seed)
    learnt, y = places(train, chosen), labels[chosen]
    predictions = {"majority": [np.broadcast_to(shares, (length, n_classes)) for length in test.lengths]}
    models = {
        "gc_window": (gc_around, LogisticRegression(max_iter=1000)),
        "window_logistic": (bases_around, build_model(_choose_penalty(learnt, y, seed))),
    }
    for name, (around, model) in models.items():
        predictions[name] = _predict(model, around, learnt, y, test, n_classes)
    return predictions


def places(bases: LabelledBases, chosen: np.ndarray | None = None) -> Places:
    """Return the places of the chosen bases, counted over all records in a row; of all bases for None."""
    ends = np.cumsum(bases.lengths)
    if chosen is None:
        record, within = np.repeat(np.arange(len(ends)), bases.lengths), steps(bases.lengths)
    else:
        record = np.searchsorted(ends, chosen, side="right")
        within = chosen - (ends - bases.lengths)[record]
    first = bases.starts[record]
    return Places(bases.codes, first + within, first, first + bases.lengths[record])


def gc_around(some: Places) -> np.ndarray:
    """(n, 1): the share of G, C and S among the 101 bases around, fewer at the ends of a record."""
    start = np.maximum(some.at - GC_REACH, some.first)
    lengths = np.minimum(some.at + GC_REACH + 1, some.stop) - start
    return gc_and_length(Examples(some.codes, start, lengths, lengths))[:, :1]


def bases_around(some: Places) -> csr_array:
    """(n, 44) float32: 1 where a place of the 11 around holds A, C, G or T, in this order.

    Zeros where it holds another letter or is beyond the end of the record.
    """
    window = some.at[:, None] + np.arange(-REACH, REACH + 1)
    inside = (window >= some.first[:, None]) & (window < some.stop[:, None])
    letters = np.asarray(some.codes)[np.where(inside, window, some.at[:, None])]
    known = inside & (letters < len(BASES))
    column = (letters + len(BASES) * np.arange(window.shape[1], dtype=np.int32))[known]
    ends = np.concatenate([[0], np.cumsum(known.sum(axis=1))])  # of each row's columns
    ones = np.ones(len(column), dtype=np.float32)
    return csr_array((ones, column, ends), shape=(len(window), len(BASES) * window.shape[1]))


def _choose_penalty(learnt: Places, y: np.ndarray, seed: int) -> Found:
    """Choose the penalty for the letters around a base."""
    few = sample_rows(len(y), MOST_TO_CHOOSE_BY, seed)
    record = np.unique(learnt.first[few], return_inverse=True)[1]
    some = Places(learnt.codes, *(column[few] for column in learnt[1:]))
    return best_penalty(bases_around(some), [y[few]], folds(y[few], seed, record), scalable=False)


def _predict(
    model: LogisticRegression,
    around: Around,
    learnt: Places,
    y: np.ndarray,
    test: LabelledBases,
    n_classes: int,
) -> list[np.ndarray]:
    present = np.unique(y)
    if len(present) > 1:
        model.fit(around(learnt), y)
    predictions: list[np.ndarray] = []
    for rows in stretches(test.lengths, BASES_AT_ONCE) if len(test.lengths) else ():
        some = test._replace(starts=test.starts[rows], lengths=test.lengths[rows])
        probabilities = np.zeros((int(some.lengths.sum()), n_classes))
        probabilities[:, present] = model.predict_proba(around(places(some))) if len(present) > 1 else 1
        predictions += np.split(probabilities, np.cumsum(some.lengths)[:-1])
    return predictions


def _join_labels(train: LabelledBases, n_classes: int) -> np.ndarray:
    """Join the labels of all bases in a row, and check them."""
    for i, (length, of_record) in enumerate(zip(train.lengths, train.labels, strict=True)):
        if length != len(of_record):
            raise ValueError(f"record {i}: {len(of_record)} labels for {length} bases")
    labels = np.concatenate([np.zeros(0, dtype=np.int64), *train.labels]).astype(np.int64)
    if not labels.size or labels.min() < 0 or labels.max() >= n_classes:
        raise ValueError(f"training bases with labels from 0 to {n_classes - 1} are needed")
    return labels
