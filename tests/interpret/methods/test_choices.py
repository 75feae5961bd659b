"""All methods: what they have in common, and which of them a model has."""

import numpy as np
import pytest
import torch

from dnaseq.encode.alphabet import COMPLEMENT, N
from dnaseq.errors import ConfigError
from dnaseq.interpret.logit import Logit
from dnaseq.interpret.methods.choices import METHODS, check_method, explain, methods_of
from dnaseq.interpret.methods.explanation import MethodSettings

SETTINGS = MethodSettings(steps=4)
HIDDEN = "model.encoder.hidden=4"


def reverse_complements(codes, lengths):
    other = codes.copy()
    for row, n in zip(other, lengths.tolist(), strict=True):
        row[:n] = COMPLEMENT[row[:n]][::-1].copy()
    return other


@pytest.mark.parametrize("method", METHODS)
def test_of_a_symmetric_model_the_other_strand_has_the_reverse(predictor_of, records, method):
    logit = Logit(predictor_of("attention", HIDDEN, strands="both"))
    codes, lengths = records([20, 11])
    given = explain(logit, codes, lengths, method, SETTINGS)
    other = explain(logit, reverse_complements(codes, lengths), lengths, method, SETTINGS)
    for row, n in enumerate(lengths.tolist()):
        np.testing.assert_allclose(other.values[row, :n], given.values[row, :n][::-1], atol=1e-5)
        if given.hypothetical is not None and other.hypothetical is not None:
            due = given.hypothetical[row, :n][::-1, ::-1]
            np.testing.assert_allclose(other.hypothetical[row, :n], due, atol=1e-5)
    assert np.abs(given.values).max() > 0.01


@pytest.mark.parametrize("method", METHODS)
def test_padding_and_letters_that_are_no_base_have_0(predictor_of, records, method):
    logit = Logit(predictor_of("attention", HIDDEN))
    codes, lengths = records([20, 11])
    codes[0, 3:6], codes[1, 0] = N, 6
    found = explain(logit, codes, lengths, method, SETTINGS)
    assert (found.values[codes >= N] == 0).all()
    assert (found.values[codes < N] != 0).mean() > 0.9
    if found.hypothetical is not None:
        assert (found.hypothetical[codes >= N] == 0).all()
        at_base = np.take_along_axis(
            found.hypothetical, np.where(codes < N, codes, 0)[..., None].astype(int), 2
        )
        np.testing.assert_allclose(at_base[..., 0], found.values)


@pytest.mark.parametrize("method", METHODS)
def test_a_record_has_the_same_beside_others_and_alone(predictor_of, records, method):
    logit = Logit(predictor_of("attention", HIDDEN, options={"batch_size": 16}))
    codes, lengths = records([20, 11, 17] * 7)
    found = explain(logit, codes, lengths, method, SETTINGS).values
    alone = explain(logit, codes[1:2, :11], lengths[1:2], method, SETTINGS).values
    np.testing.assert_allclose(found[1, :11], alone[0], atol=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_what_the_model_does_not_read_has_0(predictor_of, records, method):
    logit = Logit(predictor_of("attention", HIDDEN, lengths={"policy": "trim", "length": 10}))
    codes, lengths = records([20, 9])
    found = explain(logit, codes, lengths, method, SETTINGS).values
    if method != "occlusion":  # its stretches reach over the ends
        assert (found[0, :5] == 0).all()
        assert (found[0, 15:] == 0).all()
    assert (found[0, 6:14] != 0).all()


@pytest.mark.parametrize(
    ("model", "overrides", "due"),
    [
        ("attention", [HIDDEN], list(METHODS)),
        ("cnn", [], ["gradient", "gradient_input", "ig", "ism", "occlusion"]),
        ("attention", [HIDDEN, "encoding=kmer"], ["ism", "occlusion", "attention"]),
    ],
)
def test_a_model_has_the_methods_that_suit_it(predictor_of, model, overrides, due):
    logit = Logit(predictor_of(model, *overrides))
    assert methods_of(logit) == due
    for method in set(METHODS) - set(due):
        with pytest.raises(
            ConfigError, match=f"method={method}: (gradients stop at|the model has no attention pool)"
        ):
            check_method(logit, method)


def test_an_unknown_method_is_refused(predictor_of):
    with pytest.raises(ConfigError, match=r"method must be auto or one of gradient, .*; got 'deeplift'"):
        check_method(Logit(predictor_of("cnn")), "deeplift")


@pytest.mark.parametrize("encoding", ["onehot", "kmer", "onehot_kmer"])
@pytest.mark.parametrize("model", ["cnn_attention", "dot_attention"])
def test_attention_weights_of_a_record_sum_to_1(predictor_of, records, model, encoding):
    logit = Logit(predictor_of(model, f"encoding={encoding}"))
    codes, lengths = records([60, 41])
    found = explain(logit, codes, lengths, "attention", SETTINGS).values
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)


def test_attention_weights_are_those_of_the_pool(predictor_of, records):
    logit = Logit(predictor_of("attention", HIDDEN))
    net, (codes, lengths) = logit.predictor.net, records([20, 20])
    with torch.no_grad():
        due = net.pool.weights(net.encode(logit.predictor.encoding(torch.from_numpy(codes)), None)).T
    np.testing.assert_allclose(explain(logit, codes, lengths, "attention", SETTINGS).values, due, atol=1e-6)
