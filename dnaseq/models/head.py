"""The last part of a network: features of a record to logits, (B, d_in) -> (B, n_classes)."""

from torch import Tensor, nn

from dnaseq.models.limits import at_least_one, share


class Linear(nn.Module):
    """Dropout, then one linear map."""

    def __init__(self, d_in: int, n_classes: int, dropout: float = 0.0):
        super().__init__()
        share(dropout=dropout)
        self.classify = nn.Sequential(nn.Dropout(dropout), nn.Linear(d_in, n_classes))

    def forward(self, h: Tensor) -> Tensor:
        return self.classify(h)


class MLP(nn.Module):
    """One hidden layer with ReLU, dropout before and after it."""

    def __init__(self, d_in: int, n_classes: int, hidden: int, dropout: float = 0.0):
        super().__init__()
        at_least_one(hidden=hidden)
        share(dropout=dropout)
        self.classify = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(d_in, hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, n_classes),
        )

    def forward(self, h: Tensor) -> Tensor:
        return self.classify(h)
