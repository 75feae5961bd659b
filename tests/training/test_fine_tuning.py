"""Weights that are taken, parts that stay as they are, and the learning rate of each layer."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from dnaseq.errors import ConfigError
from dnaseq.models.classifier import SequenceClassifier
from dnaseq.models.embed import Dense, Lookup
from dnaseq.models.encoders.convolution import Convolution
from dnaseq.models.encoders.recurrent import Recurrent
from dnaseq.models.encoders.stack import Stack
from dnaseq.models.head import Linear
from dnaseq.models.pool import AdditiveAttention
from dnaseq.prediction_task import CLASSIFICATION
from dnaseq.training.fine_tuning import Tuning, freeze_parts, rate_groups, take_weights
from dnaseq.training.lightning_module import LitModel
from dnaseq.training.losses import CrossEntropy
from dnaseq.training.monitor_metrics import MonitorMetrics
from dnaseq.training.schedules import constant

SCAN = partial(Convolution, filters=6, width=3, layers=2, norm="batch")
READ = partial(Recurrent, cell="lstm", hidden=4, bidirectional=True)
STACK = partial(Stack, parts={"scan": SCAN, "read": READ})


def build_net(embed=Dense, n_symbols=4, n_classes=2, length=None) -> SequenceClassifier:
    pool = partial(AdditiveAttention, hidden=3, by_position=length is not None)
    return SequenceClassifier(embed, STACK, pool, Linear, n_symbols, n_classes, length)


def test_all_but_the_head_is_taken_from_a_network_for_other_classes():
    net, other = build_net(n_classes=3), build_net()
    taken = take_weights(net, other.state_dict())
    left = {name for name in net.state_dict() if name not in taken}
    assert left == {"head.classify.1.weight", "head.classify.1.bias"}
    assert all(torch.equal(net.state_dict()[name], other.state_dict()[name]) for name in taken)


def test_weights_for_positions_are_not_taken_from_a_network_for_another_length():
    net, other = build_net(length=20), build_net(length=30)
    before = net.pool.place.clone()
    other.pool.place.data.fill_(1)
    taken = take_weights(net, other.state_dict())
    assert "pool.place" not in taken
    assert "pool.score.0.weight" in taken
    assert torch.equal(net.pool.place, before)


def names_of(net: nn.Module, groups: list) -> dict[float, set[str]]:
    own = {id(weights): name for name, weights in net.named_parameters()}
    return {
        group.factor: {own[id(w)].rpartition(".")[0] or own[id(w)] for w in group.weights} for group in groups
    }


def test_rates_fall_from_layer_to_layer():
    net = build_net(partial(Lookup, d_out=5), n_symbols=10)
    taken = take_weights(net, net.state_dict())
    found = names_of(net, rate_groups(net, Tuning(taken, rate_decay=0.5)))
    assert found == {
        1.0: {"head.classify.1"},
        0.5: {"pool.score.0", "pool.score.2"},
        0.25: {"encoder.parts.1.rnn"},
        0.125: {"encoder.parts.0.scanners.1", "encoder.parts.0.norms.1"},
        0.0625: {"encoder.parts.0.scanners.0", "encoder.parts.0.norms.0"},
        0.03125: {"embed.table"},
    }


def test_weights_that_were_not_taken_have_the_whole_rate():
    net = build_net(length=20)
    taken = take_weights(net, build_net(length=30).state_dict())
    found = names_of(net, rate_groups(net, Tuning(taken, rate_decay=0.5)))
    assert found[1.0] == {"head.classify.1", "pool"}  # pool.place
    assert found[0.5] == {"pool.score.0", "pool.score.2"}


@pytest.mark.parametrize(("freeze", "parts"), [("embed", {"embed"}), ("encoder", {"embed", "encoder"})])
def test_frozen_parts_are_not_trained(freeze, parts):
    net = build_net(partial(Lookup, d_out=5), n_symbols=10)
    tuning = Tuning(take_weights(net, net.state_dict()), freeze, rate_decay=0.5)
    freeze_parts(net, tuning)
    frozen = {name.partition(".")[0] for name, w in net.named_parameters() if not w.requires_grad}
    assert frozen == parts
    groups = names_of(net, rate_groups(net, tuning)).values()
    trained = {name.partition(".")[0] for group in groups for name in group}
    assert trained == {"embed", "encoder", "pool", "head"} - parts


def test_an_embedding_without_weights_cannot_be_frozen():
    with pytest.raises(ConfigError, match="freeze=embed: this network has no embedding with weights"):
        freeze_parts(build_net(), Tuning(frozenset(), "embed"))


def lit_of(net: nn.Module, tuning: Tuning | None) -> LitModel:
    loss, optimizer = CrossEntropy(np.array([1, 1])), partial(torch.optim.SGD, lr=0.4)
    lit = LitModel(net, loss, optimizer, constant, MonitorMetrics(CLASSIFICATION, 2), seed=1, tuning=tuning)
    lit.trainer = SimpleNamespace(precision="32-true", estimated_stepping_batches=1)
    return lit


def test_the_optimizer_has_the_rate_of_each_group():
    net = build_net()
    tuning = Tuning(take_weights(net, net.state_dict()), rate_decay=0.5)
    groups = lit_of(net, tuning).configure_optimizers()["optimizer"].param_groups
    assert [group["lr"] for group in groups] == pytest.approx([0.4, 0.2, 0.1, 0.05, 0.025])
    alone = lit_of(net, None).configure_optimizers()["optimizer"].param_groups
    assert [group["lr"] for group in alone] == [0.4]


def test_a_frozen_encoder_computes_the_same_in_training():
    """Its batch norm keeps its means, and takes those."""
    net = build_net()
    tuning = Tuning(take_weights(net, net.state_dict()), "encoder")
    freeze_parts(net, tuning)
    lit = lit_of(net, tuning)
    x = torch.rand(12, 5, 4)
    lit.eval()
    before = net.encode(x, None).h
    lit.train()
    assert torch.equal(net.encode(x, None).h, before)
    assert lit.training
    assert net.head.training


def test_of_a_network_of_other_parts_all_that_fits_is_taken_and_nothing_can_be_frozen():
    net, other = (nn.Sequential(nn.Linear(4, 3), nn.Linear(3, n)) for n in (2, 5))
    assert take_weights(net, other.state_dict()) == {"0.weight", "0.bias"}
    with pytest.raises(ConfigError, match="freeze=encoder: this network has no part named embed"):
        freeze_parts(net, Tuning(frozenset(), "encoder"))
