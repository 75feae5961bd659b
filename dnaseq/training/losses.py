"""What training makes small."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchmetrics import Metric

CLASS_WEIGHTS = ("none", "balanced")


class MeanLoss(Metric):
    """The weighted mean over all records of an epoch and all processes.

    Not torchmetrics' MeanMetric, which either looks for NaN, a wait for the device at every step, or forgets
    the weights (nan_strategy="disable", version 1.9).
    """

    def __init__(self):
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
    """Cross-entropy of every record, times its weight.

    class_weights "balanced" weighs a record by n / (C * n of its class), so that every class counts alike.
    `smoothing` is label smoothing (Szegedy et al. 2016).
    """

    def __init__(self, class_counts: np.ndarray, class_weights: str = "none", smoothing: float = 0.0):
        super().__init__()
        if class_weights not in CLASS_WEIGHTS:
            raise ValueError(
                f"class_weights must be one of {', '.join(CLASS_WEIGHTS)}; got {class_weights!r}"
            )
        if not 0 <= smoothing < 1:
            raise ValueError(f"smoothing must be from 0 to below 1; got {smoothing}")
        counts = torch.as_tensor(class_counts, dtype=torch.float32)
        weights = (
            counts.sum() / (len(counts) * counts) if class_weights == "balanced" else torch.ones_like(counts)
        )
        self.register_buffer("weights", weights)
        self.smoothing = smoothing

    def forward(self, logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """(B, C) logits, (B,) classes -> (B,) weighted losses, (B,) weights; the loss is the ratio of sums.

        Not the mean alone: over a whole part the weights of all its batches must be summed, or the loss would
        depend on where batches are cut.
        """
        losses = F.cross_entropy(logits, y, self.weights, reduction="none", label_smoothing=self.smoothing)
        return losses, self.weights[y]
