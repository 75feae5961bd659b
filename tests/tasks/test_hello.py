"""The smallest sequence that a recurrent network is taught, in every tutorial: it reads hello and says ohlol.

Four symbols are needed, h, e, l and o, and DNA has four: A, C, G and T stand for them. The second l has another
label than the first, so what was read before must be remembered.
"""

import csv

import numpy as np
import torch

from dnaseq.bundle.predictor import Predictor
from dnaseq.data.dataset import parse_source
from dnaseq.data.records.lengths import LengthPolicy
from dnaseq.data.sources.files import Fasta
from dnaseq.data.targets.per_base import BaseLabels
from dnaseq.encode.onehot import OneHot
from dnaseq.io.sequences.reading import Reading
from dnaseq.models.classifier import SequenceLabeller
from dnaseq.models.embed import Dense
from dnaseq.models.encoders.recurrent import Recurrent
from dnaseq.models.head import Linear
from dnaseq.training.losses import CrossEntropy

HELLO = "hello".translate(str.maketrans("helo", "ACGT"))


def test_a_small_rnn_reads_hello_and_says_ohlol(tmp_path):
    (tmp_path / "hello.fa").write_text(f">hello label=ohlol\n{HELLO}\n")
    store, _ = parse_source(Fasta(str(tmp_path / "hello.fa")), Reading())
    targets = BaseLabels(store)
    windows = LengthPolicy().windows(np.asarray(store.lengths))
    x, y = OneHot()(torch.from_numpy(np.array(store.codes)[None])), torch.from_numpy(targets.batch(windows))
    torch.manual_seed(1)
    encoder = lambda d_in: Recurrent(d_in, "rnn_tanh", hidden=5)  # noqa: E731
    net = SequenceLabeller(Dense, encoder, Linear, n_symbols=4, n_classes=len(targets.names))
    loss, optimizer = CrossEntropy(**targets.facts(np.array([0]))), torch.optim.Adam(net.parameters(), 0.1)
    for _ in range(100):
        losses, weights = loss(net(x, torch.tensor([5])), y)
        optimizer.zero_grad()
        (losses.sum() / weights.sum()).backward()
        optimizer.step()
    said = net(x, torch.tensor([5]))[:, 0].argmax(-1)  # (5,)
    assert "".join(targets.names[letter] for letter in said) == "ohlol"


def test_so_does_one_that_is_trained_on_the_command_line(run, tmp_path):
    for part, copies in (("train", 160), ("val", 4), ("test", 4)):
        text = "".join(f">{part}{i} label=ohlol\n{HELLO}\n" for i in range(copies))
        (tmp_path / f"{part}.fa").write_text(text)
    model = ("model.encoder.cell=rnn_tanh", "model.encoder.bidirectional=false", "model.encoder.hidden=5")
    data = ("data=fasta", *(f"data.{part}={part}.fa" for part in ("train", "val", "test")), "leaks=keep")
    settings = (
        "recipe=none",
        "max_epochs=3",
        "batch_size=4",
        "optimizer.lr=0.05",
        "trainer=cpu",
        "run_dir=out",
    )
    code, _, err = run("train", "task=labelling", *model, *data, *settings)
    assert code == 0, err
    (answer,) = Predictor.load("out/bundle", device="cpu").predict([HELLO])
    assert answer.label == "ohlol"
    with (tmp_path / "out" / "history.csv").open() as handle:
        assert float(list(csv.DictReader(handle))[-1]["val/accuracy"]) == 1
