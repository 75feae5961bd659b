"""Batch normalization (Ioffe & Szegedy 2015) over real positions alone."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dnaseq.models.encoded import real_positions

MOMENTUM = 0.1  # share of the newest batch in the running statistics, as in torch


class BatchNorm(nn.Module):
    """(B, d, L), (B,) lengths or None -> (B, d, L): each feature with mean 0 and variance 1, then scaled and shifted.

    In training these are the mean and variance of the batch's real positions, as if its records were joined end
    to end; padding becomes zeros. In evaluation they are running means over training. One real position
    alone has no variance: then a training step takes the running ones, too, and leaves them as they are.

    nn.BatchNorm1d would count the padding; its `num_batches_tracked` serves an option that is not used here.
    """

    running_mean: Tensor  # (d,)
    running_var: Tensor  # (d,)

    def __init__(self, d: int):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(d)), nn.Parameter(torch.zeros(d))
        self.register_buffer("running_mean", torch.zeros(d))
        self.register_buffer("running_var", torch.ones(d))

    def forward(self, h: Tensor, lengths: Tensor | None) -> Tensor:
        if not self.training or lengths is None:
            return self._normalized(h)
        real = real_positions(lengths, h.shape[-1]).t()  # (B, L)
        h = h.transpose(1, 2)  # (B, L, d)
        h = h.new_zeros(h.shape).index_put((real,), self._normalized(h[real]))
        return h.transpose(1, 2).contiguous()  # on a transposed view the next step takes a third longer

    def _normalized(self, h: Tensor) -> Tensor:
        """(B, d, L) or (N, d), all of it real."""
        of_batch = self.training and h.numel() > len(self.weight)
        return F.batch_norm(
            h, self.running_mean, self.running_var, self.weight, self.bias, of_batch, MOMENTUM
        )
