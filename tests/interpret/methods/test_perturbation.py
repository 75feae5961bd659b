"""Mutagenesis and occlusion: against plain loops, and what they are for a linear model."""

import numpy as np
import pytest
import torch

from dnaseq.encode.alphabet import N
from dnaseq.interpret.logit import Logit
from dnaseq.interpret.methods.choices import explain
from dnaseq.interpret.methods.explanation import MethodSettings
from dnaseq.interpret.methods.perturbation import STRETCH

SETTINGS = MethodSettings()


@pytest.fixture(scope="module", params=["encoding=onehot", "encoding=kmer"])
def logit(predictor_of, request):
    return Logit(predictor_of("gru", request.param, "model.encoder.hidden=4", options={"batch_size": 64}))


def score(logit, row):
    return float(logit.of_codes(row[None])[0])


def test_mutagenesis_is_that_of_a_plain_loop(logit, records):
    codes, lengths = records([12, 8])
    found = explain(logit, codes, lengths, "ism", SETTINGS)
    for row, n in enumerate(lengths.tolist()):
        record = codes[row, :n]
        for position in range(n):
            each = []
            for base in range(4):
                changed = record.copy()
                changed[position] = base
                each.append(score(logit, changed))
            for base in range(4):
                others = [each[other] for other in range(4) if other != base]
                due = np.mean([each[base] - other for other in others])
                assert found.hypothetical[row, position, base] == pytest.approx(due, abs=1e-5)
            assert found.values[row, position] == found.hypothetical[row, position, record[position]]


def test_occlusion_is_that_of_a_plain_loop(logit, records):
    codes, lengths = records([12, 8])
    found = explain(logit, codes, lengths, "occlusion", SETTINGS).values
    around = STRETCH // 2
    for row, n in enumerate(lengths.tolist()):
        record, losses = codes[row, :n], []
        for middle in range(n):
            hidden = record.copy()
            hidden[max(middle - around, 0) : middle + around + 1] = N
            losses.append(score(logit, record) - score(logit, hidden))
        due = [np.mean(losses[max(p - around, 0) : p + around + 1]) for p in range(n)]
        np.testing.assert_allclose(found[row, :n], due, atol=1e-5)


def test_of_a_linear_model_mutagenesis_is_exact(predictor_of, records):
    architecture = {
        "_target_": "dnaseq.models.linear_profile.LinearProfile",
        "positions": 12,
    }
    predictor = predictor_of("cnn", wrap=lambda _: architecture)
    weights = torch.randn(2, 12, 4)
    predictor.net.classify.weight.data[:] = weights.flatten(1)
    logit = Logit(predictor)
    assert not logit.differentiable
    codes, lengths = records([12, 9])
    found = explain(logit, codes, lengths, "ism", SETTINGS)
    slope = (weights[1] - weights[0]).numpy() / 12**0.5  # (12, 4)
    due = (slope - slope.mean(axis=1, keepdims=True)) * 4 / 3
    np.testing.assert_allclose(found.hypothetical[0], due, atol=1e-5)
    np.testing.assert_allclose(found.hypothetical[1, :9], due[:9], atol=1e-5)


def test_mutagenesis_is_that_of_tangermeme(predictor_of, records):
    theirs = pytest.importorskip("tangermeme.saturation_mutagenesis")
    logit = Logit(predictor_of("cnn"))
    codes, lengths = records([20, 20])

    class Model(torch.nn.Module):
        def forward(self, x):
            return logit.of_onehot(x.float().permute(2, 0, 1))[:, None]

    x = logit.predictor.encoding.bases(torch.from_numpy(codes)).permute(1, 2, 0).contiguous()
    due = theirs.saturation_mutagenesis(Model(), x, hypothetical=True, device="cpu", fast=False)  # mean 0
    found = explain(logit, codes, lengths, "ism", SETTINGS).hypothetical
    np.testing.assert_allclose(found, due.detach().permute(0, 2, 1) * (4 / 3), atol=1e-5)
