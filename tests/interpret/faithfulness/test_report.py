"""Measures of an explanation beside its curves: completeness, agreement, random networks, cautions."""

import numpy as np
import pytest
import torch

from dnaseq.interpret.faithfulness import report
from dnaseq.interpret.faithfulness.measures import incompleteness, random_network, rank_correlations, ratio
from dnaseq.interpret.faithfulness.report import describe
from dnaseq.interpret.faithfulness.selection import measure
from dnaseq.interpret.logit import Logit
from dnaseq.interpret.methods.explanation import MethodSettings
from dnaseq.io.atomic import write_json
from dnaseq.io.results.explanation import Faithfulness
from dnaseq.io.results.run_files import read_record
from dnaseq.schemas import IdentityLink

HIDDEN = "model.encoder.hidden=4"


@pytest.fixture(scope="module")
def logit(predictor_of):
    return Logit(predictor_of("attention", HIDDEN))


@pytest.fixture(scope="module")
def measured(logit, records):
    return measure(logit, *records([24] * 6), ["ig", "ism", "attention"], MethodSettings(steps=50))


def described(logit, measured, method, **settings):
    return describe(logit, measured, method, False, MethodSettings(**settings), records=100)


def test_integrated_gradients_of_more_steps_are_more_complete(logit, records):
    codes, lengths = records([24] * 6)
    found = []
    for steps in (1, 50):
        settings = MethodSettings(steps=steps)
        of_steps = measure(logit, codes, lengths, ["ig", "ism"], settings)
        found.append(describe(logit, of_steps, "ig", False, settings, 6).completeness.value)
    assert found[1] < found[0] / 5
    assert found[1] < 0.02


def test_only_integrated_gradients_promise_a_sum(logit, measured):
    assert described(logit, measured, "ism").completeness is None


def test_two_methods_that_agree_have_a_correlation_near_1(logit, measured):
    found = described(logit, measured, "ig")
    assert (found.agreement_with, found.agreement.value > 0.8) == ("ism", True)
    assert "those of in-silico mutagenesis" in found.agreement.meaning
    assert described(logit, measured, "ism").agreement.value == found.agreement.value


def test_a_random_network_has_the_same_weights_in_another_order(logit, measured):
    other = random_network(logit, seed=1)
    for name, weight in other.predictor.net.named_parameters():
        own = dict(logit.predictor.net.named_parameters())[name]
        torch.testing.assert_close(weight.flatten().sort().values, own.flatten().sort().values)
        assert weight.numel() < 20 or not torch.equal(weight, own)
    assert described(logit, measured, "ig").random_network.value < 0.8


def test_cautions_say_what_a_reader_should_know(logit, measured):
    found = described(logit, measured, "attention")
    assert report.ATTENTION in found.cautions
    assert report.ATTENTION not in described(logit, measured, "ig").cautions


def test_a_model_that_says_the_same_of_everything_is_told_of(predictor_of, records):
    linear = {"_target_": "dnaseq.models.linear_profile.LinearProfile", "positions": 24}
    logit = Logit(predictor_of("cnn", wrap=lambda _: linear))
    of_nothing = measure(logit, *records([24] * 6), ["ism", "occlusion"], MethodSettings())
    found = describe(logit, of_nothing, "ism", False, MethodSettings(), 6)
    assert found.cautions == [report.NOTHING]
    assert found.agreement.value is None
    assert found.random_network.value is None


def test_the_record_is_read_as_it_was_written(logit, measured, tmp_path):
    found = described(logit, measured, "ig")
    write_json(tmp_path / "f.json", found)
    assert read_record(tmp_path / "f.json", Faithfulness) == found


def test_measures_of_made_numbers():
    rng = np.random.default_rng(0)
    assert incompleteness(np.array([1.0, 2.0]), np.array([2.0, 2.0]), rng).value == 0.25
    assert ratio(np.zeros(3), np.zeros(3), rng).value is None
    codes = np.zeros((3, 5), dtype=np.uint8)
    codes[:, 4] = 4  # not counted
    first = np.array([[1, 2, 3, 4, 9], [1, 2, 3, 4, 9], [1, 1, 1, 1, 9]], dtype=float)
    second = np.array([[10, 20, 30, 40, 0], [4, 3, 2, 1, 0], [1, 2, 3, 4, 0]], dtype=float)
    np.testing.assert_allclose(rank_correlations(first, second, codes), [1, -1, np.nan])


def test_a_predicted_number_is_marked(logit, measured, predictor_of, records):
    assert not described(logit, measured, "ig").of_number
    link = IdentityLink(mean=[3.0], sd=[2.0])
    number = Logit(predictor_of("gru", HIDDEN, classes=("y",), task="regression", link=link))
    found = measure(number, *records([24] * 4), ["ig", "ism"], MethodSettings(steps=1))
    assert described(number, found, "ig").of_number
