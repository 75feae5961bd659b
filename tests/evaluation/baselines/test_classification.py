"""The simple models: what they see, and what they promise."""

import numpy as np
import pytest
from lettered import examples

from dnaseq.evaluation.baselines import classification as module
from dnaseq.evaluation.baselines import fitting
from dnaseq.evaluation.baselines.classification import Examples, baselines, cross_validated

NAMES = [
    *("majority", "gc_length", "kmer_logistic", "kmer_canonical_logistic"),
    *("position_logistic", "kmer_position_logistic", "gapped_kmer"),
]


def drawn(n: int, shares: list[list[float]], seed: int = 0, length: int = 60) -> Examples:
    """n records of classes in turn; each class draws A, C, G, T with its own shares."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % len(shares)
    return examples(["".join(rng.choice(list("ACGT"), length, p=shares[c])) for c in labels], labels)


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
        examples(["A", "C", "G", "T"], np.array([0, 0, 0, 1])), examples(["A"], np.array([1])), 2, 0
    )
    assert p["majority"].tolist() == [[0.75, 0.25]]


def test_gc_content_is_found():
    got = baselines(drawn(80, [GC_POOR, GC_RICH]), drawn(80, [GC_POOR, GC_RICH], seed=1), 2, 0)
    assert accuracy(got["gc_length"], drawn(80, [GC_POOR, GC_RICH], seed=1)) > 0.95


def test_length_is_found():
    train = examples(["ACGT" * (5 + 10 * (i % 2)) for i in range(40)], np.arange(40) % 2)
    assert accuracy(baselines(train, train, 2, 0)["gc_length"], train) == 1


def test_composition_beyond_gc_is_found_by_kmers_alone():
    test = drawn(80, [EVEN, MIRRORED], seed=1)
    got = baselines(drawn(80, [EVEN, MIRRORED]), test, 2, 0)
    assert accuracy(got["gc_length"], test) < 0.7
    assert accuracy(got["kmer_logistic"], test) > 0.95


@pytest.mark.parametrize("name", NAMES)
def test_class_without_training_records_gets_probability_zero(name):
    train = drawn(40, [GC_POOR, GC_RICH])
    p = baselines(train._replace(labels=train.labels * 2), train, 3, 0)[name]
    assert (p[:, 1] == 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_single_class_in_training_is_always_predicted(name):
    p = baselines(examples(["ACGT"] * 3, [1, 1, 1]), examples(["TTTT"]), 2, 0)[name]
    assert p.tolist() == [[0, 1]]


def test_same_seed_gives_the_same_probabilities(monkeypatch):
    monkeypatch.setattr(module, "MOST_TO_LEARN_FROM", 30)
    train, test = drawn(90, [GC_POOR, EVEN]), drawn(9, [GC_POOR, EVEN], seed=1)
    one, same, other = (baselines(train, test, 2, seed)["kmer_logistic"] for seed in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()


def test_test_records_are_answered_in_parts_alike(monkeypatch):
    train, test = drawn(40, [GC_POOR, EVEN]), drawn(23, [GC_POOR, EVEN], seed=1)
    whole = baselines(train, test, 2, 0)["kmer_logistic"]
    monkeypatch.setattr(fitting, "BASES_AT_ONCE", 300)
    assert baselines(train, test, 2, 0)["kmer_logistic"] == pytest.approx(whole, abs=1e-6)


@pytest.mark.parametrize("labels", [[], [0, 2], [0, -1]])
def test_labels_that_cannot_be_learnt_are_refused(labels):
    with pytest.raises(ValueError, match="training records with labels from 0 to 1"):
        baselines(examples(["ACGT"] * len(labels), np.array(labels)), examples(["A"], np.array([0])), 2, 0)


def motifs(n: int, seed: int, turned: bool = False) -> Examples:
    """Records of two classes; one holds TGACTCAT somewhere, on either strand if `turned`."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    drawn_letters = rng.choice(list("ACGT"), (n, 40))
    for row in np.flatnonzero(labels):
        motif = "ATGAGTCA" if turned and rng.random() < 0.5 else "TGACTCAT"
        at = rng.integers(32)
        drawn_letters[row, at : at + 8] = list(motif)
    return examples(["".join(letters) for letters in drawn_letters], labels)


def test_a_word_on_either_strand_is_found_better_by_those_who_read_both():
    found = cross_validated(motifs(240, 0, turned=True), 2, seed=0)
    assert found["kmer_canonical"].log_loss < found["kmer"].log_loss < found["position"].log_loss


def test_a_base_at_a_position_is_found_by_position():
    rng = np.random.default_rng(0)
    letters = rng.choice(list("ACGT"), (200, 30))
    labels = np.arange(200) % 2
    letters[:, 7] = np.array(["A", "C"])[labels]
    found = cross_validated(examples(["".join(row) for row in letters], labels), 2, seed=0)
    assert found["position"].log_loss < 0.1 < 0.6 < found["kmer"].log_loss
    assert found["kmer_position"].log_loss < 0.3


def test_what_is_looked_at_depends_on_the_data():
    one_length, other = motifs(12, 0), examples(["ACGT" * (1 + i % 2) for i in range(12)], np.arange(12) % 2)
    assert list(cross_validated(one_length, 2, 0)) == ["kmer", "kmer_canonical", "position", "kmer_position"]
    assert list(cross_validated(other, 2, 0, stranded=True)) == ["kmer"]
    stranded = [*NAMES[:3], *NAMES[4:]]
    assert list(baselines(one_length, one_length, 2, 0, stranded=True)) == stranded
    assert list(baselines(other, other, 2, 0)) == [n for n in NAMES if "position" not in n]
    assert list(baselines(one_length, other, 2, 0)) == [n for n in NAMES if "position" not in n]


def test_a_sample_of_records_is_cross_validated(monkeypatch):
    every = module.feature_sets
    monkeypatch.setattr(module, "feature_sets", lambda *some: {"kmer": every(*some)["kmer"]})
    train = motifs(300, 0)
    few = cross_validated(train, 2, 0, most=150)["kmer"]
    assert few == cross_validated(train, 2, 0, most=150)["kmer"]
    assert few != cross_validated(train, 2, 0)["kmer"]
    assert np.isnan(cross_validated(train, 2, 0, most=50)["kmer"].log_loss)
