"""Every classifier of conf/model with every kind of input: shapes, gradients, padding."""

from functools import partial

import pytest
import torch
from hydra.errors import InstantiationException
from hydra.utils import instantiate
from model_files import CONF, compose_models
from omegaconf import OmegaConf

from dnaseq.models.embed import Dense, Lookup

MODELS = {name: cfg for name, cfg in compose_models().items() if "pool" in cfg}
BY_STEP = sorted(name for name, cfg in MODELS.items() if "backend" in cfg.encoder)
FIXED = sorted(name for name, cfg in MODELS.items() if "length" in cfg)
EMBEDS = {
    "onehot": (partial(Dense), 4),
    "projected": (partial(Dense, d_out=6), 4),
    "kmer": (partial(Lookup, d_out=16), 4**3 + 2),
}
LENGTHS = torch.tensor([30, 1, 17, 2, 8])
LONGEST = 33

models = pytest.mark.parametrize("model", MODELS)
embeds = pytest.mark.parametrize("embed", EMBEDS)


def build(model, embed, **changes):
    """The model in float64, the same weights whenever it is built again."""
    torch.manual_seed(0)
    part, n_symbols = EMBEDS[embed]
    length = {"length": LONGEST} if "length" in MODELS[model] else {}
    cfg = OmegaConf.merge(MODELS[model], length, changes)
    return instantiate(cfg, embed=part, n_symbols=n_symbols, n_classes=3).double()


def batch(embed, length=LONGEST):
    """(L, B, 4) or (L, B) input in which padding is zeros or the pad id."""
    generator = torch.Generator().manual_seed(1)
    real = torch.arange(length)[:, None] < LENGTHS
    if embed == "kmer":
        return torch.randint(4**3 + 1, (length, len(LENGTHS)), generator=generator).where(real, 4**3 + 1)
    return torch.rand(length, len(LENGTHS), 4, generator=generator, dtype=torch.float64) * real[..., None]


@models
@embeds
def test_one_logit_a_class_for_every_record(model, embed):
    assert build(model, embed)(batch(embed), LENGTHS).shape == (len(LENGTHS), 3)


@models
@embeds
def test_every_parameter_gets_a_finite_gradient(model, embed):
    net = build(model, embed)
    net(batch(embed), LENGTHS).logsumexp(-1).sum().backward()
    without = [n for n, p in net.named_parameters() if p.grad is None or not p.grad.isfinite().all()]
    assert without == []


@models
@embeds
def test_padding_does_not_change_a_prediction(model, embed):
    net, x = build(model, embed).eval(), batch(embed)
    together = net(x, LENGTHS)
    alone = torch.cat([net(x[:n, b : b + 1], LENGTHS[b : b + 1]) for b, n in enumerate(LENGTHS.tolist())])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-10)


@models
@embeds
def test_padding_does_not_change_a_gradient(model, embed):
    net, x = build(model, embed).eval(), batch(embed)
    weights = [p for p in net.parameters() if p.requires_grad]
    together = torch.autograd.grad(net(x, LENGTHS).square().sum(), weights)
    alone = sum(
        net(x[:n, b : b + 1], LENGTHS[b : b + 1]).square().sum() for b, n in enumerate(LENGTHS.tolist())
    )
    torch.testing.assert_close(together, torch.autograd.grad(alone, weights), rtol=0, atol=1e-10)


@models
def test_single_precision_is_as_independent_of_padding(model):
    net, x = build(model, "onehot").float().eval(), batch("onehot").float()
    together = net(x, LENGTHS)
    alone = torch.cat([net(x[:n, b : b + 1], LENGTHS[b : b + 1]) for b, n in enumerate(LENGTHS.tolist())])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-5)


@models
@embeds
def test_order_of_records_does_not_change_a_prediction(model, embed):
    net, x = build(model, embed).eval(), batch(embed)
    order = torch.tensor([3, 0, 4, 2, 1])
    torch.testing.assert_close(net(x[:, order], LENGTHS[order]), net(x, LENGTHS)[order], rtol=0, atol=1e-10)


@models
def test_prediction_depends_on_the_record(model):
    net, x = build(model, "onehot").eval(), batch("onehot")
    lengths = torch.full_like(LENGTHS, 5)
    assert net(x, lengths).std(0).min() > 1e-6


@pytest.mark.parametrize("model", BY_STEP)
@pytest.mark.parametrize("backend", ["by_hand", "cells"])
@embeds
def test_backends_give_the_same_logits(model, backend, embed):
    x = batch(embed)
    ours = build(model, embed, encoder={"backend": backend})(x, LENGTHS)
    torch.testing.assert_close(ours, build(model, embed)(x, LENGTHS), rtol=0, atol=1e-10)


@pytest.mark.parametrize("model", FIXED)
def test_a_model_with_weights_for_every_position_says_that_it_needs_a_length(model):
    with pytest.raises(
        InstantiationException, match=r"needs records of one length: give data\.length="
    ) as caught:
        build(model, "onehot", length=None)
    assert isinstance(caught.value.__cause__, ValueError)


@pytest.mark.parametrize("model", FIXED)
def test_every_position_of_a_model_of_one_length_has_its_own_weights(model):
    net, x = build(model, "onehot").eval(), batch("onehot")
    whole = torch.full_like(LENGTHS, LONGEST)
    assert net.pool.positions == len(net.encode(x, whole).h)
    assert not torch.allclose(net(x.roll(8, 0), whole), net(x, whole), atol=1e-3)


@models
def test_model_says_nothing_of_the_encoding(model):
    assert not {"embed", "n_symbols", "n_classes"} & set(MODELS[model])


@models
def test_model_begins_with_a_sentence_on_what_it_is(model):
    first = (CONF / f"{model}.yaml").read_text().splitlines()[0]
    assert first.startswith("# ")
    assert first.endswith(".")


@models
@embeds
def test_lengths_of_none_are_those_of_records_that_fill_the_batch(model, embed):
    net = build(model, embed).eval()
    x = batch(embed)[:8, [0, 2]]
    torch.testing.assert_close(net(x, None), net(x, torch.tensor([8, 8])))


@models
def test_training_without_lengths_is_training_with_full_ones(model):
    x = batch("onehot")[:8, [0, 2]]
    gradients = []
    for lengths in (None, torch.tensor([8, 8])):
        net = build(model, "onehot").train()
        torch.manual_seed(1)
        net(x, lengths).logsumexp(-1).sum().backward()
        gradients.append([p.grad for p in net.parameters()])
    torch.testing.assert_close(*gradients)
