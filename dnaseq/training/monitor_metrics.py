"""What is watched while a network trains: scores of the validation records after every epoch."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torchmetrics import Metric, MetricCollection
from torchmetrics.classification import BinaryAUROC, MulticlassAccuracy, MulticlassAUROC, MultilabelAUROC

from dnaseq.data.targets.classes import CLASSIFICATION
from dnaseq.data.targets.per_base import IGNORED

WATCHED = {  # task -> scores; the loss of the validation records is watched in any case
    **dict.fromkeys(CLASSIFICATION, ("val/accuracy", "val/auroc")),
    "multilabel": ("val/auroc",),
    "regression": ("val/pearson",),
    "labelling": ("val/accuracy",),
}


class Watched(nn.Module):
    """The scores of a task, of all records since the last reset, on all processes.

    `values` are those of a regression's loss: outputs -> numbers.
    """

    def __init__(self, task: str, n_names: int, values: Callable[[Tensor], Tensor] | None = None):
        super().__init__()
        self.task, self.values = task, values
        made = {name: _score(task, name, n_names) for name in WATCHED[task]}
        self.scores = MetricCollection(made, compute_groups=False)

    def update(self, outputs: Tensor, y: Tensor) -> None:
        """Outputs of a network as float32, and what Targets.batch gives; of no record for their shape alone."""
        answers, truth = self._compared(outputs, y)
        for name, score in self.scores.items():
            # an AUROC keeps all that it sees, and processes exchange only what has the same number of dimensions
            if len(truth) or name == "val/auroc":
                score.update(answers, truth)

    def _compared(self, outputs: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        if self.task == "regression":
            return self.values(outputs), y
        if self.task == "multilabel":
            return outputs.sigmoid(), y.long()
        if self.task == "labelling":
            return outputs.flatten(0, 1), y.t().flatten()  # (L B, C), (L B,)
        return outputs.softmax(-1), y

    def compute(self) -> dict[str, Tensor]:
        """Each score as one number: over several targets the mean."""
        return {name: score.mean() for name, score in self.scores.compute().items()}

    def reset(self) -> None:
        self.scores.reset()


class Pearson(Metric):
    """The correlation of each of T columns with its truth, from sums over all processes.

    Not torchmetrics' PearsonCorrCoef, which scales by the largest distance from the mean of one process: that is 0, and
    the correlation no number, where each process has one record (version 1.9).
    """

    def __init__(self, n_columns: int):
        super().__init__()
        for name in ("n", "x", "y", "xx", "yy", "xy"):
            self.add_state(name, torch.zeros(n_columns, dtype=torch.float64), dist_reduce_fx="sum")

    def update(self, answers: Tensor, truth: Tensor) -> None:
        """(B, T) both."""
        x, y = answers.double(), truth.double()
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


def _score(task: str, name: str, n_names: int) -> Metric:
    if task == "regression":
        return Pearson(n_names)
    if task == "multilabel":
        return MultilabelAUROC(n_names) if n_names > 1 else BinaryAUROC()
    if name == "val/auroc":
        return MulticlassAUROC(n_names)
    return MulticlassAccuracy(n_names, average="micro", ignore_index=IGNORED if task == "labelling" else None)
