"""Prediction tasks: what a network predicts, described once. Each layer keys what only it can do by these objects."""

from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class PredictionTask:
    """A kind of prediction. A metric is named as in scores.json; `evaluation/metrics/names.py` has the titles."""

    names: tuple[str, ...]  # in spec.json, scores.json and messages
    item: str  # the name of one output: a class, a label, a target
    items: str
    monitored: tuple[str, ...]  # metrics of the validation set after each epoch, beside its loss
    losses: dict[str, str]  # class of dnaseq.training.losses -> its name in the group `loss`
    metrics: tuple[str, ...]  # in the order of scores.json
    headline: tuple[str, ...]  # metrics of a summary
    main_metric: str  # the one that stands for a run
    card: tuple[str, ...]  # metrics of a model card
    card_title: str
    about_metrics: str = ""  # a sentence on what they are means of
    fewest: int = 1  # outputs that a network has at least
    is_per_base: bool = False
    has_link: bool = False  # outputs are numbers on the scale of a link function
    has_exclusive_outputs: bool = False  # probabilities of a record or base sum to 1


_OF_CLASSES = {"CrossEntropy": "cross_entropy", "Focal": "focal"}

CLASSIFICATION = PredictionTask(
    names=("binary", "multiclass"),
    item="class",
    items="classes",
    monitored=("val/accuracy", "val/auroc"),
    losses=_OF_CLASSES,
    metrics=(
        *("accuracy", "balanced_accuracy", "sensitivity", "specificity", "precision", "f1", "mcc"),
        *("auroc", "auprc", "log_loss", "brier", "ece"),
    ),
    headline=("accuracy", "auroc", "auprc", "mcc"),
    main_metric="auroc",
    card=("accuracy", "auroc", "auprc", "mcc"),
    card_title="DNA sequence classifier",
    fewest=2,
    has_exclusive_outputs=True,
)
MULTILABEL = PredictionTask(
    names=("multilabel",),
    item="label",
    items="labels",
    monitored=("val/auroc",),
    losses={"BinaryCrossEntropy": "binary_cross_entropy"},
    metrics=(
        *("auroc", "auprc", "sensitivity", "precision", "f1", "mcc"),
        *("subset_accuracy", "hamming_loss", "f1_micro", "log_loss", "brier"),
    ),
    headline=("auroc", "auprc", "f1", "subset_accuracy"),
    main_metric="auroc",
    card=("auroc", "auprc", "f1", "subset_accuracy"),
    card_title="DNA sequence labels",
    about_metrics="AUROC, AUPRC, sensitivity, precision, F1 and MCC are means over the labels, each present or absent; "
    "exact sets is the share of records all of whose labels are right.",
)
REGRESSION = PredictionTask(
    names=("regression",),
    item="target",
    items="targets",
    monitored=("val/pearson",),
    losses={"MeanSquared": "mse", "Poisson": "poisson"},
    metrics=("pearson", "spearman", "r2", "rmse", "mae", "poisson_deviance"),
    headline=("pearson", "spearman", "rmse", "mae"),
    main_metric="pearson",
    card=("pearson", "spearman", "r2", "rmse", "mae"),
    card_title="Numbers from DNA sequences",
    about_metrics="RMSE and MAE are in the units of the target.",
    has_link=True,
)
PER_BASE = PredictionTask(
    names=("labelling",),
    item="class",
    items="classes",
    monitored=("val/accuracy",),
    losses=_OF_CLASSES,
    metrics=(
        *("accuracy", "balanced_accuracy", "mcc", "sensitivity", "precision", "f1", "auroc", "log_loss"),
    ),
    headline=("accuracy", "mcc", "f1", "auroc"),
    main_metric="accuracy",
    card=("accuracy", "mcc", "f1", "auroc"),
    card_title="Labels of the bases of DNA sequences",
    about_metrics="All bases of all records count alike. AUROC, F1, sensitivity and precision are means over the "
    "classes, each against the rest; intervals are over records, as the bases of one record are not independent.",
    fewest=2,
    is_per_base=True,
    has_exclusive_outputs=True,
)

_BY_NAME = {name: task for task in (CLASSIFICATION, MULTILABEL, REGRESSION, PER_BASE) for name in task.names}
NAMES = tuple(_BY_NAME)


def prediction_task(name: str | None) -> PredictionTask:
    """Return the task of a name in spec.json or scores.json; a run of classes has no name there."""
    return _BY_NAME.get(name or "", CLASSIFICATION)
