"""Gradients: against captum, completeness, and what they are for a linear model."""

import numpy as np
import pytest
import torch
from captum import attr

from dnaseq.encode.alphabet import N
from dnaseq.errors import ConfigError
from dnaseq.interpret.logit import Logit
from dnaseq.interpret.methods.choices import explain
from dnaseq.interpret.methods.explanation import MethodSettings
from dnaseq.interpret.methods.gradients import baseline_logits

SETTINGS = MethodSettings()
SMALL = {
    "cnn": (),
    "bilstm": ("model.encoder.hidden=4",),
    "attention": ("model.encoder.hidden=4", "encoding=onehot_kmer"),
}


@pytest.fixture(scope="module", params=SMALL)
def logit(predictor_of, request):
    return Logit(predictor_of(request.param, *SMALL[request.param]))


def forward(logit, lengths):
    """(n, L, 4) shares -> (n,): captum has the records first."""

    def call(x):
        return logit.of_onehot(x.transpose(0, 1), torch.from_numpy(np.tile(lengths, len(x) // len(lengths))))

    return call


def test_integrated_gradients_are_those_of_captum(logit, records):
    codes, lengths = records([40, 25, 33])
    x = logit.predictor.encoding.bases(torch.from_numpy(codes)).transpose(0, 1)
    baseline = torch.where(x.sum(-1, keepdim=True) > 0, 0.25, 0.0).expand_as(x)
    due = attr.IntegratedGradients(forward(logit, lengths)).attribute(
        x, baseline, n_steps=25, method="riemann_middle"
    )
    found = explain(logit, codes, lengths, "ig", SETTINGS)
    np.testing.assert_allclose(found.values, due.sum(-1).detach(), atol=1e-5)


def test_gradient_times_input_is_that_of_captum_but_for_the_correction(logit, records):
    codes, lengths = records([40, 25, 33])
    x = logit.predictor.encoding.bases(torch.from_numpy(codes)).transpose(0, 1)
    slopes = attr.Saliency(forward(logit, lengths)).attribute(x.requires_grad_(), abs=False).numpy()
    due = (x.detach().numpy() * (slopes - slopes.mean(-1, keepdims=True))).sum(-1)
    found = explain(logit, codes, lengths, "gradient_input", SETTINGS)
    np.testing.assert_allclose(found.values, due, atol=1e-5)


@pytest.mark.parametrize("baseline", ["uniform", "shuffles"])
def test_integrated_gradients_sum_to_the_difference_from_the_baseline(predictor_of, records, baseline):
    logit = Logit(predictor_of("bilstm", *SMALL["bilstm"], strands="both"))
    codes, lengths = records([40, 25, 33])
    codes[0, 5:9] = N
    settings = MethodSettings(baseline, steps=200, shuffles=3)
    found = explain(logit, codes, lengths, "ig", settings).values.sum(axis=1)
    due = logit.of_codes(codes, lengths) - baseline_logits(logit, codes, lengths, settings)
    assert np.abs(due).max() > 0.01
    np.testing.assert_allclose(found, due, atol=2e-4)


def test_shuffles_of_a_record_do_not_depend_on_the_records_beside_it(predictor_of, records):
    logit = Logit(predictor_of("cnn"))
    codes, lengths = records([40, 25, 33])
    settings = MethodSettings("shuffles", steps=2, shuffles=3)
    found = explain(logit, codes, lengths, "ig", settings).values
    alone = explain(logit, codes[1:2, :25], lengths[1:2], "ig", settings).values
    np.testing.assert_allclose(alone[0], found[1, :25], atol=1e-6)
    assert (
        np.abs(
            explain(logit, codes, lengths, "ig", MethodSettings("shuffles", 2, 3, seed=2)).values - found
        ).max()
        > 0
    )


def test_wrong_settings_are_refused():
    with pytest.raises(ConfigError, match="baseline must be one of uniform, shuffles; got 'zero'"):
        MethodSettings("zero")
    with pytest.raises(ConfigError, match="steps must be a whole number of at least 1; got 0"):
        MethodSettings(steps=0)
