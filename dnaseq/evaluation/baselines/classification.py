"""Baselines of classification: simple models. A network that does not beat them has learnt nothing more.

All are fitted on training records only; the penalties are chosen by cross-validation among them (penalty.py).
"""

import logging
import time
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dnaseq.evaluation.baselines.features import base_at_position, gapped_profile, gc_and_length, kmer_profile
from dnaseq.evaluation.baselines.fitting import (
    Examples,
    Features,
    check_labels,
    class_frequencies,
    fit_and_predict,
    sample_stratified,
    select_rows,
)
from dnaseq.evaluation.baselines.penalty import Found, best_penalty, build_model, folds
from dnaseq.evaluation.metrics.names import baseline_title

__all__ = ["Examples", "baselines", "cross_validated"]

MOST_POSITIONS = 1_000
MOST_TO_CHOOSE_BY = 4_000  # records of the cross-validation
MOST_TO_LEARN_FROM = 50_000  # records
MOST_BASES = 5_000_000  # of the records that k-mer models learn from: 40 MB of counts a million
MOST_GAPPED_BASES = 1_000_000
SLOW = 2  # seconds that are worth a line
NAMES = {
    "kmer": "kmer_logistic",
    "kmer_canonical": "kmer_canonical_logistic",
    "position": "position_logistic",
    "kmer_position": "kmer_position_logistic",
    "gapped": "gapped_kmer",
}
logger = logging.getLogger("dnaseq")


class FeatureSet(NamedTuple):
    """The features of a linear model."""

    features: Features
    scalable: bool = False  # whether features divided by their standard deviations are tried as well
    most_bases: int = MOST_BASES


def baselines(
    train: Examples,
    test: Examples,
    n_classes: int,
    seed: int,
    groups: np.ndarray | None = None,
    stranded: bool = False,
) -> dict[str, np.ndarray]:
    """Class probabilities (n_test, n_classes) of the test records by each simple model.

    "majority": the training frequencies of the classes, the same for every record. "gc_length": logistic
    regression on GC fraction and length. The others are logistic regressions with a penalty chosen by
    cross-validation: "kmer_logistic" on 1- to 6-mers, "kmer_canonical_logistic" on the same with a k-mer and its
    reverse complement as one, "position_logistic" on the base at each position, "kmer_position_logistic" on both,
    "gapped_kmer" on 6-mers with gaps. On `stranded` data models of both strands are left out, or use one strand;
    models of positions are left out unless all records have one length of at most 1,000. A class without
    training records gets probability 0. Above 50,000 training records a stratified sample of about that many is
    used, drawn with the seed; of k-mer models one of 5 million bases at most, gapped ones 1 million. `groups`, (n,) of
    the training records: similar ones stay together in cross-validation.

    Raises ValueError if there is no training record or a label is outside 0 to n_classes - 1.
    """
    train = train._replace(labels=np.asarray(train.labels, dtype=np.int64))
    check_labels(train, n_classes)
    predictions = {"majority": class_frequencies(train, test, n_classes)}
    rows = sample_stratified(train.labels, np.random.default_rng(seed), MOST_TO_LEARN_FROM)
    train, groups = select_rows(train, rows), None if groups is None else groups[rows]
    gc_length = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000, random_state=seed))
    predictions["gc_length"] = fit_and_predict(gc_length, gc_and_length, train, test, n_classes)
    sets = every_feature_set(train, stranded)
    if len({*np.unique(train.lengths), *np.unique(test.lengths)}) != 1:
        sets = {name: own for name, own in sets.items() if "position" not in name}
    for name, own in sets.items():
        began = time.monotonic()
        found = choose_penalty(own, train, seed, groups)
        fewer = select_rows(train, sample_bases(train, own.most_bases, seed))
        predictions[NAMES[name]] = fit_and_predict(build_model(found), own.features, fewer, test, n_classes)
        took = time.monotonic() - began
        if took > SLOW:
            title = baseline_title(NAMES[name])
            logger.info("%s: %d training records, %.0f s", title, len(fewer.labels), took)
    return predictions


def cross_validated(
    examples: Examples,
    n_classes: int,
    seed: int,
    groups: np.ndarray | None = None,
    stranded: bool = False,
    most: int = MOST_TO_CHOOSE_BY,
) -> dict[str, Found]:
    """Log loss over three folds at the best penalty, and that penalty, of logistic regression on each feature set.

    "kmer": 1- to 6-mers; "kmer_canonical": a k-mer and its reverse complement as one, left out of `stranded` data;
    "position": the base at each position, and "kmer_position": both, left out unless all records have one length of
    at most 1,000. `groups`, (n,): similar records stay in one fold. Of more than `most` records a stratified sample is
    used, drawn with the seed. The log loss is NaN where there are too few to choose by.

    Raises ValueError if there is no record or a label is outside 0 to n_classes - 1.
    """
    check_labels(examples, n_classes)
    return {
        name: choose_penalty(own, examples, seed, groups, most)
        for name, own in feature_sets(examples, stranded).items()
    }


def feature_sets(examples: Examples, stranded: bool) -> dict[str, FeatureSet]:
    """Return the feature sets that these records allow."""
    sets = {name: FeatureSet(own, scalable=True) for name, own in kmer_sets(stranded).items()}
    length = int(examples.lengths[0])
    if (examples.lengths == length).all() and 1 <= length <= MOST_POSITIONS:
        sets["position"] = FeatureSet(_positions, scalable=True)
        sets["kmer_position"] = FeatureSet(_kmers_and_positions)
    return sets


def every_feature_set(examples: Examples, stranded: bool) -> dict[str, FeatureSet]:
    """Return the feature sets of feature_sets, and 6-mers with gaps, which take longer."""
    gapped = FeatureSet(partial(gapped_profile, canonical=not stranded), most_bases=MOST_GAPPED_BASES)
    return feature_sets(examples, stranded) | {"gapped": gapped}


def kmer_sets(stranded: bool) -> dict[str, Features]:
    """1- to 6-mers as given and, unless the data are stranded, a k-mer and its reverse complement as one."""
    return {"kmer": kmer_profile} | (
        {} if stranded else {"kmer_canonical": partial(kmer_profile, canonical=True)}
    )


def sample_bases(examples: Examples, most: int, seed: int) -> np.ndarray:
    """Rows of a stratified sample of about `most` bases; of a record not more than 1,500 are counted."""
    bases = int(np.minimum(examples.lengths, 1_500).sum())
    n = len(examples.lengths)
    return sample_stratified(examples.labels, np.random.default_rng(seed), n * most // max(bases, most))


def choose_penalty(
    own: FeatureSet,
    examples: Examples,
    seed: int,
    groups: np.ndarray | None = None,
    most: int = MOST_TO_CHOOSE_BY,
) -> Found:
    """Choose the penalty for a feature set by cross-validation on a sample of the records."""
    rows = sample_stratified(examples.labels, np.random.default_rng(seed), most)
    few = select_rows(examples, rows)
    rows = rows[sample_bases(few, own.most_bases, seed)]
    few = select_rows(examples, rows)
    labels = np.asarray(few.labels)
    splits = folds(labels, seed, None if groups is None else groups[rows])
    return best_penalty(own.features(few), [labels], splits, own.scalable)


def _positions(examples: Examples) -> csr_array:
    table = base_at_position(examples, int(examples.lengths[0]))
    table.data /= np.sqrt(np.float32(examples.lengths[0]))
    return table


def _kmers_and_positions(examples: Examples) -> csr_array:
    return hstack([kmer_profile(examples), _positions(examples)], format="csr")
