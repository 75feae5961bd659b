"""What training makes small."""

import numpy as np
import torch
from torch import nn

CLASS_WEIGHTS = ("none", "balanced")


def cross_entropy(class_counts: np.ndarray, class_weights: str = "none", smoothing: float = 0.0) -> nn.Module:
    """(B, C) logits, (B,) classes -> mean cross-entropy.

    "balanced" weighs a record by n / (C * n of its class), so that every class counts alike. `smoothing` is
    label smoothing (Szegedy et al. 2016).
    """
    if class_weights not in CLASS_WEIGHTS:
        raise ValueError(f"class_weights must be one of {', '.join(CLASS_WEIGHTS)}; got {class_weights!r}")
    if not 0 <= smoothing < 1:
        raise ValueError(f"smoothing must be from 0 to below 1; got {smoothing}")
    weight = None
    if class_weights == "balanced":
        weight = torch.tensor(class_counts.sum() / (len(class_counts) * class_counts), dtype=torch.float32)
    return nn.CrossEntropyLoss(weight=weight, label_smoothing=smoothing)
