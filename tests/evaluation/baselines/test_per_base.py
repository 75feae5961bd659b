"""The simple models of labelled bases: what they see around a base, and what they promise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lettered import examples

from dnaseq.evaluation.baselines import per_base
from dnaseq.evaluation.baselines.per_base import LabelledBases, bases_around, gc_around, places

NAMES = ["majority", "gc_window", "window_logistic"]
SEQUENCES = st.lists(st.text("ACGTNS", max_size=20), min_size=1, max_size=5)


def bases(sequences: list[str], labels: list[np.ndarray]) -> LabelledBases:
    return LabelledBases(*examples(sequences)[:3], labels)


def made_up(records: int, seed: int = 0) -> LabelledBases:
    """A base is labelled 1 where the base before it is G."""
    rng = np.random.default_rng(seed)
    drawn = ["".join(rng.choice(list("ACGT"), n)) for n in rng.integers(20, 60, records)]
    return bases(drawn, [np.array([0] + [int(c == "G") for c in s[:-1]]) for s in drawn])


def got(train: LabelledBases, test: LabelledBases, n_classes: int = 2, seed: int = 0):
    return per_base.labelling_baselines(train, test, n_classes, seed)


@settings(max_examples=40)
@given(SEQUENCES)
def test_the_letters_around_are_those_of_a_plain_loop(sequences):
    rows = [
        [s[i + j] == base if 0 <= i + j < len(s) else False for j in range(-5, 6) for base in "ACGT"]
        for s in sequences
        for i in range(len(s))
    ]
    assert (
        bases_around(places(bases(sequences, []))).toarray().tolist()
        == np.array(rows, float).reshape(-1, 44).tolist()
    )


@settings(max_examples=40)
@given(SEQUENCES)
def test_gc_around_is_that_of_a_plain_loop(sequences):
    expected = []
    for s in (s * 12 for s in sequences):  # longer than the window
        for i in range(len(s)):
            window = s[max(i - 50, 0) : i + 51]
            expected.append(sum(c in "GCS" for c in window) / len(window))
    found = gc_around(places(bases([s * 12 for s in sequences], [])))
    assert found.shape == (len(expected), 1)
    assert found[:, 0] == pytest.approx(expected)


@pytest.mark.parametrize("name", NAMES)
def test_each_baseline_gives_probabilities_of_every_base(name):
    test = made_up(7, 1)
    found = got(made_up(20), test, 3)[name]
    assert [p.shape for p in found] == [(length, 3) for length in test.lengths]
    assert np.concatenate(found).sum(axis=1) == pytest.approx(1)
    assert (np.concatenate(found)[:, 2] == 0).all()  # no training base is of this class


def test_majority_is_the_training_frequencies():
    train = bases(["ACGT", "A"], [np.array([0, 0, 0, 1]), np.array([1])])
    assert got(train, bases(["AC"], []))["majority"][0].tolist() == [[0.6, 0.4]] * 2


def test_the_base_before_is_found_in_the_window():
    test = made_up(20, 1)
    found = got(made_up(60), test)
    right = {
        name: np.mean(np.concatenate(found[name]).argmax(axis=1) == np.concatenate(test.labels))
        for name in NAMES
    }
    assert right["window_logistic"] > 0.99
    assert right["gc_window"] < 0.85


def test_gc_content_is_found():
    rng = np.random.default_rng(0)
    rich, poor = (
        "".join(rng.choice(list("ACGT"), 400, p=p)) for p in ([0.1, 0.4, 0.4, 0.1], [0.4, 0.1, 0.1, 0.4])
    )
    both = bases([rich + poor], [np.repeat([1, 0], 400)])
    found = got(both, both)["gc_window"][0]
    assert np.mean(found.argmax(axis=1) == both.labels[0]) > 0.95


@pytest.mark.parametrize("name", NAMES)
def test_single_class_in_training_is_always_predicted(name):
    train = bases(["ACGT"], [np.ones(4, int)])
    assert got(train, bases(["TT"], []))[name][0].tolist() == [[0, 1]] * 2


def test_a_sample_of_bases_follows_from_the_seed(monkeypatch):
    monkeypatch.setattr(per_base, "MOST_BASES", 100)
    train, test = made_up(30), made_up(5, 1)
    one, same, other = (got(train, test, seed=seed)["window_logistic"][0] for seed in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()


def test_sampled_bases_keep_what_stands_around_them():
    some = made_up(6)
    everything = bases_around(places(some)).toarray()
    chosen = np.array([0, 19, 20, 57, 58, 59, len(everything) - 1])
    assert bases_around(places(some, chosen)).toarray().tolist() == everything[chosen].tolist()


def test_records_are_answered_in_parts_alike(monkeypatch):
    train, test = made_up(20), made_up(9, 1)
    whole = got(train, test)["window_logistic"]
    monkeypatch.setattr(per_base, "BASES_AT_ONCE", 70)
    parts = got(train, test)["window_logistic"]
    assert [len(p) for p in parts] == [len(p) for p in whole]
    assert np.concatenate(parts) == pytest.approx(np.concatenate(whole))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([], "training bases with labels from 0 to 1"),
        ([[0, 2]], "training bases with labels from 0 to 1"),
        ([[0, -1]], "training bases with labels from 0 to 1"),
        ([[0, 1, 1]], "record 0: 3 labels for 2 bases"),
    ],
)
def test_labels_that_cannot_be_learnt_are_refused(labels, message):
    train = bases(["AC"] * len(labels), [np.array(of) for of in labels])
    with pytest.raises(ValueError, match=message):
        got(train, bases(["A"], []))
