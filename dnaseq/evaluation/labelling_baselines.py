"""What simple models reach that label each base by what stands around it."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression

MOST_BASES = 50_000  # of a sample to learn from
BASES_AT_ONCE = 500_000
REACH = 5  # bases on either side in the window of 11
GC_REACH = 50  # in the window of 101 whose GC content is taken


class LabelledBases(NamedTuple):
    """Records of one part with a label for every base."""

    sequences: list[str]  # upper-case IUPAC letters
    labels: list[np.ndarray]  # of each record (L_i,) class, 0 to n_classes - 1


Around = Callable[[list[str]], np.ndarray | csr_array]


def labelling_baselines(
    train: LabelledBases, test: LabelledBases, n_classes: int, seed: int
) -> dict[str, list[np.ndarray]]:
    """Class probabilities of every base of the test records by each simple model: one (L_i, C) array a record.

    "majority": the training frequencies of the classes, the same for every base. "gc_window": logistic regression on
    the GC content of the 101 bases around. "window_logistic": the same on which letter each of the 11 bases around
    is. Both learn from at most 50,000 training bases, drawn with the seed from all records alike. Windows end where
    the record does. A class without training bases gets probability 0.

    Raises ValueError if there is no training base, a record has not one label a base, or a label is outside 0 to
    n_classes - 1.
    """
    labels = _checked_labels(train, n_classes)
    shares = np.bincount(labels, minlength=n_classes) / len(labels)
    chosen = np.arange(len(labels))
    if len(labels) > MOST_BASES:
        chosen = np.sort(np.random.default_rng(seed).choice(len(labels), MOST_BASES, replace=False))
    answers = {"majority": [np.broadcast_to(shares, (len(s), n_classes)) for s in test.sequences]}
    for name, around in (("gc_window", gc_around), ("window_logistic", bases_around)):
        model = LogisticRegression(max_iter=1000, random_state=seed)
        answers[name] = _answers(model, around, train.sequences, labels, chosen, test.sequences, n_classes)
    return answers


def gc_around(sequences: list[str]) -> np.ndarray:
    """(bases of all records, 1): the share of G, C and S among the 101 bases around, fewer at the ends of a record."""
    shares = []
    for sequence in sequences:
        letters = np.frombuffer(sequence.encode("latin-1"), dtype=np.uint8)
        upto = np.concatenate([[0], np.cumsum(np.isin(letters, list(b"GCS")))])
        at = np.arange(len(letters))
        start, stop = np.maximum(at - GC_REACH, 0), np.minimum(at + GC_REACH + 1, len(letters))
        shares.append((upto[stop] - upto[start]) / (stop - start))
    return np.concatenate([np.zeros(0), *shares])[:, None]


def bases_around(sequences: list[str]) -> csr_array:
    """(bases of all records, 44) float32: 1 where a place of the 11 around holds A, C, G or T, in this order.

    Zeros where it holds another letter or is beyond the end of the record.
    """
    code = np.full(256, 4, dtype=np.int32)
    code[list(b"ACGT")] = range(4)
    gap = "-" * REACH  # as no window may reach into the next record
    letters = np.frombuffer((gap + gap.join(sequences) + gap + "-").encode("latin-1"), dtype=np.uint8)
    windows = np.lib.stride_tricks.sliding_window_view(code[letters], 2 * REACH + 1)
    windows = windows[letters[REACH : len(letters) - REACH] != ord("-")]
    known = windows < 4
    column = (windows + 4 * np.arange(windows.shape[1], dtype=np.int32))[known]
    ends = np.concatenate([[0], np.cumsum(known.sum(axis=1))])  # of each row's columns
    ones = np.ones(len(column), dtype=np.float32)
    return csr_array((ones, column, ends), shape=(len(windows), 4 * windows.shape[1]))


def _answers(
    model: LogisticRegression,
    around: Around,
    train: list[str],
    labels: np.ndarray,
    chosen: np.ndarray,
    test: list[str],
    n_classes: int,
) -> list[np.ndarray]:
    present = np.unique(labels[chosen])
    if len(present) > 1:
        model.fit(_features_of(around, train, chosen), labels[chosen])
    answers = []
    for some in _stretches(test):
        lengths = [len(s) for s in some]
        answer = np.zeros((sum(lengths), n_classes))
        answer[:, present] = model.predict_proba(around(some)) if len(present) > 1 else 1
        answers += np.split(answer, np.cumsum(lengths)[:-1])
    return answers


def _features_of(around: Around, sequences: list[str], chosen: np.ndarray) -> np.ndarray | csr_array:
    """The features of the chosen bases alone, which may be few of millions: of the records that hold any."""
    ends = np.cumsum([len(s) for s in sequences])
    record = np.searchsorted(ends, chosen, side="right")
    held, at = np.unique(record, return_inverse=True)
    lengths = np.array([len(sequences[r]) for r in held])
    place = chosen - (ends[held] - lengths)[at]  # in its record
    return around([sequences[r] for r in held])[(np.cumsum(lengths) - lengths)[at] + place]


def _stretches(sequences: list[str]) -> Iterator[list[str]]:
    """The sequences in order, about BASES_AT_ONCE at a time."""
    number = np.cumsum([len(s) for s in sequences]) // BASES_AT_ONCE
    edges = np.flatnonzero(np.diff(number, prepend=-1, append=-1))
    yield from (sequences[start:stop] for start, stop in pairwise(edges))


def _checked_labels(train: LabelledBases, n_classes: int) -> np.ndarray:
    """The labels of all bases in a row."""
    for i, (sequence, of_record) in enumerate(zip(train.sequences, train.labels, strict=True)):
        if len(sequence) != len(of_record):
            raise ValueError(f"record {i}: {len(of_record)} labels for {len(sequence)} bases")
    labels = np.concatenate([np.zeros(0, dtype=np.int64), *train.labels]).astype(np.int64)
    if not labels.size or labels.min() < 0 or labels.max() >= n_classes:
        raise ValueError(f"training bases with labels from 0 to {n_classes - 1} are needed")
    return labels
