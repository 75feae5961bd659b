"""What is watched while a network trains: scores of the validation records after every epoch."""

from collections.abc import Callable

from torch import Tensor, nn
from torchmetrics import Metric, MetricCollection
from torchmetrics.classification import BinaryAUROC, MulticlassAccuracy, MulticlassAUROC, MultilabelAUROC
from torchmetrics.regression import PearsonCorrCoef

from dnaseq.data.base_targets import IGNORED
from dnaseq.data.targets import CLASSIFICATION

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
        """Outputs of a network as float32, and what Targets.batch gives."""
        if self.task == "regression":
            self.scores.update(self.values(outputs), y)
        elif self.task == "multilabel":
            self.scores.update(outputs.sigmoid(), y.long())
        elif self.task == "labelling":
            self.scores.update(outputs.flatten(0, 1), y.t().flatten())  # (L B, C), (L B,)
        else:
            self.scores.update(outputs.softmax(-1), y)

    def compute(self) -> dict[str, Tensor]:
        """Each score as one number: over several targets the mean."""
        return {name: score.mean() for name, score in self.scores.compute().items()}

    def reset(self) -> None:
        self.scores.reset()


def _score(task: str, name: str, n_names: int) -> Metric:
    if task == "regression":
        return PearsonCorrCoef(num_outputs=n_names)
    if task == "multilabel":
        return MultilabelAUROC(n_names) if n_names > 1 else BinaryAUROC()
    if name == "val/auroc":
        return MulticlassAUROC(n_names)
    return MulticlassAccuracy(n_names, average="micro", ignore_index=IGNORED if task == "labelling" else None)
