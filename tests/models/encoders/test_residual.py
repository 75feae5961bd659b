"""Dilated residual blocks: a plain loop, how far they see, and padding."""

from functools import partial

import pytest
import torch
import torch.nn.functional as F

from dnaseq.models.encoders.residual import LARGEST_DILATION, Residual

LENGTHS = torch.tensor([11, 1, 4, 7])


def normalized(norm, rows):
    """(n, d), by the running statistics."""
    return (rows - norm.running_mean) / (norm.running_var + 1e-5).sqrt() * norm.weight + norm.bias


def loop(model, record):
    """The blocks over a record (n, d), position by position."""
    h = record @ model.project.weight[..., 0].t() + model.project.bias
    for block, dilation in zip(model.blocks, (1, 2, 4), strict=True):
        seen = F.gelu(normalized(block.norm, h))
        rows = []
        for i in range(len(h)):
            places = [(j, i + dilation * (j - 1)) for j in range(3)]
            rows.append(sum(block.look.weight[..., j] @ seen[at] for j, at in places if 0 <= at < len(h)))
        new = F.gelu(normalized(block.norm_after, torch.stack(rows)))
        h = h + new @ block.mix.weight[..., 0].t() + block.mix.bias
    return F.gelu(normalized(model.norm, h))


def trained(**options):
    """In evaluation mode, with statistics that are not those of the start."""
    model = Residual(4, 3, **options).double()
    for _ in range(3):
        model(torch.randn(12, 4, 4, dtype=torch.float64), LENGTHS)
    return model.eval()


def test_each_record_is_seen_as_by_a_plain_loop():
    model, x = trained(filters=6), torch.randn(12, 4, 4, dtype=torch.float64)
    h = model(x, LENGTHS).h
    for b, n in enumerate(LENGTHS.tolist()):
        torch.testing.assert_close(h[:n, b], loop(model, x[:n, b]))


@pytest.mark.parametrize("filters", [None, 6])
def test_padding_does_not_matter_in_training(filters):
    model, x = Residual(4, 3, filters=filters).double(), torch.randn(14, 4, 4, dtype=torch.float64)
    real = torch.arange(14)[:, None] < LENGTHS
    spoilt = x.where(real[..., None], 1e6)
    torch.testing.assert_close(model(x, LENGTHS).h[real], model(spoilt, LENGTHS).h[real], rtol=0, atol=1e-10)


@pytest.mark.parametrize(("growth", "reach"), [(1, 3), (2, 7), (3, 13)])
def test_dilations_grow_so_that_few_blocks_see_far(growth, reach):
    model = trained(growth=growth)
    x = torch.randn(41, 1, 4, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(model(x, torch.tensor([41])).h[20].sum(), x)
    seen = gradient.abs().sum(-1)[:, 0].nonzero()[:, 0]
    assert (seen.min().item(), seen.max().item()) == (20 - reach, 20 + reach)


@pytest.mark.parametrize(("filters", "expected"), [(None, 4), (6, 6)])
def test_width_is_that_of_the_input_unless_given(filters, expected):
    model = Residual(4, 2, filters=filters)
    assert (model.d_out, model(torch.randn(12, 4, 4), LENGTHS).h.shape) == (expected, (12, 4, expected))


def test_dropout_acts_in_training_alone():
    model, x = Residual(4, 2, dropout=0.5), torch.randn(12, 4, 4)
    assert not torch.equal(model(x, LENGTHS).h, model(x, LENGTHS).h)
    model.eval()
    assert torch.equal(model(x, LENGTHS).h, model(x, LENGTHS).h)


def test_final_is_the_last_real_position():
    encoded = Residual(4, 1)(torch.randn(12, 4, 4), LENGTHS)
    assert torch.equal(encoded.final, encoded.h[LENGTHS - 1, torch.arange(4)])


@pytest.mark.parametrize("blocks", [17, 10**9])
def test_a_dilation_that_no_record_has_is_refused(blocks):
    with pytest.raises(ValueError, match=rf"must be at most {LARGEST_DILATION}; got 2\^{blocks - 1}$"):
        Residual(4, blocks)


def test_the_largest_dilation_is_allowed():
    make = partial(Residual, 4, 16)
    with torch.device("meta"):
        assert make().blocks[-1].look.dilation == (LARGEST_DILATION,)
