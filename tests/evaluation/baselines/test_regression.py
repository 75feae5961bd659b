"""The simple models of numbers, and of counts."""

import numpy as np
import pytest
from lettered import examples
from sklearn.linear_model import Ridge

from dnaseq.evaluation.baselines import fitting, regression
from dnaseq.evaluation.baselines.features import gc_and_length
from dnaseq.evaluation.baselines.fitting import Examples


def made_up(n: int, seed: int = 0, length: int = 60) -> Examples:
    """The first number is the GC content, the second how often CG stands there, both with noise."""
    rng = np.random.default_rng(seed)
    gc = rng.uniform(0.2, 0.8, n)
    drawn = [
        "".join(rng.choice(list("ACGT"), length, p=[(1 - g) / 2, g / 2, g / 2, (1 - g) / 2])) for g in gc
    ]
    seen = [[(s.count("G") + s.count("C")) / length, s.count("CG")] for s in drawn]
    return examples(drawn, np.array(seen) + rng.normal(0, [0.01, 0.3], (n, 2)))


def got(train: Examples, test: Examples, **more) -> dict[str, np.ndarray]:
    return regression.regression_baselines(train, test, 0, **more)


def correlations(predicted: np.ndarray, examples: Examples) -> np.ndarray:
    return np.array([np.corrcoef(predicted[:, t], examples.labels[:, t])[0, 1] for t in range(2)])


def test_mean_is_that_of_training():
    train = examples(["A", "C"], np.array([[1.0, 10.0], [2.0, 30.0]]))
    assert got(train, examples(["A"], np.zeros((1, 2))))["mean"].tolist() == [[1.5, 20]]


def test_each_number_is_found_by_those_who_can_see_it():
    test = made_up(100, 1)
    found = got(made_up(200), test)
    assert correlations(found["gc_length"], test)[0] > 0.98
    assert correlations(found["gc_length"], test)[1] < correlations(found["kmer_ridge"], test)[1]
    assert correlations(found["kmer_ridge"], test).min() > 0.9


def test_gc_and_length_are_a_ridge_regression():
    train, test = made_up(50), made_up(9, 1)
    x, z = gc_and_length(train)[:, :1], gc_and_length(test)[:, :1]  # one length only
    mean, sd = x.mean(), x.std()
    ridge = Ridge(alpha=1.0).fit((x - mean) / sd, train.labels[:, 0])
    assert got(train, test)["gc_length"][:, 0] == pytest.approx(ridge.predict((z - mean) / sd))


def test_a_target_has_the_same_answers_alone_and_beside_others():
    train, test = made_up(60), made_up(9, 1)
    noise = np.random.default_rng(5).normal(size=60)  # which asks for another penalty
    both = got(train._replace(labels=np.column_stack([noise, train.labels[:, 0]])), test)
    alone = got(train._replace(labels=train.labels[:, :1]), test)
    for name in both:
        assert both[name][:, 1:] == pytest.approx(alone[name])


@pytest.mark.parametrize("counts", [False, True])
def test_a_number_that_is_always_the_same_stays_that(counts):
    train = made_up(30)
    labels = np.column_stack([np.full(30, 2.0), np.arange(30)])
    for predicted in got(train._replace(labels=labels), made_up(5, 1), counts=counts).values():
        assert predicted.shape == (5, 2)
        assert (predicted[:, 0] == 2).all()


def test_rates_of_counts_are_above_zero_and_those_they_were_drawn_with():
    train, test = made_up(300), made_up(100, 1)
    rates = np.exp(4 * train.labels[:, :1])
    counted = train._replace(labels=np.random.default_rng(2).poisson(rates))
    found = got(counted, test, counts=True)
    assert all((predicted > 0).all() for predicted in found.values())
    off = np.log(found["gc_length"][:, 0]) - 4 * test.labels[:, 0]
    assert np.abs(off).mean() < 0.1  # of the numbers' own noise, 4 * 0.01 on average 0.03, and of the fit


@pytest.mark.parametrize("counts", [False, True])
def test_records_are_answered_in_parts_alike(monkeypatch, counts):
    train, test = made_up(40), made_up(23, 1)
    train = train._replace(labels=np.abs(train.labels))
    whole = got(train, test, counts=counts)["kmer_ridge"]
    monkeypatch.setattr(fitting, "BASES_AT_ONCE", 300)
    assert got(train, test, counts=counts)["kmer_ridge"] == pytest.approx(whole, rel=1e-5)


@pytest.mark.parametrize(
    ("labels", "counts", "message"),
    [
        (np.zeros((0, 1)), False, r"training records with numbers \(n, T\) are needed"),
        (np.zeros(3), False, r"training records with numbers \(n, T\) are needed"),
        (np.array([[1.0], [-1.0]]), True, "counts must not be below 0"),
    ],
)
def test_what_cannot_be_learnt_is_refused(labels, counts, message):
    with pytest.raises(ValueError, match=message):
        got(examples(["ACGT"] * len(labels), labels), examples(["A"], np.zeros((1, 1))), counts=counts)
