"""Baselines of label sets: one simple model a label, on the same features for all labels."""

import numpy as np
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dnaseq.evaluation.baselines import fitting
from dnaseq.evaluation.baselines.classification import MOST_TO_CHOOSE_BY, kmer_sets
from dnaseq.evaluation.baselines.features import gc_and_length
from dnaseq.evaluation.baselines.fitting import (
    MOST_RECORDS,
    Examples,
    Features,
    sample_rows,
    select_rows,
    stretches,
)
from dnaseq.evaluation.baselines.penalty import DEFAULT, Found, best_penalty, build_model, folds

MANY_LABELS, FEWER_RECORDS = 20, 4_000  # with more labels, models of k-mers learn from fewer records
MOST_TO_CHOOSE_FOR = 3  # labels by which the penalty of all is chosen: those nearest to half of the records


def multilabel_baselines(
    train: Examples, test: Examples, seed: int, groups: np.ndarray | None = None, stranded: bool = False
) -> dict[str, np.ndarray]:
    """Probabilities (n_test, C) of the labels of the test records by each simple model.

    The labels of the examples are (n, C) bool. "frequencies": how often each label is in training, the same
    for every record. "gc_length": logistic regression on GC fraction and length, one a label. "kmer_logistic":
    the same on 1- to 6-mers, "kmer_canonical_logistic" with a k-mer and its reverse complement as one, left out of
    `stranded` data; one penalty for all labels is chosen by cross-validation. A label that every training record has,
    or none, gets probability 1 or 0. Above 20,000 training records a sample of as many is used (of k-mers 4,000
    where there are more than 20 labels), drawn with the seed. `groups`, (n,) of the training records: similar ones
    stay together in cross-validation.

    Raises ValueError if there is no training record or the labels are not (n, C).
    """
    labels = np.asarray(train.labels)
    if labels.ndim != 2 or not all(labels.shape):
        raise ValueError(
            f"training records with labels (n, C) are needed, got labels of shape {labels.shape}"
        )
    train = train._replace(labels=labels.astype(bool))
    predictions = {"frequencies": np.tile(train.labels.mean(axis=0), (len(test.labels), 1))}
    most = FEWER_RECORDS if labels.shape[1] > MANY_LABELS else MOST_RECORDS
    gc_length = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000, random_state=seed))
    some = select_rows(train, sample_rows(len(labels), MOST_RECORDS, seed))
    predictions["gc_length"] = _predict(gc_length, some, gc_and_length(some), gc_and_length, test)
    rows = sample_rows(len(labels), most, seed)
    few, own_groups = select_rows(train, rows), None if groups is None else groups[rows]
    for name, features in kmer_sets(stranded).items():
        x = features(few)
        model = build_model(_choose_penalty(x, few.labels, seed, own_groups))
        predictions[f"{name}_logistic"] = _predict(model, few, x, features, test)
    return predictions


def _choose_penalty(x: csr_array, labels: np.ndarray, seed: int, groups: np.ndarray | None) -> Found:
    """Choose the penalty for all labels by the labels that are nearest to half of the records."""
    rows = sample_rows(len(labels), MOST_TO_CHOOSE_BY, seed)
    labels = labels[rows].astype(np.int64)
    shares = labels.mean(axis=0)
    even = np.argsort(np.abs(shares - 0.5), kind="stable")[:MOST_TO_CHOOSE_FOR]
    splits = folds(labels[:, even[0]], seed, None if groups is None else groups[rows])
    usable = [labels[:, c] for c in even if all(0 < labels[learnt, c].mean() < 1 for learnt, _ in splits)]
    return best_penalty(x[rows], usable, splits, scalable=True) if usable else DEFAULT


def _predict(
    model: BaseEstimator, train: Examples, x: np.ndarray | csr_array, features: Features, test: Examples
) -> np.ndarray:
    """(n_test, C): a copy of the model is fitted to each label; x are the features of the training records."""
    shares = train.labels.mean(axis=0)
    varied = np.flatnonzero((shares > 0) & (shares < 1))
    models = {c: clone(model).fit(x, train.labels[:, c]) for c in varied}
    probabilities = np.tile(shares, (len(test.starts), 1))
    for rows in stretches(test.lengths, fitting.BASES_AT_ONCE):
        some = features(select_rows(test, rows))
        for c, own in models.items():
            probabilities[rows, c] = own.predict_proba(some)[:, 1]
    return probabilities
