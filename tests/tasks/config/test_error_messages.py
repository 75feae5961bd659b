"""Messages for errors of configuration."""

import pytest
from hydra.errors import HydraException

from dnaseq.tasks.config.error_messages import explain, join_messages, unknown_key

KEYS = (
    *("model", "seed", "max_epochs", "batch_size", "run_dir", "optimizer.lr", "trainer", "data", "data.train"),
    *("data.label", "data.source.train", "model.encoder", "model.encoder.hidden", "encoding"),
    "model.encoder.parts.recurrent.hidden",
)  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("modle", "model"),
        ("Model", "model"),
        ("max_epoch", "max_epochs"),
        ("epochs", "max_epochs=N"),
        ("lr", "optimizer.lr"),
        ("learning_rate", "optimizer.lr=NUMBER"),
        ("hidden", "model.encoder.hidden"),
        ("hiden", "model.encoder.hidden"),
        ("model.encoder.hiden", "model.encoder.hidden"),
        ("train", "data.train"),
        ("train.pos", "data.train.pos"),
        ("gpus", "trainer=gpu (train, sweep) or device=gpu (predict, evaluate)"),
        ("fasta", "data=fasta data.train=FILE"),
        ("peaks", "data=regions data.train=PEAKS.bed data.genome=G.fa"),
        ("outdir", "run_dir=FOLDER"),
    ],
)
def test_an_unknown_key_gets_the_one_that_was_meant(typed, meant):
    assert unknown_key(typed, list(KEYS)) == f"unknown key {typed!r}. Did you mean {meant}?"


@pytest.mark.parametrize("typed", ["zzz", "input_file", "foo.bar"])
def test_a_key_that_is_like_no_other_gets_the_help(typed):
    assert unknown_key(typed, list(KEYS)) == f"unknown key {typed!r}. --help lists the keys"


def test_a_known_key_is_not_called_unknown():
    error = HydraException(
        "Could not override 'sweep.space'.\nTo append to your config use +sweep.space={a: 1}"
    )
    told = explain(error)
    assert told == "sweep.space does not hold these keys here. Write ++sweep.space=... to add to it"


def test_negatives_without_regions_are_told_where_they_belong():
    told = explain(HydraException("Could not override 'negatives'.\nNo match in the defaults list."))
    assert told.startswith("negatives= belongs to regions of a genome. Write data=regions")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("model/bilstmm", "model=bilstmm: no such choice. Did you mean bilstm? Choose from: bilstm, gru"),
        ("model/BiLSTM", "model=BiLSTM: no such choice. Did you mean bilstm? Choose from: bilstm, gru"),
        (
            "data/my.bed",
            "data=my.bed: no such choice. Write data=regions data.train=my.bed data.genome=GENOME.fa. "
            "Choose from: bilstm, gru",
        ),
        ("model/resnet", "model=resnet: no such choice. Choose from: bilstm, gru"),
        ("encoding/6mer", "encoding=6mer: no such choice. Write encoding=kmer encoding.k=6. Choose from: bilstm, gru"),
        (
            "encoding/kmer6",
            "encoding=kmer6: no such choice. Write encoding=kmer encoding.k=6. Choose from: bilstm, gru",
        ),
    ],
)  # fmt: skip
def test_an_unknown_choice_lists_the_choices(typed, told):
    options = f"Available options in '{typed.split('/')[0]}':\n\tbilstm\n\tgru\nConfig search path:\n\tx"
    assert explain(HydraException(f"In 'train': Could not find '{typed}'\n\n{options}")) == told


def test_any_other_error_is_cut_to_its_first_line():
    assert explain(HydraException("first\nsecond")) == "first"


def test_several_messages_are_one_line_as_long_as_a_line_may_be():
    assert join_messages(["a is wrong"]) == "a is wrong"
    assert join_messages(["is it a?", "b", "c"]) == "is it a? Also: b. Also: c"
    many = join_messages([f"message number {i} of many" for i in range(100)])
    assert len(many) < 300
    assert many.startswith("message number 0 of many. Also: message number 1 of many. Also: ")
    assert many.endswith(f". And {100 - many.count('message')} more")
