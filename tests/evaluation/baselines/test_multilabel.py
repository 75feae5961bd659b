"""The simple models of label sets: one a label, on features computed once."""

import numpy as np
import pytest
from lettered import examples

from dnaseq.evaluation.baselines import fitting, multilabel
from dnaseq.evaluation.baselines.classification import baselines
from dnaseq.evaluation.baselines.fitting import Examples, sample_rows, select_rows


def made_up(n: int, seed: int = 0) -> Examples:
    """Records rich in GC (first label), with many Gs for their Cs (second), in all four combinations."""
    rng = np.random.default_rng(seed)
    labels = np.column_stack([np.arange(n) % 2, np.arange(n) // 2 % 2]).astype(bool)
    shares = {
        (False, False): [0.3, 0.3, 0.1, 0.3],
        (False, True): [0.3, 0.1, 0.3, 0.3],
        (True, False): [0.1, 0.6, 0.2, 0.1],
        (True, True): [0.1, 0.2, 0.6, 0.1],
    }
    drawn = ["".join(rng.choice(list("ACGT"), 80, p=shares[tuple(pair)])) for pair in labels.tolist()]
    return examples(drawn, labels)


def got(train: Examples, test: Examples, seed: int = 0) -> dict[str, np.ndarray]:
    return multilabel.multilabel_baselines(train, test, seed)


def test_frequencies_are_those_of_training():
    train = examples(["A", "C", "G", "T"], np.array([[1, 0], [0, 0], [0, 1], [0, 1]]))
    assert got(train, examples(["A"], np.zeros((1, 2))))["frequencies"].tolist() == [[0.25, 0.5]]


def test_each_label_is_found_by_those_who_can_see_it():
    train, test = made_up(80), made_up(80, 1)
    right = {name: ((p >= 0.5) == test.labels).mean(axis=0) for name, p in got(train, test).items()}
    assert right["gc_length"][0] > 0.95
    assert right["gc_length"][1] < 0.7
    assert (right["kmer_logistic"] > 0.95).all()


def test_one_label_gets_the_probabilities_of_two_classes():
    train, test = made_up(40), made_up(15, 1)
    train, test = (
        e._replace(labels=np.column_stack([e.labels.all(axis=1), e.labels])) for e in (train, test)
    )
    (one, other) = (e._replace(labels=e.labels[:, 0].astype(int)) for e in (train, test))
    expected = baselines(one, other, 2, seed=0)
    found = got(train, test)
    for name in ("gc_length", "kmer_logistic"):
        assert found[name][:, 0] == pytest.approx(expected[name][:, 1], abs=1e-4)


@pytest.mark.parametrize("name", ["frequencies", "gc_length", "kmer_logistic"])
def test_a_label_of_all_training_records_or_none_is_always_answered_so(name):
    train = made_up(20)
    labels = np.column_stack([np.ones(20, bool), train.labels[:, 0], np.zeros(20, bool)])
    p = got(train._replace(labels=labels), made_up(5, 1)._replace(labels=np.zeros((5, 3))))[name]
    assert p.shape == (5, 3)
    assert (p[:, 0] == 1).all()
    assert (p[:, 2] == 0).all()


def test_records_are_answered_in_parts_alike(monkeypatch):
    train, test = made_up(40), made_up(23, 1)
    whole = got(train, test)["kmer_logistic"]
    monkeypatch.setattr(fitting, "BASES_AT_ONCE", 400)
    assert got(train, test)["kmer_logistic"] == pytest.approx(whole, abs=1e-6)


def test_a_sample_follows_from_the_seed_and_keeps_the_order():
    one, same, other = (sample_rows(50, 20, seed).tolist() for seed in (1, 1, 2))
    assert one == same != other
    assert one == sorted(set(one))
    assert len(one) == 20
    assert sample_rows(50, 50, 1).tolist() == list(range(50))


def test_many_labels_learn_from_fewer_records(monkeypatch):
    monkeypatch.setattr(multilabel, "MANY_LABELS", 1)
    monkeypatch.setattr(multilabel, "FEWER_RECORDS", 20)
    train, test = made_up(60), made_up(9, 1)
    few = got(select_rows(train, sample_rows(60, 20, 0)), test)["kmer_logistic"]
    assert got(train, test)["kmer_logistic"] == pytest.approx(few)
    assert fitting.MOST_RECORDS > 60  # the other models learn from all


@pytest.mark.parametrize("labels", [np.zeros((0, 2)), np.zeros(3), np.zeros((3, 0))])
def test_labels_of_another_shape_are_refused(labels):
    with pytest.raises(ValueError, match=r"training records with labels \(n, C\) are needed"):
        got(examples(["ACGT"] * len(labels), labels), examples(["A"], np.zeros((1, 2))))
