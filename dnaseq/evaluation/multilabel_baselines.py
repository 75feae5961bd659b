"""What simple models reach where records carry any number of labels: one model a label, on the same features."""

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from dnaseq.evaluation.baselines import KMER_C, short_kmers
from dnaseq.evaluation.features import gc_and_length
from dnaseq.evaluation.fitting import MOST_RECORDS, RECORDS_AT_ONCE, Examples, Features, taken

MANY_LABELS, FEWER_RECORDS = 20, 4_000  # with more labels, models of k-mers learn from fewer records


def multilabel_baselines(train: Examples, test: Examples, seed: int) -> dict[str, np.ndarray]:
    """Probabilities (n_test, C) of the labels of the test records by each simple model.

    The labels of the examples are (n, C) bool. "frequencies": how often each label is in training, the same
    for every record. "gc_length": logistic regression on GC fraction and length, one a label. "kmer_logistic":
    the same on the frequencies of all 1- to 5-mers, strongly regularised. A label that every training record has,
    or none, gets probability 1 or 0. Above 20,000 training records a sample of as many is used (of k-mers 4,000
    where there are more than 20 labels), drawn with the seed.

    Raises ValueError if there is no training record or the labels are not (n, C).
    """
    labels = np.asarray(train.labels)
    if labels.ndim != 2 or not all(labels.shape):
        raise ValueError(
            f"training records with labels (n, C) are needed, got labels of shape {labels.shape}"
        )
    train = train._replace(labels=labels.astype(bool))
    frequencies = np.tile(train.labels.mean(axis=0), (len(test.labels), 1))
    train = sampled(train, MOST_RECORDS, seed)
    few = sampled(train, FEWER_RECORDS if labels.shape[1] > MANY_LABELS else MOST_RECORDS, seed)
    gc_length = LogisticRegression(max_iter=1000, random_state=seed)
    kmers = LogisticRegression(C=KMER_C, max_iter=1000, random_state=seed)
    return {
        "frequencies": frequencies,
        "gc_length": _answers(gc_length, lambda e: gc_and_length(e.sequences), train, test),
        "kmer_logistic": _answers(kmers, short_kmers, few, test),
    }


def sampled(examples: Examples, most: int, seed: int) -> Examples:
    """A random sample of so many examples, in their order; all of them where there are no more."""
    n = len(examples.sequences)
    if n <= most:
        return examples
    return taken(examples, np.sort(np.random.default_rng(seed).choice(n, most, replace=False)))


def _answers(model: BaseEstimator, features: Features, train: Examples, test: Examples) -> np.ndarray:
    """(n_test, C): the features are computed and standardised once, and a copy of the model is fitted to each label."""
    shares = train.labels.mean(axis=0)
    scaler = StandardScaler()
    x = scaler.fit_transform(features(train))
    varied = np.flatnonzero((shares > 0) & (shares < 1))
    models = {c: clone(model).fit(x, train.labels[:, c]) for c in varied}
    answer = np.tile(shares, (len(test.sequences), 1))
    for start in range(0, len(answer), RECORDS_AT_ONCE):
        rows = np.arange(start, min(start + RECORDS_AT_ONCE, len(answer)))
        some = scaler.transform(features(taken(test, rows)))
        for c, fitted in models.items():
            answer[rows, c] = fitted.predict_proba(some)[:, 1]
    return answer
