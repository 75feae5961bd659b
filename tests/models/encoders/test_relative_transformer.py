"""The transformer that knows distances: against a plain loop, and what its first weights look at."""

import math

import pytest
import torch

from dnaseq.models.encoders.relative_transformer import RelativeLayer, RelativeTransformer, first_bias


def make(reach: int = 3, layers: int = 2) -> RelativeTransformer:
    torch.manual_seed(0)
    return RelativeTransformer(4, 8, 2, layers, 16, reach).eval()


def by_loop(layer: RelativeLayer, h: torch.Tensor) -> torch.Tensor:
    """One record (L, width): attention of each head and position by sums over the others."""
    heads, reach = len(layer.bias), layer.bias.shape[1] // 2
    n, width = h.shape
    d = width // heads
    queries, keys, values = layer.project(layer.norm_attention(h)).chunk(3, dim=-1)
    context = torch.zeros(n, width)
    for head in range(heads):
        own = slice(head * d, (head + 1) * d)
        for i in range(n):
            scores = torch.stack(
                [
                    queries[i, own] @ keys[j, own] / math.sqrt(d)
                    + layer.bias[head, max(-reach, min(reach, j - i)) + reach]
                    for j in range(n)
                ]
            )
            context[i, own] = scores.softmax(0) @ values[:, own]
    h = h + layer.merge(context)
    return h + layer.feedforward(layer.norm_feedforward(h))


@torch.no_grad()
def test_padded_records_match_a_plain_loop():
    model, lengths = make(), torch.tensor([9, 1, 5])
    x = torch.randn(9, 3, 4)
    found = model(x, lengths)
    for b, n in enumerate(lengths.tolist()):
        h = model.project(x[:n, b])
        for layer in model.layers:
            h = by_loop(layer, h)
        due = model.norm(h)
        torch.testing.assert_close(found.h[:n, b], due, atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(found.final[b], due[-1], atol=1e-5, rtol=1e-5)


def test_heads_start_with_one_neighbour_each_farther_in_later_layers():
    first, second = (first_bias(4, 16, layer).argmax(1) - 16 for layer in (0, 1))
    assert first.tolist() == [-1, 1, -2, 2]
    assert second.tolist() == [-3, 3, -6, 6]
    assert (first_bias(6, 2, 3).argmax(1) - 2).tolist() == [-2, 2] * 3  # no farther than it reaches


def test_order_of_positions_matters():
    model, x = make(), torch.randn(12, 1, 4)
    assert not torch.allclose(model(x, None).h.mean(0), model(x.flip(0), None).h.mean(0), atol=1e-4)


def test_a_record_gives_the_same_wherever_it_lies_in_a_longer_one():
    """It has no absolute positions: far from both ends, features move with the bases."""
    model, x = make(reach=2, layers=1), torch.randn(4, 1, 4)
    padded = [torch.cat([torch.zeros(a, 1, 4), x, torch.zeros(40 - a, 1, 4)]) for a in (10, 21)]
    one, other = (model(h, None).h for h in padded)
    torch.testing.assert_close(one[10:14], other[21:25], atol=0.05, rtol=0)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_other_number_types_hide_padding_too(dtype):
    model, x = make().to(dtype), torch.randn(6, 2, 4, dtype=dtype)
    alone = model(x[:3, 1:], None).h[:, 0]
    tolerance = 1e-9 if dtype is torch.float64 else 0.1
    torch.testing.assert_close(model(x, torch.tensor([6, 3])).h[:3, 1], alone, atol=tolerance, rtol=0)
