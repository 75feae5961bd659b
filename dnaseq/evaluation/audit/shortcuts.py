"""Shortcuts: scores without reading the sequence as such, by length, composition, order in the file or id.

Each shortcut is a simple model that uses one property of a record. Where one scores far above chance, a network that is
trained on the same records may have learnt no more than that.
"""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from dnaseq.audit_record import Shortcuts
from dnaseq.evaluation.baselines.features import base_at_position, gc_and_length, kmer_frequencies, log_length
from dnaseq.evaluation.baselines.fitting import (
    Examples,
    Features,
    check_labels,
    class_frequencies,
    fit_and_predict,
)
from dnaseq.evaluation.metrics.classification import scores

METRICS = ("accuracy", "auroc", "mcc")
# Inverse strengths of the L2 penalty. For each k, on scaled frequencies, and for the bases at positions: best AUROC
# of 1e-4 to 1 (1e-3 to 0.3) in 3-fold cross-validation, in the mean of the training records of eight public sets
# (enhancers, splice sites, promoters of three organisms, transcription factor binding), at most 4,000 of each.
KMER_C = {1: 0.1, 2: 0.03, 3: 0.03, 4: 3e-3, 5: 1e-3, 6: 3e-4}
DENSE_K = 4  # up to here most k-mers occur in most records, and centred frequencies are quicker to fit
POSITION_C = 1e-2
MOST_POSITIONS = 1_000
ORDER_BINS = 50
ID_C, ID_TERMS = 0.1, 20_000


def shortcuts(
    train: Examples, test: Examples, classes: list[str], seed: int = 0, groups: np.ndarray | None = None
) -> Shortcuts:
    """Accuracy, AUROC and MCC of the test records, with intervals as in scores(), by each shortcut.

    "majority": the training frequencies of the classes. "length", "gc", "gc_and_length": logistic regression on the
    logarithm of the length, on GC content, on both, with squares and product. "1-mers" to "6-mers": the frequencies
    of the k-mers of one k. "position": the base at each of the first 1,000 positions. "record_order": where the
    record stands in its file; left out without `places`. "id_text": the letters, pairs and triples of letters of
    its id; left out without `ids`.

    All are fitted on `train` with settings that are the same for every data set; for large sets draw both
    splits with fitting.sample_stratified first. `groups` is handed to scores().

    Raises ValueError if there is no training record or a label is outside the classes.
    """
    check_labels(train, len(classes))
    predictions = {"majority": class_frequencies(train, test, len(classes))}
    for name, (model, features) in _shortcuts(train).items():
        predictions[name] = fit_and_predict(model, features, train, test, len(classes))
    table = {}
    for name, probabilities in predictions.items():
        found = scores(test.labels, probabilities, classes, seed=seed, groups=groups)
        table[name] = {metric: found[metric] for metric in METRICS}
    return table


def _shortcuts(train: Examples) -> dict[str, tuple[BaseEstimator, Features]]:
    """Name -> the model and the features that it sees."""
    positions = min(int(train.lengths.max()), MOST_POSITIONS)
    known: dict[str, tuple[BaseEstimator, Features]] = {
        "length": (_curved(), log_length),
        "gc": (_curved(), lambda e: gc_and_length(e)[:, :1]),
        "gc_and_length": (_curved(), _gc_and_log_length),
        **{f"{k}-mers": _kmers(k) for k in KMER_C},
        "position": (_logistic(POSITION_C), lambda e: base_at_position(e, positions)),
    }
    if train.places is not None:
        known["record_order"] = (_logistic(), _place_and_bin)
    if train.ids is not None:
        known["id_text"] = (_id_text(), lambda e: e.ids)
    return known


def _logistic(c: float = 1.0) -> LogisticRegression:
    return LogisticRegression(C=c, max_iter=1000)


def _curved() -> BaseEstimator:
    """Logistic regression with squares and products: a class in the middle between two others is found too."""
    return make_pipeline(StandardScaler(), PolynomialFeatures(2, include_bias=False), _logistic())


def _kmers(k: int) -> tuple[BaseEstimator, Features]:
    # frequencies that stay sparse are scaled but not centred, which the intercept makes up for
    model = make_pipeline(StandardScaler(with_mean=k <= DENSE_K), _logistic(KMER_C[k]))
    if k <= DENSE_K:
        return model, lambda e: kmer_frequencies(e, k).toarray()
    return model, lambda e: kmer_frequencies(e, k)


def _id_text() -> BaseEstimator:
    terms = CountVectorizer(
        analyzer="char", lowercase=False, ngram_range=(1, 3), binary=True, max_features=ID_TERMS
    )
    return make_pipeline(terms, _logistic(ID_C))


def _gc_and_log_length(examples: Examples) -> np.ndarray:
    gc = gc_and_length(examples)[:, :1]
    return np.hstack([gc, log_length(examples)])


def _place_and_bin(examples: Examples) -> np.ndarray:
    """(n, 51): the place in the file, 0 to 1, and the fiftieth of the file that holds it."""
    places = examples.places
    assert places is not None  # "record_order" is left out without places
    bins = np.minimum((places * ORDER_BINS).astype(np.int64), ORDER_BINS - 1)
    return np.hstack([places[:, None], np.eye(ORDER_BINS)[bins]])
