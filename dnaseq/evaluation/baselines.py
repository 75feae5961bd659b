"""What simple models reach on the same records. A network that does not beat them has learnt nothing more.

All are fitted on training records only, without tuning: their settings are the same for every data set.
"""

from itertools import product
from typing import NamedTuple

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

LONGEST_K = 5
# Inverse strength of the L2 penalty on standardised k-mer frequencies; best of 1e-5 to 0.1, by ten-fold steps
# and thirds of them, in 5-fold cross-validation on the shipped enhancers' training records.
KMER_C = 1e-3
MOST_TRAINING_RECORDS = 20_000
RECORDS_AT_ONCE = 10_000  # 1,364 k-mer frequencies of each, 55 MB


class Examples(NamedTuple):
    """Labelled records of one split."""

    sequences: list[str]  # upper-case IUPAC letters
    labels: np.ndarray  # (n,) class, 0 to n_classes - 1


def baselines(train: Examples, test: Examples, n_classes: int, seed: int) -> dict[str, np.ndarray]:
    """Class probabilities (n_test, n_classes) of the test records by each simple model.

    "majority": the training frequencies of the classes, the same for every record. "gc_length": logistic
    regression on GC fraction and length. "kmer_logistic": logistic regression on the frequencies of all 1- to
    5-mers, strongly regularised. A class without training records gets probability 0. Above 20,000 training
    records a stratified sample of about that many is used, drawn with the seed.

    Raises ValueError if there is no training record or a label is outside 0 to n_classes - 1.
    """
    labels = np.asarray(train.labels, dtype=np.int64)
    if not len(labels) or labels.min() < 0 or labels.max() >= n_classes:
        raise ValueError(f"baselines need training records with labels from 0 to {n_classes - 1}")
    majority = np.bincount(labels, minlength=n_classes) / len(labels)
    rows = _sample(labels, np.random.default_rng(seed))
    train = Examples([train.sequences[i] for i in rows], labels[rows])
    gc_length = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000, random_state=seed))
    kmers = make_pipeline(StandardScaler(), LogisticRegression(C=KMER_C, max_iter=1000, random_state=seed))
    return {
        "majority": np.tile(majority, (len(test.sequences), 1)),
        "gc_length": _fitted(gc_length, gc_and_length, train, test, n_classes),
        "kmer_logistic": _fitted(kmers, kmer_frequencies, train, test, n_classes),
    }


def gc_and_length(sequences: list[str]) -> np.ndarray:
    """(n, 2): the share of G, C and S among all letters, and the length in bases."""
    gc = [sum(s.count(letter) for letter in "GCS") / max(len(s), 1) for s in sequences]
    return np.column_stack([gc, [len(s) for s in sequences]])


def kmer_frequencies(sequences: list[str]) -> np.ndarray:
    """(n, 1364) float32: occurrences of each 1- to 5-mer of A, C, G, T, overlapping, divided by the length."""
    vocabulary = ["".join(kmer) for k in range(1, LONGEST_K + 1) for kmer in product("ACGT", repeat=k)]
    counter = CountVectorizer(
        analyzer="char",
        lowercase=False,
        ngram_range=(1, LONGEST_K),
        vocabulary=vocabulary,
        dtype=np.float32,
    )
    counts = counter.transform(sequences).toarray()
    lengths = np.array([max(len(s), 1) for s in sequences], dtype=np.float32)
    return counts / lengths[:, None]


def _fitted(model: BaseEstimator, features, train: Examples, test: Examples, n_classes: int) -> np.ndarray:
    """(n_test, n_classes) probabilities by a model fitted on features(train)."""
    answer = np.zeros((len(test.sequences), n_classes))
    present = np.unique(train.labels)
    if len(present) == 1:
        answer[:, present] = 1  # nothing to tell apart
        return answer
    model.fit(features(train.sequences), train.labels)
    for start in range(0, len(answer), RECORDS_AT_ONCE):
        part = slice(start, start + RECORDS_AT_ONCE)
        answer[part, present] = model.predict_proba(features(test.sequences[part]))
    return answer / answer.sum(axis=1, keepdims=True)


def _sample(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rows of a stratified sample of MOST_TRAINING_RECORDS, or all rows if there are no more; in file order."""
    if len(labels) <= MOST_TRAINING_RECORDS:
        return np.arange(len(labels))
    share = MOST_TRAINING_RECORDS / len(labels)
    rows = [np.flatnonzero(labels == c) for c in np.unique(labels)]
    chosen = [rng.choice(r, max(1, round(share * len(r))), replace=False) for r in rows]
    return np.sort(np.concatenate(chosen))
