"""What simple models reach where records carry any number of labels: one model a label, on the same features."""

import numpy as np
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dnaseq.evaluation.baselines import fitting
from dnaseq.evaluation.baselines.classification import MOST_TO_CHOOSE_BY, kmer_sets
from dnaseq.evaluation.baselines.features import gc_and_length
from dnaseq.evaluation.baselines.fitting import MOST_RECORDS, Examples, Features, stretches, taken
from dnaseq.evaluation.baselines.penalty import DEFAULT, Found, best_penalty, folds, model_of

MANY_LABELS, FEWER_RECORDS = 20, 4_000  # with more labels, models of k-mers learn from fewer records
MOST_TO_CHOOSE_FOR = (
    3  # labels by which the penalty of all is chosen: those that most evenly are there or not
)


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
    answers = {"frequencies": np.tile(train.labels.mean(axis=0), (len(test.labels), 1))}
    most = FEWER_RECORDS if labels.shape[1] > MANY_LABELS else MOST_RECORDS
    gc_length = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000, random_state=seed))
    all_of_them = sampled(train, MOST_RECORDS, seed)
    answers["gc_length"] = _answers(gc_length, all_of_them, gc_and_length(all_of_them), gc_and_length, test)
    rows = sampled_rows(len(labels), most, seed)
    few, own_groups = taken(train, rows), None if groups is None else groups[rows]
    for name, features in kmer_sets(stranded).items():
        x = features(few)
        model = model_of(_chosen(x, few.labels, seed, own_groups))
        answers[f"{name}_logistic"] = _answers(model, few, x, features, test)
    return answers


def sampled(examples: Examples, most: int, seed: int) -> Examples:
    """A random sample of so many examples, in their order; all of them where there are no more."""
    n = len(examples.starts)
    return examples if n <= most else taken(examples, sampled_rows(n, most, seed))


def sampled_rows(n: int, most: int, seed: int) -> np.ndarray:
    """Rows of a random sample of so many of n, in their order; all where there are no more."""
    return np.arange(n) if n <= most else np.sort(np.random.default_rng(seed).choice(n, most, replace=False))


def _chosen(x: csr_array, labels: np.ndarray, seed: int, groups: np.ndarray | None) -> Found:
    """The penalty for all labels, by those that are nearest to half of the records."""
    rows = sampled_rows(len(labels), MOST_TO_CHOOSE_BY, seed)
    labels = labels[rows].astype(np.int64)
    shares = labels.mean(axis=0)
    even = np.argsort(np.abs(shares - 0.5), kind="stable")[:MOST_TO_CHOOSE_FOR]
    dealt = folds(labels[:, even[0]], seed, None if groups is None else groups[rows])
    usable = [labels[:, c] for c in even if all(0 < labels[learnt, c].mean() < 1 for learnt, _ in dealt)]
    return best_penalty(x[rows], usable, dealt, scalable=True) if usable else DEFAULT


def _answers(
    model: BaseEstimator, train: Examples, x: np.ndarray | csr_array, features: Features, test: Examples
) -> np.ndarray:
    """(n_test, C): a copy of the model is fitted to each label; x are the features of the training records."""
    shares = train.labels.mean(axis=0)
    varied = np.flatnonzero((shares > 0) & (shares < 1))
    models = {c: clone(model).fit(x, train.labels[:, c]) for c in varied}
    answer = np.tile(shares, (len(test.starts), 1))
    for rows in stretches(test.lengths, fitting.BASES_AT_ONCE):
        some = features(taken(test, rows))
        for c, own in models.items():
            answer[rows, c] = own.predict_proba(some)[:, 1]
    return answer
