"""The simple models: what they see, and what they promise."""

import numpy as np
import pytest

from dnaseq.evaluation import fitting
from dnaseq.evaluation.baselines import Examples, baselines, short_kmers

NAMES = ["majority", "gc_length", "kmer_logistic"]


def drawn(n: int, shares: list[list[float]], seed: int = 0, length: int = 60) -> Examples:
    """n records of classes in turn; each class draws A, C, G, T with its own shares."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % len(shares)
    return Examples(["".join(rng.choice(list("ACGT"), length, p=shares[c])) for c in labels], labels)


GC_POOR, GC_RICH = [0.4, 0.1, 0.1, 0.4], [0.1, 0.4, 0.4, 0.1]
EVEN, MIRRORED = [0.4, 0.4, 0.1, 0.1], [0.1, 0.1, 0.4, 0.4]  # GC content is the same


def accuracy(probabilities: np.ndarray, examples: Examples) -> float:
    return np.mean(probabilities.argmax(axis=1) == examples.labels)


@pytest.mark.parametrize("name", NAMES)
def test_each_baseline_gives_probabilities(name):
    train, test = drawn(60, [GC_POOR, GC_RICH, EVEN]), drawn(11, [GC_POOR, GC_RICH, EVEN], seed=1)
    p = baselines(train, test, 3, seed=0)[name]
    assert p.shape == (11, 3)
    assert p.sum(axis=1) == pytest.approx(np.ones(11), abs=1e-12)


def test_majority_is_the_training_frequencies():
    p = baselines(
        Examples(["A", "C", "G", "T"], np.array([0, 0, 0, 1])), Examples(["A"], np.array([1])), 2, 0
    )
    assert p["majority"].tolist() == [[0.75, 0.25]]


def test_gc_content_is_found():
    got = baselines(drawn(80, [GC_POOR, GC_RICH]), drawn(80, [GC_POOR, GC_RICH], seed=1), 2, 0)
    assert accuracy(got["gc_length"], drawn(80, [GC_POOR, GC_RICH], seed=1)) > 0.95


def test_length_is_found():
    train = Examples(["ACGT" * (5 + 10 * (i % 2)) for i in range(40)], np.arange(40) % 2)
    assert accuracy(baselines(train, train, 2, 0)["gc_length"], train) == 1


def test_composition_beyond_gc_is_found_by_kmers_alone():
    test = drawn(80, [EVEN, MIRRORED], seed=1)
    got = baselines(drawn(80, [EVEN, MIRRORED]), test, 2, 0)
    assert accuracy(got["gc_length"], test) < 0.7
    assert accuracy(got["kmer_logistic"], test) > 0.95


def test_the_kmers_are_those_of_one_to_five_letters():
    got = short_kmers(Examples(["ACGTACGT"], np.array([0])))
    assert got.shape == (1, 4 + 16 + 64 + 256 + 1024)
    assert got.sum() * 8 == pytest.approx(8 + 7 + 6 + 5 + 4)


@pytest.mark.parametrize("name", NAMES)
def test_class_without_training_records_gets_probability_zero(name):
    train = drawn(40, [GC_POOR, GC_RICH])
    p = baselines(Examples(train.sequences, train.labels * 2), train, 3, 0)[name]
    assert (p[:, 1] == 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_single_class_in_training_is_always_predicted(name):
    p = baselines(Examples(["ACGT"] * 3, np.array([1, 1, 1])), Examples(["TTTT"], np.array([0])), 2, 0)[name]
    assert p.tolist() == [[0, 1]]


def test_same_seed_gives_the_same_probabilities(monkeypatch):
    monkeypatch.setattr(fitting, "MOST_RECORDS", 30)
    train, test = drawn(90, [GC_POOR, EVEN]), drawn(9, [GC_POOR, EVEN], seed=1)
    one, same, other = (baselines(train, test, 2, seed)["kmer_logistic"] for seed in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()


def test_test_records_are_answered_in_parts_alike(monkeypatch):
    train, test = drawn(40, [GC_POOR, EVEN]), drawn(23, [GC_POOR, EVEN], seed=1)
    whole = baselines(train, test, 2, 0)["kmer_logistic"]
    monkeypatch.setattr(fitting, "RECORDS_AT_ONCE", 5)
    assert baselines(train, test, 2, 0)["kmer_logistic"] == pytest.approx(whole, abs=1e-6)


@pytest.mark.parametrize("labels", [[], [0, 2], [0, -1]])
def test_labels_that_cannot_be_learnt_are_refused(labels):
    with pytest.raises(ValueError, match="training records with labels from 0 to 1"):
        baselines(Examples(["ACGT"] * len(labels), np.array(labels)), Examples(["A"], np.array([0])), 2, 0)
