"""Shared by the tests of the front door: small sequences, and an estimator that trains on them in a second."""

import pytest

import dnaseq
from dnaseq.tasks.pipeline import training_run

SMALL = {"model.encoder.hidden": 8, "optimizer.lr": 0.02}


@pytest.fixture(scope="module", autouse=True)
def _quick(quick_pictures, quick_baselines):
    """Reports have quick pictures in all these tests, and quick baselines."""


@pytest.fixture(scope="session", autouse=True)
def _no_run_is_explained():
    training_run.explain_run = lambda *_: None


@pytest.fixture
def no_pages(monkeypatch):
    """No report is drawn, which takes longer than a small training."""
    monkeypatch.setattr(training_run, "write_report", lambda *_: None)


@pytest.fixture(scope="session")
def made(easy_fasta):
    """The training records of easy_fasta: 96 sequences that GC content tells apart."""
    return dnaseq.read(easy_fasta / "train.fa")


@pytest.fixture(scope="session")
def small():
    """small(**settings) -> a classifier that is trained in a second."""

    def make(kind=None, config=None, **settings):
        usual = {"model": "rnn", "recipe": "none", "max_epochs": 1, "batch_size": 16, "device": "cpu"}
        return (kind or dnaseq.DnaClassifier)(**{**usual, **settings}, config=SMALL | (config or {}))

    return make
