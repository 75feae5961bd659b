"""The best linear model as numbers, and the same as a network."""

import numpy as np
import pytest
import torch
from lettered import examples

from dnaseq.encode.onehot import OneHot
from dnaseq.evaluation.baselines import feature_sets
from dnaseq.evaluation.linear_model import best_linear_model, best_share
from dnaseq.models.linear_profile import LinearProfile

OPTIONS = {
    "kmer": {"counts": True},
    "kmer_canonical": {"counts": True, "canonical": True},
    "position": {"counts": False, "positions": 40},
    "kmer_position": {"counts": True, "positions": 40},
}


def records(random_sequence, site: str, at: int | None, both: bool = False):
    """160 records of 40 bases, half of which hold a site, at one place or anywhere, on one strand or on both."""
    turned = site.translate(str.maketrans("ACGT", "TGCA"))[::-1]
    sequences = []
    for i in range(160):
        sequence, place = random_sequence(40, i), i % 30 if at is None else at
        put = turned if both and i % 4 == 1 else site
        sequences.append(sequence[:place] + put + sequence[place + len(site) :] if i % 2 else sequence)
    sequences[0] = "N" + sequences[0][1:]
    return examples(sequences, [i % 2 for i in range(160)])


@pytest.mark.parametrize(
    ("site", "at", "both", "name"),
    [
        ("GATTACAG", None, True, "kmer_canonical"),
        ("GATTACAG", None, False, "kmer"),
        ("A", 20, False, "position"),
    ],
)
def test_a_network_with_its_numbers_answers_the_same(random_sequence, site, at, both, name):
    some = records(random_sequence, site, at, both)
    linear = best_linear_model(some, 2, seed=1)
    assert linear.name == name
    due = linear.probabilities(some, stranded=False)
    assert np.mean(due.argmax(1) == some.labels) > 0.9
    net = LinearProfile(4, 2, **OPTIONS[name])
    with torch.no_grad():
        net.classify.weight.copy_(torch.from_numpy(linear.weights))
        net.classify.bias.copy_(torch.from_numpy(linear.biases))
        codes = torch.from_numpy(np.asarray(some.codes)).view(160, 40)
        answer = net(OneHot()(codes), None).softmax(1)
    np.testing.assert_allclose(answer.numpy(), due, atol=1e-5)


def test_counts_beside_positions_stand_in_the_same_order(random_sequence):
    some = records(random_sequence, "GATTACAG", None)
    features = feature_sets(some, stranded=False)["kmer_position"].features(some)
    net = LinearProfile(4, 2, **OPTIONS["kmer_position"])
    weights = np.random.default_rng(0).normal(size=(2, features.shape[1])).astype(np.float32)
    with torch.no_grad():
        net.classify.weight.copy_(torch.from_numpy(weights))
        codes = torch.from_numpy(np.asarray(some.codes)).view(160, 40)
        answer = net(OneHot()(codes), None)
    np.testing.assert_allclose(answer.numpy(), features @ weights.T, atol=1e-4)


def test_too_few_records_have_no_linear_model(random_sequence):
    assert best_linear_model(examples([random_sequence(20, i) for i in range(8)], [0, 1] * 4), 2, 1) is None


def test_a_class_without_a_record_is_not_answered(random_sequence):
    linear = best_linear_model(records(random_sequence, "GATTACAG", None), 3, 1)
    assert linear.probabilities(records(random_sequence, "GATTACAG", None), False)[:, 2].max() < 1e-6


@pytest.mark.parametrize(("own", "beside", "share"), [(0.9, 0.6, 0.0), (0.6, 0.9, 1.0), (0.7, 0.7, 0.0)])
def test_the_share_of_the_linear_model_is_what_helps(own, beside, share):
    truth = np.array([0, 1, 0, 1])

    def said(right: float) -> np.ndarray:
        return np.array([[right, 1 - right], [1 - right, right]] * 2)

    assert best_share(truth, said(own), said(beside)) == share


def test_two_that_err_on_different_records_are_better_together():
    truth = np.array([0, 0])
    assert 0 < best_share(truth, np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([[0.2, 0.8], [0.9, 0.1]])) < 1
