"""Self-attention against a plain loop; its weights."""

import math

import pytest
import torch

from dnaseq.models.encoded import real_positions
from dnaseq.models.encoders.transformer import SelfAttention

LENGTHS = torch.tensor([6, 1, 4])
H = torch.randn(7, 3, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)

heads_of = pytest.mark.parametrize("heads", [1, 4])


def loop(model, record, heads):
    """Attention, residual and LayerNorm over a record (n, d_in), head by head and position by position."""
    attend = model.attend
    q, k, v = (record @ attend.in_proj_weight.t() + attend.in_proj_bias).chunk(3, dim=-1)
    size = record.shape[1] // heads
    rows = []
    for i in range(len(record)):
        contexts = []
        for part in range(0, record.shape[1], size):
            scores = k[:, part : part + size] @ q[i, part : part + size] / math.sqrt(size)
            contexts.append(scores.softmax(0) @ v[:, part : part + size])
        rows.append(attend.out_proj(torch.cat(contexts)))
    return model.norm(record + torch.stack(rows))


@heads_of
def test_each_record_is_attended_as_by_a_plain_loop(heads):
    model = SelfAttention(8, heads).double()
    h = model(H, LENGTHS).h
    for b, n in enumerate(LENGTHS.tolist()):
        torch.testing.assert_close(h[:n, b], loop(model, H[:n, b], heads))


@heads_of
def test_weights_of_a_position_sum_to_one(heads):
    weights = SelfAttention(8, heads).double().weights(H, LENGTHS)
    torch.testing.assert_close(weights.sum(-1), torch.ones(3, heads, 7, dtype=torch.float64))


@heads_of
def test_no_weight_falls_on_padding(heads):
    weights = SelfAttention(8, heads).double().weights(H, LENGTHS)  # (B, heads, L, L)
    padding = ~real_positions(LENGTHS, 7).t()[:, None, None].expand_as(weights)
    assert not weights[padding].any()


def test_width_is_that_of_the_input():
    assert SelfAttention(8).d_out == 8
