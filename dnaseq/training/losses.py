"""Loss functions. Each takes the outputs of a network and the targets of Targets.batch, and returns (B,) losses of the
records, weighted, and the (B,) weights; the loss of any records is the ratio of the sums.

A mean alone would not do: the weights of all batches of a split must be summed, or the loss would depend on the cuts
between batches.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchmetrics import Metric

from dnaseq.data.targets.per_base import IGNORED
from dnaseq.schemas import IdentityLink, LogLink

WEIGHTS = ("none", "balanced")
LEAST = 1e-7  # so that the power has a slope where a prediction is right


class MeanLoss(Metric):
    """The weighted mean over all records of an epoch and all ranks.

    Not torchmetrics' MeanMetric, which either looks for NaN, a wait for the device at every step, or ignores
    the weights (nan_strategy="disable", version 1.9).
    """

    losses: Tensor
    weights: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.add_state("losses", torch.tensor(0.0, dtype=torch.float64), dist_reduce_fx="sum")
        self.add_state("weights", torch.tensor(0.0, dtype=torch.float64), dist_reduce_fx="sum")

    def update(self, losses: Tensor, weights: Tensor) -> None:
        """(B,) weighted losses, (B,) weights."""
        self.losses += losses.sum()
        self.weights += weights.sum()

    def compute(self) -> Tensor:
        return self.losses / self.weights


class CrossEntropy(nn.Module):
    """Cross-entropy of every record, or of every base of it, times its weight.

    class_weights "balanced" weighs a record (or base) by n / (C * n of its class), so that every class counts alike.
    `smoothing` is label smoothing (Szegedy et al. 2016).
    """

    weights: Tensor  # (C,)

    def __init__(self, class_counts: np.ndarray, class_weights: str = "none", smoothing: float = 0.0):
        super().__init__()
        _check_smoothing(smoothing)
        self.register_buffer("weights", _class_weights(class_counts, class_weights))
        self.smoothing = smoothing

    def forward(self, logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """(B, C) logits, (B,) classes, or (L, B, C) and (B, L) with IGNORED at padding."""
        losses = F.cross_entropy(
            _classes_second(logits),
            y,
            self.weights,
            ignore_index=IGNORED,
            reduction="none",
            label_smoothing=self.smoothing,
        )
        return _of_records(losses, _weights_of(y, self.weights))


class Focal(nn.Module):
    """-(1 - p)^gamma log p of the true class, times its weight: right predictions count less (Lin et al. 2017).

    class_weights are those of CrossEntropy, which this is with gamma 0.
    """

    weights: Tensor  # (C,)

    def __init__(self, class_counts: np.ndarray, gamma: float = 2.0, class_weights: str = "none"):
        super().__init__()
        if not 0 <= gamma < math.inf:
            raise ValueError(f"gamma must be a number of at least 0; got {gamma}")
        self.register_buffer("weights", _class_weights(class_counts, class_weights))
        self.gamma = gamma

    def forward(self, logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """(B, C) logits, (B,) classes, or (L, B, C) and (B, L), as CrossEntropy."""
        losses = F.cross_entropy(_classes_second(logits), y, reduction="none", ignore_index=IGNORED)  # -log p
        weights = _weights_of(y, self.weights)
        return _of_records(weights * (-torch.expm1(-losses)).clamp(min=LEAST) ** self.gamma * losses, weights)


class BinaryCrossEntropy(nn.Module):
    """The mean over labels of each label's cross-entropy, present or absent.

    label_weights "balanced" weighs the presence of a label by records without it / records with it. `smoothing`
    moves both truths that far to one half.
    """

    weights: Tensor  # (C,)

    def __init__(
        self, label_counts: np.ndarray, records: int, label_weights: str = "none", smoothing: float = 0.0
    ):
        super().__init__()
        _check_smoothing(smoothing)
        _check_weights("label_weights", label_weights)
        counts = torch.as_tensor(label_counts, dtype=torch.float32)
        balanced = (records - counts).clamp(min=1) / counts.clamp(min=1)
        self.register_buffer("weights", balanced if label_weights == "balanced" else torch.ones_like(counts))
        self.smoothing = smoothing

    def forward(self, logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """(B, C) logits, (B, C) 0 or 1."""
        y = y * (1 - self.smoothing) + self.smoothing / 2
        losses = F.binary_cross_entropy_with_logits(logits, y, reduction="none", pos_weight=self.weights)
        return losses.mean(-1), torch.ones_like(losses[:, 0])


class MeanSquared(nn.Module):
    """The squared error of standardised numbers, the mean over the targets.

    The outputs of a network are in standard deviations from the mean of the training records, so targets of any unit
    train with the same learning rate and count alike.
    """

    mean: Tensor  # (T,)
    sd: Tensor  # (T,)

    def __init__(self, values: np.ndarray):
        super().__init__()
        mean, sd = values.mean(axis=0), values.std(axis=0)
        if not (sd > 0).all():
            raise ValueError("a target is the same in every training record")
        self.link = IdentityLink(mean.tolist(), sd.tolist())
        self.register_buffer("mean", torch.as_tensor(mean, dtype=torch.float32))
        self.register_buffer("sd", torch.as_tensor(sd, dtype=torch.float32))

    def values(self, outputs: Tensor) -> Tensor:
        """(B, T) outputs -> (B, T) in the units of the targets."""
        return self.mean + self.sd * outputs

    def forward(self, outputs: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """(B, T) outputs, (B, T) numbers."""
        losses = ((y - self.mean) / self.sd - outputs) ** 2
        return losses.mean(-1), torch.ones_like(losses[:, 0])


class Poisson(nn.Module):
    """Half the Poisson deviance of counts, in units of the mean count: the mean over the targets.

    The output of a network is the logarithm of a rate, in units of the mean of the training records. The deviance is
    the negative log-likelihood less that of the best rate for each record, so 0 is the least.
    """

    mean: Tensor  # (T,)

    def __init__(self, values: np.ndarray):
        super().__init__()
        mean = values.mean(axis=0)
        if (values < 0).any() or not (mean > 0).all():
            raise ValueError("counts must be at least 0 and not 0 in every training record")
        self.link = LogLink(mean.tolist())
        self.register_buffer("mean", torch.as_tensor(mean, dtype=torch.float32))

    def values(self, outputs: Tensor) -> Tensor:
        """(B, T) outputs -> (B, T) rates."""
        return self.mean * outputs.exp()

    def forward(self, outputs: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """(B, T) outputs, (B, T) counts."""
        y = y / self.mean
        losses = outputs.exp() - y - y * outputs + torch.xlogy(y, y)
        return losses.mean(-1), torch.ones_like(losses[:, 0])


def _classes_second(logits: Tensor) -> Tensor:
    """(B, C) as it is, (L, B, C) -> (B, C, L): the order of torch's cross-entropy."""
    return logits if logits.ndim == 2 else logits.permute(1, 2, 0)


def _weights_of(y: Tensor, weights: Tensor) -> Tensor:
    """(...,) classes -> (...,) their weights, 0 where there is none."""
    return weights[y.clamp(min=0)] * (y != IGNORED)


def _of_records(losses: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """(B,) as they are; (B, L) summed over the bases of each record."""
    return (losses, weights) if losses.ndim == 1 else (losses.sum(1), weights.sum(1))


def _class_weights(class_counts: np.ndarray, kind: str) -> Tensor:
    """(C,) counts -> (C,) weights."""
    _check_weights("class_weights", kind)
    counts = torch.as_tensor(class_counts, dtype=torch.float32)
    return counts.sum() / (len(counts) * counts) if kind == "balanced" else torch.ones_like(counts)


def _check_weights(name: str, kind: str) -> None:
    if kind not in WEIGHTS:
        raise ValueError(f"{name} must be one of {', '.join(WEIGHTS)}; got {kind!r}")


def _check_smoothing(smoothing: float) -> None:
    if not 0 <= smoothing < 1:
        raise ValueError(f"smoothing must be from 0 to below 1; got {smoothing}")
