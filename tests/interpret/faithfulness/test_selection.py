"""Curves, and the choice of a method, on models whose truth is known."""

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from dnaseq.encode.alphabet import N
from dnaseq.interpret.faithfulness.curves import SHARES, curves_of_values, make_trial, random_curves
from dnaseq.interpret.faithfulness.selection import measure, measured_methods
from dnaseq.interpret.logit import Logit
from dnaseq.interpret.methods.choices import explain
from dnaseq.interpret.methods.explanation import MethodSettings
from dnaseq.io.results.explanation import RANDOM
from dnaseq.schemas import Estimate

LENGTH = 40
SETTINGS = MethodSettings(steps=4)
POSITIONS = {"_target_": "dnaseq.models.linear_profile.LinearProfile", "positions": LENGTH}


@pytest.fixture(scope="module")
def linear(predictor_of):
    """A logit that counts on eight positions alone."""
    predictor = predictor_of("cnn", wrap=lambda _: POSITIONS)
    weights = torch.zeros(2, LENGTH, 4)
    weights[1, 10:18] = torch.eye(4).repeat(2, 1) * 20 - 5
    predictor.net.classify.weight.data[:] = weights.flatten(1)
    return Logit(predictor)


@pytest.fixture(scope="module")
def half(records):
    """Records with what the model looks for, and records that have all of it wrong."""
    codes, lengths = records([LENGTH] * 10)
    codes[:5, 10:18] = np.tile(np.arange(4), 2)
    codes[5:, 10:18] = (np.tile(np.arange(4), 2) + 1) % 4
    return codes, lengths


def test_the_first_bases_of_a_right_order_are_all_that_counts(linear, half):
    trial = make_trial(linear, *half, np.random.default_rng(0))
    assert trial.sign.tolist() == [1] * 5 + [-1] * 5
    values = explain(linear, *half, "ism", SETTINGS).values
    curves = curves_of_values(linear, trial, values, is_signed=True)
    fifth = SHARES.index(0.2)  # eight bases
    total = np.abs(trial.own - trial.empty)
    np.testing.assert_allclose(curves.insertion[:, fifth], total, atol=1e-4)
    np.testing.assert_allclose(curves.deletion[:, fifth], total, atol=1e-4)
    chance = random_curves(linear, trial, np.random.default_rng(0))
    assert (chance.insertion.mean(axis=0)[:4] < curves.insertion.mean(axis=0)[:4] / 2).all()


def test_letters_that_are_no_base_are_neither_replaced_nor_counted(linear, half):
    codes, lengths = half[0].copy(), half[1]
    codes[:, :10] = N
    trial = make_trial(linear, codes, lengths, np.random.default_rng(0))
    assert (trial.replaced[:, :, :10] == N).all()
    assert (trial.replaced[:, :, 10:] != codes[:, 10:]).all()
    values = np.where(codes == N, 100.0, 0.0) + explain(linear, codes, lengths, "ism", SETTINGS).values
    curves = curves_of_values(linear, trial, values, is_signed=True)
    total = np.abs(trial.own - trial.empty)
    np.testing.assert_allclose(curves.insertion[:, SHARES.index(0.3)], total, atol=1e-4)  # nine of thirty


def test_the_best_method_comes_first_and_chance_last(linear, half):
    measured = measure(linear, *half, ["occlusion", "ism"], SETTINGS)
    assert [one.method for one in measured.methods][-1] == RANDOM
    best, other, chance = (one.faithfulness for one in measured.methods)
    assert measured.best == measured.methods[0].method
    assert best.value >= other.value > chance.value
    assert best.low <= best.value <= best.high
    assert best.value == pytest.approx(0.75, abs=0.05)  # four, six and eight of eight bases


def test_attention_weights_are_measured_and_never_chosen(predictor_of, records):
    logit = Logit(predictor_of("attention", "model.encoder.hidden=4"))
    measured = measure(logit, *records([20] * 4), ["attention", "gradient"], SETTINGS)
    assert measured.best == "gradient"
    assert {one.method for one in measured.methods} == {"attention", "gradient", RANDOM}


@pytest.mark.parametrize(
    ("method", "due"),
    [
        ("auto", ["gradient", "gradient_input", "ig", "ism", "occlusion", "attention"]),
        ("ig", ["ig", "ism", "attention"]),
        ("ism", ["ig", "ism", "attention"]),
    ],
)
def test_a_typed_method_is_measured_beside_one_other(predictor_of, method, due):
    assert measured_methods(Logit(predictor_of("attention", "model.encoder.hidden=4")), method) == due


def test_of_a_constant_model_nothing_is_measured_and_the_quickest_method_is_taken(predictor_of, half):
    logit = Logit(predictor_of("cnn", wrap=lambda _: POSITIONS))  # its weights are zeros
    measured = measure(logit, *half, ["ism", "occlusion"], SETTINGS)
    assert measured.best == "occlusion"
    for one in measured.methods:
        assert one.faithfulness.value is None
        assert set(one.deletion.mean) == set(one.insertion.high) == {0.0}


def test_of_methods_that_are_as_good_the_quickest_is_taken(predictor_of, records):
    logit = Logit(predictor_of("cnn", "model.encoder.filters=4"))
    measured = measure(logit, *records([20] * 4), ["ism", "ig"], SETTINGS)
    for difference, due in ((0.005, "ig"), (0.05, "ism")):
        shares = {"ism": 0.5, "ig": 0.5 - difference, RANDOM: 0.9}
        methods = [
            replace(one, faithfulness=Estimate(shares[one.method], None, None)) for one in measured.methods
        ]
        assert measured._replace(methods=methods).best == due
