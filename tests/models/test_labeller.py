"""Networks with one answer for every position: every labeller of conf/model with both kinds of input."""

from functools import partial

import pytest
import torch
from hydra.utils import instantiate
from model_files import compose_models

from dnaseq.models.classifier import SequenceLabeller
from dnaseq.models.embed import Dense, Lookup
from dnaseq.models.encoded import real_positions
from dnaseq.models.encoders.convolution import Convolution
from dnaseq.models.encoders.recurrent import Recurrent
from dnaseq.models.encoders.stack import Stack
from dnaseq.models.head import Linear

LABELLERS = {name: cfg for name, cfg in compose_models().items() if name.startswith("labeller")}
EMBEDS = {"onehot": (partial(Dense), 4), "kmer": (partial(Lookup, d_out=16), 66)}
LENGTHS = torch.tensor([30, 1, 17, 2, 8])
REAL = real_positions(LENGTHS, 33)
POOLED = partial(Convolution, filters=6, width=5, pool=2)
LSTM = partial(Recurrent, cell="lstm", hidden=5)

labellers = pytest.mark.parametrize("labeller", LABELLERS)
embeds = pytest.mark.parametrize("embed", EMBEDS)


def build(labeller, embed):
    part, n_symbols = EMBEDS[embed]
    return instantiate(LABELLERS[labeller], embed=part, n_symbols=n_symbols, n_classes=3).double()


def batch(embed):
    if embed == "kmer":
        return torch.randint(65, (33, 5)).where(REAL, 65)
    return torch.rand(33, 5, 4, dtype=torch.float64) * REAL[..., None]


@labellers
@embeds
def test_one_row_of_logits_for_every_position(labeller, embed):
    assert build(labeller, embed)(batch(embed), LENGTHS).shape == (33, 5, 3)


@labellers
@embeds
def test_padding_does_not_change_the_answer_at_a_position(labeller, embed):
    net, x = build(labeller, embed).eval(), batch(embed)
    together = net(x, LENGTHS)
    for b, n in enumerate(LENGTHS.tolist()):
        alone = net(x[:n, b : b + 1], LENGTHS[b : b + 1])
        torch.testing.assert_close(together[:n, b : b + 1], alone, rtol=0, atol=1e-10)


@labellers
@embeds
def test_every_parameter_gets_a_finite_gradient(labeller, embed):
    net = build(labeller, embed)
    net(batch(embed), LENGTHS)[REAL].logsumexp(-1).sum().backward()
    assert [n for n, p in net.named_parameters() if p.grad is None or not p.grad.isfinite().all()] == []


@labellers
def test_an_answer_depends_on_its_position(labeller):
    net = build(labeller, "onehot").eval()
    assert net(batch("onehot"), LENGTHS)[:30, 0].std(0).min() > 1e-6


@pytest.mark.parametrize("encoder", [POOLED, partial(Stack, parts=[POOLED, LSTM])])
def test_an_encoder_that_shortens_records_is_refused(encoder):
    with pytest.raises(ValueError, match="must keep every position: set pool to 1"):
        SequenceLabeller(partial(Dense), encoder, partial(Linear), 4, 3)
