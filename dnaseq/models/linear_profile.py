"""The linear model of k-mers and positions as a network, so that a bundle can hold it beside others."""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dnaseq.encode.counting import kmer_columns
from dnaseq.models.kmer_counts import kmers, single_bases
from dnaseq.models.limits import at_least_one


class LinearProfile(nn.Module):
    """One-hot (L, B, 4 or more) -> (B, n_classes) logits, linear in a profile of the record.

    `patterns`: of each the logarithms of the counts of k-mers plus 1, divided by their Euclidean norm, in alphabetical
    order; a pattern is the places, ascending from 0, that its bases have in a window. With `canonical` a k-mer and its
    reverse complement are one, under the name that comes first. `positions`: that many times A, C, G, T, which is 1
    over the square root of their number where a position holds this base. A letter that is not one base counts
    nowhere. It is fitted elsewhere, and starts with weights of zero.
    """

    def __init__(
        self,
        n_symbols: int,
        n_classes: int,
        patterns: Sequence[Sequence[int]] = (),
        canonical: bool = False,
        positions: int | None = None,
    ):
        super().__init__()
        if n_symbols % 4:
            raise ValueError(f"a linear profile needs one-hot input; got {n_symbols} symbols")
        if not patterns and positions is None:
            raise ValueError("patterns or positions are needed")
        self.patterns, self.positions = [tuple(places) for places in patterns], positions
        self.columns = {len(places): kmer_columns(len(places), canonical) for places in self.patterns}
        widths = [int(self.columns[len(places)].max()) + 1 for places in self.patterns]
        if positions is not None:
            at_least_one(positions=positions)
            widths.append(4 * positions)
        self.classify = nn.Linear(sum(widths), n_classes)
        nn.init.zeros_(self.classify.weight)
        nn.init.zeros_(self.classify.bias)

    def forward(self, x: Tensor, lengths: Tensor | None) -> Tensor:
        """Compute the logits; padding is all zeros in x, so lengths are not needed."""
        bases = single_bases(x)
        parts = [self._counts(bases, places) for places in self.patterns]
        if self.positions is not None:
            parts.append(_at_positions(bases, self.positions))
        return self.classify(torch.cat(parts, 1).to(self.classify.weight.dtype))

    def _counts(self, bases: Tensor, places: tuple[int, ...]) -> Tensor:
        columns = self.columns[len(places)]
        n = int(columns.max()) + 1
        column = torch.from_numpy(np.append(columns, n)).to(
            bases.device
        )  # the last is of windows without a k-mer
        ids = column[kmers(bases, places)]  # (B, windows)
        counts = ids.new_zeros((len(ids), n + 1)).scatter_add_(1, ids, torch.ones_like(ids))
        return F.normalize(counts[:, :-1].float().log1p(), dim=1)


def _at_positions(bases: Tensor, positions: int) -> Tensor:
    """(L, B) -> (B, 4 positions); nothing beyond the end of a record."""
    some = F.pad(bases[:positions], (0, 0, 0, max(positions - len(bases), 0)), value=4)
    return F.one_hot(some.t(), 5)[..., :4].flatten(1) / positions**0.5
