"""The best linear model as numbers, and the same as a network."""

import numpy as np
import pytest
import torch
from lettered import examples

from dnaseq.encode.onehot import OneHot
from dnaseq.evaluation.baselines import linear_model, penalty
from dnaseq.evaluation.baselines.classification import choose_penalty, cross_validated, every_feature_set
from dnaseq.evaluation.baselines.features import gapped_patterns
from dnaseq.evaluation.baselines.linear_model import best_linear_model, best_share
from dnaseq.models.linear_profile import LinearProfile

PLAIN = [range(k) for k in range(1, 7)]
OPTIONS = {
    "kmer": {"patterns": PLAIN},
    "kmer_canonical": {"patterns": PLAIN, "canonical": True},
    "position": {"positions": 40},
    "kmer_position": {"patterns": PLAIN, "positions": 40},
    "gapped": {"patterns": gapped_patterns(), "canonical": True},
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


@pytest.fixture(autouse=True)
def _few_penalties(monkeypatch):
    monkeypatch.setattr(penalty, "PENALTIES", (10.0, 1.0, 0.03))


@pytest.mark.parametrize("name", OPTIONS)
def test_a_network_with_its_numbers_answers_the_same(random_sequence, name):
    some = records(random_sequence, "GATTACAG", None)
    features = every_feature_set(some, stranded=False)[name].features(some)
    net = LinearProfile(4, 2, **OPTIONS[name])
    weights = np.random.default_rng(0).normal(size=(2, features.shape[1])).astype(np.float32)
    with torch.no_grad():
        net.classify.weight.copy_(torch.from_numpy(weights))
        codes = torch.from_numpy(np.asarray(some.codes)).view(160, 40)
        answer = net(OneHot()(codes), None)
    np.testing.assert_allclose(answer.numpy(), features @ weights.T, atol=1e-4)


@pytest.mark.parametrize(
    ("site", "at", "names"),
    [("GATTACAG", None, {"kmer", "gapped"}), ("A", 20, {"position", "kmer_position"})],
)
def test_the_best_linear_model_tells_the_classes_apart(random_sequence, site, at, names):
    some = records(random_sequence, site, at)
    linear = best_linear_model(some, 2, seed=1)
    assert linear.name in names
    assert np.mean(linear.probabilities(some, stranded=False).argmax(1) == some.labels) > 0.9


def test_known_penalties_are_not_looked_for_again(random_sequence, monkeypatch):
    some, asked = records(random_sequence, "A", 20), []

    def count(own, *arguments):
        asked.append(own)
        return choose_penalty(own, *arguments)

    expected = best_linear_model(some, 2, seed=1)
    known = cross_validated(some, 2, seed=1)
    monkeypatch.setattr(linear_model, "choose_penalty", count)
    found = best_linear_model(some, 2, seed=1, known=known)
    assert len(asked) == 1  # of k-mers with gaps
    np.testing.assert_array_equal(found.weights, expected.weights)


def test_records_of_another_length_have_no_answer_by_position(random_sequence):
    linear = best_linear_model(records(random_sequence, "A", 20), 2, seed=1)
    assert linear.probabilities(examples([random_sequence(30, i) for i in range(3)]), False) is None
    mixed = examples([random_sequence(40, 1), random_sequence(30, 2)])
    assert linear.probabilities(mixed, stranded=False) is None


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
