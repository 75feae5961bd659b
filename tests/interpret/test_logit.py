"""The explained number: what it is for every task, strand, length and ensemble."""

import numpy as np
import pytest
import torch

from dnaseq.encode.alphabet import to_letters
from dnaseq.errors import ConfigError, InputError
from dnaseq.interpret.logit import Logit
from dnaseq.schemas import IdentityLink

SMALL = ("model.encoder.hidden=4",)
TILED = {"policy": "tile", "length": 12}


def texts(codes, lengths):
    return [to_letters(row[:n]) for row, n in zip(codes, lengths.tolist(), strict=True)]


def onehot_logits(logit, codes, lengths):
    x = logit.predictor.encoding.bases(torch.from_numpy(codes))
    with torch.no_grad():
        return logit.of_onehot(x, torch.from_numpy(lengths)).double().numpy()


def test_of_two_classes_it_is_the_log_odds_of_the_prediction(predictor_of, records):
    predictor = predictor_of("gru", *SMALL)
    codes, lengths = records([20, 7, 13])
    logits = Logit(predictor).of_codes(codes, lengths)
    shares = [one.probabilities["pos"] for one in predictor.predict(texts(codes, lengths))]
    np.testing.assert_allclose(1 / (1 + np.exp(-logits)), shares, atol=1e-6)
    np.testing.assert_allclose(Logit(predictor, "neg").of_codes(codes, lengths), -logits)


def test_of_three_classes_it_is_the_log_odds_of_the_named_one(predictor_of, records):
    predictor = predictor_of("gru", *SMALL, classes=("a", "b", "c"))
    codes, lengths = records([20, 7, 13])
    found = Logit(predictor, "b").scores(codes, lengths)
    shares = np.array([one.probabilities["b"] for one in predictor.predict(texts(codes, lengths))])
    np.testing.assert_allclose(found.logits, np.log(shares / (1 - shares)), atol=1e-5)
    np.testing.assert_allclose(found.probabilities, shares, atol=1e-7)


def test_of_labels_and_numbers_it_is_the_output(predictor_of, records):
    codes, lengths = records([20, 7, 13])
    labels = predictor_of("gru", *SMALL, task="multilabel")
    shares = [one.probabilities["neg"] for one in labels.predict(texts(codes, lengths))]
    np.testing.assert_allclose(
        1 / (1 + np.exp(-Logit(labels, "neg").of_codes(codes, lengths))), shares, atol=1e-6
    )
    link = IdentityLink(mean=[3.0], sd=[2.0])
    numbers = predictor_of("gru", *SMALL, classes=("y",), task="regression", link=link)
    found = Logit(numbers).scores(codes, lengths)
    values = [one.values["y"] for one in numbers.predict(texts(codes, lengths))]
    np.testing.assert_allclose(3 + 2 * found.logits, values, atol=1e-6)
    np.testing.assert_allclose(found.probabilities, values)


@pytest.mark.parametrize("policy", [None, TILED])
def test_of_labelled_bases_it_is_that_of_one_position(predictor_of, records, policy):
    entries = {"task": "labelling", **({"lengths": policy} if policy else {})}
    predictor = predictor_of("labeller_bilstm", "model.encoder.hidden=4", classes=("x", "y", "z"), **entries)
    codes, lengths = records([20, 17, 13])
    logit = Logit(predictor, "z", position=11)
    found = logit.scores(codes, lengths)
    shares = np.array([one.bases[11, 2] for one in predictor.predict(texts(codes, lengths))])
    np.testing.assert_allclose(found.probabilities, shares, atol=1e-6)
    np.testing.assert_allclose(onehot_logits(logit, codes, lengths), found.logits, atol=1e-5)
    with pytest.raises(InputError, match=r"13 bases has no position 13 \(0-based\)"):
        Logit(predictor, "z", position=13).of_codes(codes, lengths)


@pytest.mark.parametrize("strands", ["one", "both"])
@pytest.mark.parametrize("lengths", [None, {"policy": "trim", "length": 10}, TILED])
@pytest.mark.parametrize("kind", ["onehot", "onehot_kmer"])
def test_the_smooth_logit_is_that_of_the_codes(predictor_of, records, strands, lengths, kind):
    entries = {"lengths": lengths} if lengths else {}
    predictor = predictor_of("attention", f"encoding={kind}", *SMALL, strands=strands, **entries)
    codes, sizes = records([20, 7, 13, 31])
    logit = Logit(predictor)
    np.testing.assert_allclose(onehot_logits(logit, codes, sizes), logit.of_codes(codes, sizes), atol=1e-5)


def ensemble(average):
    def wrap(architecture):
        member = {**architecture, "_partial_": True}
        target = "dnaseq.models.ensemble.Ensemble"
        return {"_target_": target, "members": [member, member], "average": average}

    return wrap


@pytest.mark.parametrize("average", ["probabilities", "outputs"])
def test_an_ensemble_has_one_logit(predictor_of, records, average):
    predictor = predictor_of("gru", *SMALL, wrap=ensemble(average))
    codes, lengths = records([20, 7, 13])
    logit = Logit(predictor)
    shares = [one.probabilities["pos"] for one in predictor.predict(texts(codes, lengths))]
    np.testing.assert_allclose(1 / (1 + np.exp(-logit.of_codes(codes, lengths))), shares, atol=1e-6)
    np.testing.assert_allclose(
        onehot_logits(logit, codes, lengths), logit.of_codes(codes, lengths), atol=1e-5
    )


def test_the_logit_of_windows_is_the_mean_of_theirs(predictor_of, records):
    logit = Logit(predictor_of("gru", *SMALL, lengths=TILED))
    codes, lengths = records([24])
    parts = logit.of_codes(codes.reshape(2, 12))
    np.testing.assert_allclose(logit.of_codes(codes, lengths), parts.mean(), atol=1e-6)


def test_where_gradients_stop_it_says_so(predictor_of, records):
    of_ids = Logit(predictor_of("gru", "encoding=kmer", *SMALL))
    assert not of_ids.differentiable
    codes, lengths = records([20, 7])
    assert of_ids.of_codes(codes, lengths).shape == (2,)
    with pytest.raises(ConfigError, match=r"gradients stop at the ids of encoding kmer\. Use method=ism"):
        of_ids.of_onehot(torch.rand(20, 2, 4))
    assert Logit(predictor_of("gru", *SMALL)).differentiable


@pytest.mark.parametrize(
    ("classes", "target", "position", "message"),
    [
        ("abc", None, None, r"has the classes a, b, c\. Set target="),
        ("abc", "d", None, r"target=d: the bundle has the classes a, b, c\. Set target= to one of them"),
        ("ab", None, 3, r"position=3: the bundle labels whole records\. Leave position out"),
    ],
)
def test_a_target_that_is_not_clear_is_refused(predictor_of, classes, target, position, message):
    predictor = predictor_of("gru", *SMALL, classes=tuple(classes))
    with pytest.raises(ConfigError, match=message):
        Logit(predictor, target, position)


def test_labelled_bases_need_a_position(predictor_of):
    predictor = predictor_of("labeller_cnn", classes=("x", "y"), task="labelling")
    with pytest.raises(ConfigError, match="Set position="):
        Logit(predictor)
    with pytest.raises(ConfigError, match="position must be a whole number of at least 0; got -1"):
        Logit(predictor, position=-1)


def test_a_record_that_the_bundle_refuses_is_refused(predictor_of, records):
    logit = Logit(predictor_of("gru", *SMALL, lengths={"policy": "pad", "length": 10}))
    with pytest.raises(InputError, match="length 13 is over 10"):
        logit.of_codes(*records([13]))
