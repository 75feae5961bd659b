"""Several networks that answer as one: means by hand, from configuration, in a bundle."""

from functools import partial

import pytest
import torch
from torch import nn

from dnaseq.build import build
from dnaseq.errors import ConfigError
from dnaseq.models.classifier import SequenceClassifier
from dnaseq.models.embed import Dense
from dnaseq.models.encoders.recurrent import Recurrent
from dnaseq.models.ensemble import Ensemble
from dnaseq.models.head import Linear
from dnaseq.models.pool import Max, Mean

LENGTHS = torch.tensor([9, 1, 4])
X = torch.rand(9, 3, 4, generator=torch.Generator().manual_seed(0))
MEMBER = {
    "_target_": "dnaseq.models.classifier.SequenceClassifier",
    "_partial_": True,
    "encoder": {
        "_target_": "dnaseq.models.encoders.convolution.Convolution",
        "_partial_": True,
        "filters": 6,
        "width": 3,
    },
    "pool": {"_target_": "dnaseq.models.pool.Max", "_partial_": True},
    "head": {"_target_": "dnaseq.models.head.Linear", "_partial_": True},
}
EMBED = {"_target_": "dnaseq.models.embed.Dense", "_partial_": True}
CONFIG = {"_target_": "dnaseq.models.ensemble.Ensemble", "embed": EMBED, "members": [MEMBER, MEMBER]}


class Says(nn.Module):
    """A network that answers the same for every record."""

    def __init__(self, logits, n_symbols, n_classes):
        super().__init__()
        self.logits = torch.tensor(logits)

    def forward(self, x, lengths):
        return self.logits.expand(len(lengths), -1)


def of(*answers, **options):
    return Ensemble([partial(Says, answer) for answer in answers], 4, len(answers[0]), **options)(X, LENGTHS)


def test_probability_is_the_mean_of_the_members():
    # 0.9 and 0.5 of the second class: 0.7
    logits = of([0.0, 2.1972246], [3.0, 3.0])
    torch.testing.assert_close(logits[0].exp(), torch.tensor([0.3, 0.7]))


def test_a_member_that_is_certain_does_not_outvote_the_rest():
    probability = of([0.0, 500.0], [0.0, -2.0], [0.0, -2.0]).softmax(-1)[0, 1]
    assert probability.item() == pytest.approx((1 + 2 / (1 + 7.389056)) / 3)


def test_outputs_are_averaged_as_they_are():
    assert torch.equal(of([1.0], [4.0], average="outputs"), torch.full((3, 1), 2.5))


def test_one_member_alone_is_itself():
    logits = torch.tensor([0.5, -1.0, 2.0])
    torch.testing.assert_close(of(logits.tolist()).softmax(-1), logits.softmax(-1).expand(3, 3))


def test_members_may_be_different_networks():
    lstm = partial(Recurrent, cell="lstm", hidden=5)
    members = [
        partial(SequenceClassifier, partial(Dense), lstm, pool, partial(Linear)) for pool in (Max, Mean)
    ]
    net = Ensemble(members, 4, 3)
    expected = torch.stack([member(X, LENGTHS).softmax(-1) for member in net.members]).mean(0)
    torch.testing.assert_close(net(X, LENGTHS).softmax(-1), expected)


def test_members_of_one_description_have_weights_of_their_own():
    first, second = build(CONFIG, n_symbols=4, n_classes=3).members
    assert not torch.equal(first.encoder.scanners[0].weight, second.encoder.scanners[0].weight)


def test_embed_is_that_of_every_member():
    config = CONFIG | {"embed": EMBED | {"d_out": 7}}
    assert [m.embed.d_out for m in build(config, n_symbols=4, n_classes=3).members] == [7, 7]


def test_members_may_bring_their_own_embed():
    members = [MEMBER | {"embed": EMBED | {"d_out": d}} for d in (5, 6)]
    config = {"_target_": CONFIG["_target_"], "members": members}
    assert [m.embed.d_out for m in build(config, n_symbols=4, n_classes=3).members] == [5, 6]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"members": []}, "members must name at least one network; got none"),
        ({"average": "votes"}, "average must be one of probabilities, outputs; got 'votes'"),
    ],
)
def test_a_bad_setting_is_named(change, said):
    with pytest.raises(ConfigError, match=said):
        build(CONFIG | change, n_symbols=4, n_classes=3)


def test_weights_make_it_a_weighted_mean():
    # 0.9 and 0.5 of the second class, three to one: 0.8
    logits = of([0.0, 2.1972246], [3.0, 3.0], weights=[0.75, 0.25])
    torch.testing.assert_close(logits[0].softmax(-1), torch.tensor([0.2, 0.8]))
    only = of([0.0, 2.0], [3.0, 3.0], weights=[1.0, 0.0])
    torch.testing.assert_close(only[0].softmax(-1), torch.tensor([0.0, 2.0]).softmax(-1))
    assert of([1.0, 2.0], [3.0, 6.0], weights=[0.75, 0.25], average="outputs")[0].tolist() == [1.5, 3.0]


@pytest.mark.parametrize("weights", [[1.0], [0.5, 0.6], [-0.5, 1.5]])
def test_weights_are_shares_of_the_members(weights):
    with pytest.raises(ValueError, match=r"^weights must be"):
        of([0.0, 1.0], [1.0, 0.0], weights=weights)


def test_a_part_of_an_ensemble_is_the_mean_of_some_members():
    members = [partial(Says, logits) for logits in ([0.0, 1.0], [2.0, 0.0], [5.0, 5.0])]
    ensemble = Ensemble(members, 4, 2, weights=[0.2, 0.6, 0.2])
    some = Ensemble(members[:2], 4, 2, weights=[0.25, 0.75])
    torch.testing.assert_close(ensemble.part(range(2))(X, LENGTHS), some(X, LENGTHS))
    torch.testing.assert_close(ensemble.part([2])(X, LENGTHS).softmax(-1), torch.full((3, 2), 0.5))
    assert ensemble.part([1]).members[0] is ensemble.members[1]
