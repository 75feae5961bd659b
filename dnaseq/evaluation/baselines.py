"""What simple models reach on the same records. A network that does not beat them has learnt nothing more.

All are fitted on training records only, without tuning: their settings are the same for every data set.
"""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dnaseq.evaluation.features import gc_and_length, kmer_frequencies
from dnaseq.evaluation.fitting import (
    Examples,
    check_labels,
    class_frequencies,
    fitted,
    sampled_rows,
    taken,
)

__all__ = ["Examples", "baselines"]

LONGEST_K = 5
# Inverse strength of the L2 penalty on standardised k-mer frequencies; best of 1e-5 to 0.1, by ten-fold steps
# and thirds of them, in 5-fold cross-validation on the shipped enhancers' training records.
KMER_C = 1e-3


def baselines(train: Examples, test: Examples, n_classes: int, seed: int) -> dict[str, np.ndarray]:
    """Class probabilities (n_test, n_classes) of the test records by each simple model.

    "majority": the training frequencies of the classes, the same for every record. "gc_length": logistic
    regression on GC fraction and length. "kmer_logistic": logistic regression on the frequencies of all 1- to
    5-mers, strongly regularised. A class without training records gets probability 0. Above 20,000 training
    records a stratified sample of about that many is used, drawn with the seed.

    Raises ValueError if there is no training record or a label is outside 0 to n_classes - 1.
    """
    train = train._replace(labels=np.asarray(train.labels, dtype=np.int64))
    check_labels(train, n_classes)
    majority = class_frequencies(train, test, n_classes)
    train = taken(train, sampled_rows(train.labels, np.random.default_rng(seed)))
    gc_length = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000, random_state=seed))
    kmers = make_pipeline(StandardScaler(), LogisticRegression(C=KMER_C, max_iter=1000, random_state=seed))
    return {
        "majority": majority,
        "gc_length": fitted(gc_length, lambda e: gc_and_length(e.sequences), train, test, n_classes),
        "kmer_logistic": fitted(kmers, short_kmers, train, test, n_classes),
    }


def short_kmers(examples: Examples) -> np.ndarray:
    """(n, 1364) float32: frequencies of each 1- to 5-mer."""
    frequencies = [kmer_frequencies(examples.sequences, k).toarray() for k in range(1, LONGEST_K + 1)]
    return np.hstack(frequencies)
