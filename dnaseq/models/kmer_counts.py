"""Counts of k-mers: a linear classifier beside a network, which need not learn them then."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from dnaseq.models.limits import at_least_one

LONGEST_K = 8  # 65,536 weights a class


class KmerCounts(nn.Module):
    """Logits that are linear in the counts of k-mers, added to those of a network ("wide and deep", Cheng et al. 2016).

    One-hot input (L, B, 4 or more): the k-mers of each length in `k`, of windows in which every letter is one base.
    Ids (L, B): the symbols themselves, without regard to `k`; the last two, unknown and padding, do not count. Counts
    are divided by the square root of their number. Weights start as zeros and are multiplied by `gain`, for an
    optimizer whose steps do not follow the gradient's size (Adam) would move them too slowly otherwise.
    """

    def __init__(self, n_symbols: int, n_classes: int, k: Sequence[int] = (4, 5, 6), gain: float = 2.5):
        super().__init__()
        if not k or not all(1 <= each <= LONGEST_K for each in k):
            raise ValueError(f"k must be numbers from 1 to {LONGEST_K}, at least one; got {list(k)}")
        if gain <= 0:
            raise ValueError(f"gain must be above 0; got {gain}")
        at_least_one(n_classes=n_classes)
        of_ids = n_symbols % 4 == 2  # 4^k + 2 of them; one-hot has 4, or 4 + 4^k
        self.k = None if of_ids else tuple(k)
        self.gain = gain
        self.sizes = [n_symbols - 2] if of_ids else [4**each for each in k]
        bags = [nn.EmbeddingBag(size + 1, n_classes, mode="sum", padding_idx=size) for size in self.sizes]
        for bag in bags:
            nn.init.zeros_(bag.weight)
        self.weights = nn.ModuleList(bags)

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, n_classes) logits."""
        if self.k is None:
            symbols = [x.t().clamp(max=self.sizes[0])]
        else:
            bases = single_bases(x)
            symbols = [kmers(bases, range(each)) for each in self.k]
        return self.gain * sum(
            bag(ids) / (ids != size).sum(1, keepdim=True).clamp(min=1).sqrt()
            for bag, ids, size in zip(self.weights, symbols, self.sizes, strict=True)
        )


def single_bases(x: Tensor) -> Tensor:
    """(L, B, 4 or more) one-hot -> (L, B) 0 to 3, and 4 where a letter is not one base."""
    share, base = x[..., :4].max(-1)
    return base.where(share == 1, 4)


def kmers(bases: Tensor, places: Sequence[int]) -> Tensor:
    """(L, B) from single_bases -> (B, windows) ids in alphabetical order; 4^k where one is not known.

    `places`, ascending from 0, are those of the k bases in a window. Records that are shorter have none: (B, 1), 4^k.
    """
    k, last = len(places), len(bases) - places[-1]
    if last < 1:
        return bases.new_full((bases.shape[1], 1), 4**k)
    ids, known = torch.zeros_like(bases[:last]), torch.ones_like(bases[:last], dtype=torch.bool)
    for j in places:
        ids = 4 * ids + bases[j : j + last]
        known &= bases[j : j + last] < 4
    return ids.where(known, 4**k).t()
