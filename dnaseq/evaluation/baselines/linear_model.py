"""The best linear model of the training records, as weights of a network, and its share in a prediction."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy.special import softmax

from dnaseq.evaluation.baselines.classification import choose_penalty, every_feature_set, sample_bases
from dnaseq.evaluation.baselines.fitting import Examples, select_rows
from dnaseq.evaluation.baselines.penalty import Found, build_model

SHARES = np.linspace(0, 1, 11)
ABSENT = -30.0  # logit of a class without a training record
LEAST_PROBABILITY = 1e-12


class LinearModel(NamedTuple):
    """Logits that are linear in a feature set of classification.py."""

    name: str
    weights: np.ndarray  # (C, features) float32
    biases: np.ndarray  # (C,)

    def probabilities(self, examples: Examples, stranded: bool) -> np.ndarray | None:
        """(n, C); None for a model of positions and records of another length than those of its training."""
        own = every_feature_set(examples, stranded).get(self.name)
        features = own and own.features(examples)
        if features is None or features.shape[1] != self.weights.shape[1]:
            return None
        return softmax(features @ self.weights.T + self.biases, axis=1)


def best_linear_model(
    train: Examples,
    n_classes: int,
    seed: int,
    groups: np.ndarray | None = None,
    stranded: bool = False,
    known: Mapping[str, Found] | None = None,
) -> LinearModel | None:
    """Fit the linear model with the least log loss in cross-validation on the training records.

    `known` are the penalties that cross_validated has found for the same records and seed. None where there are too
    few records to choose.
    """
    sets, known = every_feature_set(train, stranded), known or {}
    found = {name: known.get(name) or choose_penalty(own, train, seed, groups) for name, own in sets.items()}
    if any(np.isnan(one.log_loss) for one in found.values()):
        return None
    name = min(found, key=lambda one: found[one].log_loss)
    own = sets[name]
    some = select_rows(train, sample_bases(train, own.most_bases, seed))
    model = build_model(found[name])
    model.fit(own.features(some), some.labels)
    logistic, by = (model[-1], model[0].by_) if found[name].scaled else (model, 1.0)
    binary = len(logistic.classes_) == 2
    coefficients = np.vstack([0 * logistic.coef_, logistic.coef_]) if binary else logistic.coef_
    intercepts = np.append([0.0], logistic.intercept_) if binary else logistic.intercept_
    weights, biases = np.zeros((n_classes, coefficients.shape[1])), np.full(n_classes, ABSENT)
    weights[logistic.classes_], biases[logistic.classes_] = coefficients * by, intercepts
    return LinearModel(name, weights.astype(np.float32), biases.astype(np.float32))


def best_share(truth: np.ndarray, others: np.ndarray, linear: np.ndarray) -> float:
    """Choose the share of a linear model in the mean of its (n, C) probabilities and those of other models.

    The best share has the least log loss of the true (n,) classes; of two that are as good, the smaller.
    """
    rows = np.arange(len(truth))
    losses = [
        -np.log(
            np.maximum((1 - share) * others[rows, truth] + share * linear[rows, truth], LEAST_PROBABILITY)
        ).mean()
        for share in SHARES
    ]
    return float(SHARES[int(np.argmin(losses))])
