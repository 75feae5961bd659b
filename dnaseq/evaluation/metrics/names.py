"""Metrics and baselines: titles, and how the scores of single classes become one flat table.

The names are a contract: scores.json, history.csv and other people's scripts use them.
"""

from typing import TypeVar

import numpy as np

from dnaseq.prediction_task import CLASSIFICATION

METRICS = CLASSIFICATION.metrics
ONE_CLASS = ("sensitivity", "specificity", "precision", "f1", "auroc", "auprc")
METRIC_TITLES = {  # where a title is not the name with blanks
    "auroc": "AUROC",
    "auprc": "AUPRC",
    "mcc": "MCC",
    "f1": "F1",
    "f1_micro": "F1, all labels together",
    "brier": "Brier score",
    "ece": "calibration error",
    "pearson": "Pearson's r",
    "spearman": "Spearman's rho",
    "r2": "R²",
    "rmse": "RMSE",
    "mae": "MAE",
    "poisson_deviance": "Poisson deviance",
    "subset_accuracy": "exact sets",
    "hamming_loss": "Hamming loss",
}
BASELINE_TITLES = {
    "majority": "class frequencies",
    "gc_length": "GC content and length",
    "kmer_logistic": "1- to 6-mer counts",
    "kmer_canonical_logistic": "1- to 6-mer counts of both strands",
    "position_logistic": "the base at each position",
    "kmer_position_logistic": "1- to 6-mer counts and the base at each position",
    "gapped_kmer": "counts of 6-mers with gaps",
    "frequencies": "label frequencies",
    "mean": "mean of the training records",
    "kmer_ridge": "1- to 6-mer counts",
    "kmer_canonical_ridge": "1- to 6-mer counts of both strands",
    "gc_window": "GC content of 101 bases",
    "window_logistic": "the 11 bases around",
}


def metric_title(metric: str) -> str:
    """Return the title of a metric: 'auroc/strong' -> 'AUROC of strong'."""
    name, _, of_class = metric.partition("/")
    title = METRIC_TITLES.get(name, name.replace("_", " "))
    return f"{title} of {of_class}" if of_class else title


def baseline_title(name: str) -> str:
    """Return the title of a baseline; of one of another version its name."""
    return BASELINE_TITLES.get(name, name)


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
