"""Bundles of ensembles, and of networks that have more than weights: running statistics, a fixed length."""

import pytest
import torch
from msgspec.structs import replace

from dnaseq.build import build
from dnaseq.bundle.bundle import SPEC, load_bundle, save_bundle
from dnaseq.bundle.predictor import Predictor
from dnaseq.bundle.spec import read_spec

SEQUENCES = ["ACGTTGCAAC" * 6, "TTTTTGGGGGCCCAA", "ACG"]


@pytest.fixture(scope="module")
def members(tmp_path_factory, make_bundle):
    """Two bundles of different networks with one encoding."""
    folder = tmp_path_factory.mktemp("members")
    return [make_bundle(folder / model, model) for model in ("cnn", "gru")]


@pytest.fixture(scope="module")
def ensemble(tmp_path_factory, members):
    """A bundle of both, with their weights."""
    specs = [read_spec(folder / SPEC) for folder in members]
    described = [spec.architecture | {"_partial_": True} for spec in specs]
    architecture = {"_target_": "dnaseq.models.ensemble.Ensemble", "members": described}
    net = build(architecture, n_symbols=4, n_classes=2)
    for member, folder in zip(net.members, members, strict=True):
        member.load_state_dict(load_bundle(folder).net.state_dict())
    folder = tmp_path_factory.mktemp("ensemble") / "b"
    save_bundle(folder, replace(specs[0], architecture=architecture), net)
    return folder


def probabilities(folder):
    """Of the second class, for each of SEQUENCES."""
    answers = Predictor.load(folder, device="cpu").predict(SEQUENCES)
    return torch.tensor([answer.probabilities["pos"] for answer in answers])


def test_a_bundle_of_an_ensemble_answers_the_mean_of_its_members(ensemble, members):
    expected = torch.stack([probabilities(folder) for folder in members])
    assert not torch.allclose(expected[0], expected[1], atol=1e-2)
    torch.testing.assert_close(probabilities(ensemble), expected.mean(0), atol=2e-6, rtol=0)


@pytest.mark.parametrize("model", ["dilated_cnn", "mingru", "position_cnn_bilstm"])
@pytest.mark.parametrize("encoding", ["onehot", "kmer"])
def test_a_bundle_rebuilds_a_trained_network_from_its_description(tmp_path, make_bundle, model, encoding):
    fixed = {"policy": "pad", "length": 60}
    made = make_bundle(tmp_path / "a", model, encoding, lengths=fixed, overrides=["data.length=60"])
    spec, net, encode = read_spec(made / SPEC), load_bundle(made).net.train(), load_bundle(made).encoding
    codes, lengths = torch.randint(0, 4, (3, 60), dtype=torch.uint8), torch.tensor([60, 41, 7])
    net(encode(codes), encode.lengths(lengths))  # running statistics that are not those of the start
    save_bundle(tmp_path / "b", spec, net.eval())
    nets = net, load_bundle(tmp_path / "b").net, load_bundle(made).net
    with torch.inference_mode():
        expected, found, before = (one(encode(codes), encode.lengths(lengths)) for one in nets)
    torch.testing.assert_close(
        found, expected, atol=1e-5, rtol=0
    )  # logits: kernels round by the kind of tensor
    assert model == "mingru" or not torch.allclose(
        before, expected, atol=1e-3
    )  # mingru has no such statistics
