"""Names of the scores, and one flat table of overall scores and scores of single classes.

The names are a contract: scores.json, history.csv and other people's scripts use them.
"""

from typing import TypeVar

import numpy as np

METRICS = (
    "accuracy",
    "balanced_accuracy",
    "sensitivity",
    "specificity",
    "precision",
    "f1",
    "mcc",
    "auroc",
    "auprc",
    "log_loss",
    "brier",
    "ece",
)
ONE_CLASS = ("sensitivity", "specificity", "precision", "f1", "auroc", "auprc")
MULTILABEL_METRICS = (
    "auroc",
    "auprc",
    "sensitivity",
    "precision",
    "f1",
    "mcc",
    "subset_accuracy",
    "hamming_loss",
    "f1_micro",
    "log_loss",
    "brier",
)
REGRESSION_METRICS = ("pearson", "spearman", "r2", "rmse", "mae", "poisson_deviance")
LABELLING_METRICS = (
    "accuracy",
    "balanced_accuracy",
    "mcc",
    "sensitivity",
    "precision",
    "f1",
    "auroc",
    "log_loss",
)


Value = TypeVar("Value", float, np.ndarray)


def flat(
    overall: dict[str, Value], one_class: list[dict[str, Value]], classes: list[str]
) -> dict[str, Value]:
    """One table in the order of METRICS from the overall scores and those of each class against the rest.

    Two classes: the scores of the last one under the plain names. More: the plain name holds the mean over the
    classes (macro), which is NaN as soon as one of them is, and "auroc/strong" the score of a class.
    """
    if len(classes) == 2:
        table = overall | one_class[-1]
        return {name: table[name] for name in METRICS}
    macro = {name: _mean([scores[name] for scores in one_class]) for name in ONE_CLASS}
    table = overall | macro
    single = {f"{n}/{c}": s[n] for n in ONE_CLASS for c, s in zip(classes, one_class, strict=True)}
    return {name: table[name] for name in METRICS} | single


def _mean(values: list[Value]) -> Value:
    return sum(values[1:], start=values[0]) / len(values)
