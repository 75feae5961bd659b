"""Metrics that monitor a training: scores of the validation records after every epoch."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torchmetrics import Metric, MetricCollection
from torchmetrics.classification import BinaryAUROC, MulticlassAccuracy, MulticlassAUROC, MultilabelAUROC

from dnaseq.data.targets.per_base import IGNORED
from dnaseq.errors import ConfigError
from dnaseq.prediction_task import CLASSIFICATION, MULTILABEL, PER_BASE, REGRESSION, PredictionTask
from dnaseq.training.callbacks import MONITORS


class MonitorMetrics(nn.Module):
    """The scores of a task, of all records since the last reset, on all ranks.

    `values`, for regression, is that of the loss: outputs -> numbers. `more` are users' own metrics, by the names of
    their scores: each takes what the pair of the task gives. Raises ConfigError for one that is no torchmetrics.Metric.
    """

    def __init__(
        self,
        prediction: PredictionTask,
        n_names: int,
        values: Callable[[Tensor], Tensor] | None = None,
        more: Mapping[str, object] | None = None,
    ):
        super().__init__()
        self.pair, self.values = _PAIRS[prediction], values
        scores = {name: _METRICS[prediction, name](n_names) for name in prediction.monitored}
        for name, metric in (more or {}).items():
            if not isinstance(metric, Metric):
                raise ConfigError(f"{name}: {type(metric).__name__} must be a torchmetrics.Metric")
            scores[name] = metric
        self.scores = MetricCollection(dict(scores), compute_groups=False)

    def check_monitored(self, name: str) -> None:
        """Raise ConfigError where the best value of a user's own metric is not the highest one."""
        if name in self.scores and name not in MONITORS and self.scores[name].higher_is_better is not True:
            what = "a metric that says which epoch is best must have higher_is_better = True"
            raise ConfigError(f"monitor={name}: {what}")

    def update(self, outputs: Tensor, y: Tensor) -> None:
        """Add outputs of a network as float32, and the targets of Targets.batch; of no record for their shape alone."""
        predictions, truth = self.pair(self.values(outputs) if self.values else outputs, y)
        for name, score in self.scores.items():
            # an AUROC keeps all outputs, and ranks can exchange only tensors of equal dimensions
            if len(truth) or name == "val/auroc":
                score.update(predictions, truth)

    def compute(self) -> dict[str, Tensor]:
        """Compute each score as one number: over several targets the mean."""
        return {name: score.mean() for name, score in self.scores.compute().items()}

    def reset(self) -> None:
        self.scores.reset()


class Pearson(Metric):
    """The correlation of each of T columns with its truth, from sums over all ranks.

    Not torchmetrics' PearsonCorrCoef, which scales by the largest distance from the mean of one rank: that is 0, and
    the correlation no number, where each rank has one record (version 1.9).
    """

    n: Tensor
    x: Tensor
    y: Tensor
    xx: Tensor
    yy: Tensor
    xy: Tensor

    def __init__(self, n_columns: int):
        super().__init__()
        for name in ("n", "x", "y", "xx", "yy", "xy"):
            self.add_state(name, torch.zeros(n_columns, dtype=torch.float64), dist_reduce_fx="sum")

    def update(self, predictions: Tensor, truth: Tensor) -> None:
        """(B, T) both."""
        x, y = predictions.double(), truth.double()
        self.n += len(x)
        self.x, self.y = self.x + x.sum(0), self.y + y.sum(0)
        self.xx, self.yy, self.xy = (
            self.xx + (x * x).sum(0),
            self.yy + (y * y).sum(0),
            self.xy + (x * y).sum(0),
        )

    def compute(self) -> Tensor:
        """(T,)"""
        shared = self.n * self.xy - self.x * self.y
        return shared / ((self.n * self.xx - self.x**2) * (self.n * self.yy - self.y**2)).sqrt()


def _auroc_of_labels(n_names: int) -> Metric:
    return MultilabelAUROC(n_names) if n_names > 1 else BinaryAUROC()


def _pair_classes(outputs: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return outputs.softmax(-1), y


def _pair_labels(outputs: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return outputs.sigmoid(), y.long()


def _pair_numbers(outputs: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return outputs, y


def _pair_bases(outputs: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return outputs.flatten(0, 1), y.t().flatten()  # (L B, C), (L B,)


# (outputs, y) -> what the metrics compare
_PAIRS: dict[PredictionTask, Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]] = {
    CLASSIFICATION: _pair_classes,
    MULTILABEL: _pair_labels,
    REGRESSION: _pair_numbers,
    PER_BASE: _pair_bases,
}
_METRICS: dict[tuple[PredictionTask, str], Callable[[int], Metric]] = {
    (CLASSIFICATION, "val/accuracy"): lambda n: MulticlassAccuracy(n, average="micro"),
    (CLASSIFICATION, "val/auroc"): MulticlassAUROC,
    (MULTILABEL, "val/auroc"): _auroc_of_labels,
    (REGRESSION, "val/pearson"): Pearson,
    (PER_BASE, "val/accuracy"): lambda n: MulticlassAccuracy(n, average="micro", ignore_index=IGNORED),
}
