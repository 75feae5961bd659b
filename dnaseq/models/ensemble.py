"""Averages of outputs: of several networks, and of the two strands of a record."""

import math
from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor, nn

from dnaseq.models.encoded import reverse_each
from dnaseq.models.limits import one_of

AVERAGES = ("probabilities", "outputs")


def mean_of_strands(outputs: Tensor, lengths: Tensor | None = None) -> Tensor:
    """Average the outputs for both strands: (2B, C) -> (B, C), or (L, 2B, C) -> (L, B, C).

    Where there are outputs for positions, those of the other strand are reversed over each record, of `lengths`
    (2B,) or of L positions each, so that both are of one position. As the weights are those of both strands,
    f(x) = f(reverse complement of x) to rounding (Zhou et al. 2022 compare this with other ways). Raises ValueError
    for outputs of another shape.
    """
    if outputs.ndim not in (2, 3) or outputs.shape[-2] % 2:
        what = "outputs of both strands must be (2B, C) or (L, 2B, C)"
        raise ValueError(f"{what}; got shape {tuple(outputs.shape)}")
    given, other = outputs.chunk(2, dim=-2)
    if outputs.ndim == 3:
        other = reverse_each(other, None if lengths is None else lengths[len(lengths) // 2 :])
    return (given + other) / 2


class Ensemble(nn.Module):
    """The mean of the outputs of its members (deep ensembles, Lakshminarayanan et al. 2017).

    `members` are networks that still need n_symbols and n_classes, and `embed` where it is given: then it is the first
    part of all, each with weights of its own. `average` "probabilities": softmax of the
    logits is the mean of the members' probabilities; "outputs": the plain mean of the outputs, for tasks in which
    they are no logits of classes that exclude each other. `weights`, a share for each member, make it a weighted mean.
    """

    weights: Tensor | None

    def __init__(
        self,
        members: Sequence[Callable[..., nn.Module]],
        n_symbols: int,
        n_classes: int,
        embed: Callable[[int], nn.Module] | None = None,
        average: str = "probabilities",
        weights: Sequence[float] | None = None,
    ):
        super().__init__()
        if not members:
            raise ValueError("members must name at least one network; got none")
        one_of("average", average, AVERAGES)
        shared = {} if embed is None else {"embed": embed}
        self.members = nn.ModuleList(
            member(n_symbols=n_symbols, n_classes=n_classes, **shared) for member in members
        )
        self.average = average
        self.register_buffer("weights", None if weights is None else _shares(weights), persistent=False)
        if weights is not None and len(weights) != len(members):
            raise ValueError(f"weights must be one for each of {len(members)} members; got {len(weights)}")

    def forward(self, x: Tensor, lengths: Tensor | None) -> Tensor:
        """Average the outputs of the members for their input; classes are in the last dimension."""
        outputs = torch.stack([member(x, lengths) for member in self.members])  # (members, B, C)
        if self.average == "outputs":
            return outputs.mean(0) if self.weights is None else (outputs * self.weights).sum(0)
        if self.weights is None:
            return outputs.log_softmax(-1).logsumexp(0) - math.log(len(self.members))
        return (outputs.log_softmax(-1) + self.weights.log()).logsumexp(0)

    def part(self, chosen: Sequence[int]) -> "Ensemble":
        """Return the ensemble of some of the members, which it shares, with weights in the same proportion."""
        members = [partial(_member, self.members[i]) for i in chosen]
        own = None if self.weights is None else self.weights.flatten().double()[list(chosen)]
        weights = None if own is None or not own.sum() else (own / own.sum()).tolist()
        return Ensemble(members, 0, 0, average=self.average, weights=weights).eval()


def _member(member: nn.Module, n_symbols: int, n_classes: int) -> nn.Module:
    """Return a member that is there already."""
    return member


def _shares(weights: Sequence[float]) -> Tensor:
    """(members, 1, 1)"""
    if min(weights) < 0 or not math.isclose(sum(weights), 1, abs_tol=1e-6):
        raise ValueError(f"weights must be at least 0 and add up to 1; got {list(weights)}")
    return torch.tensor(list(weights), dtype=torch.float32)[:, None, None]
