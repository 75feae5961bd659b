"""The origin of a result: the network that a training began with."""

from pathlib import Path

import pytest

from dnaseq.evaluation.comparison.results import Scores
from dnaseq.report.inputs.run_files import RunFiles
from dnaseq.report.sections.provenance import how_it_was_made
from dnaseq.schemas import InitialNetwork, SharedRecords, convert

TAKEN = InitialNetwork(
    bundle="runs/first", sha256="ab" * 32, model="cnn", encoding="onehot", data="enhancers", n=2868, weights=True,
    freeze="none", rate_decay=0.3, tensors=2, of_tensors=4, parameters=90, of_parameters=100, new=["head"],
    shared=SharedRecords(1, 2, 0, 3),
)  # fmt: skip
COMMAND = "dnaseq train init=runs/first 'data.train=my file.fa' run_dir=runs/second overwrite=true seed=2"


@pytest.fixture
def text(scores_of):
    """text(initial) -> the words of the section."""

    def make(initial: InitialNetwork) -> str:
        scores = convert(scores_of(["a", "b"]) | {"command": COMMAND}, Scores)
        values = {name: getattr(scores, name) for name in scores.__struct_fields__} | {"init": initial}
        run = RunFiles(Path("run"), "seed: 2", Scores(**values), *[None] * 7)
        return "".join(how_it_was_made(run))

    return make


def test_it_says_what_was_taken_from_which_bundle(text):
    found = text(TAKEN)
    assert (
        f"the network of runs/first (cnn-onehot, 2868 records of enhancers; SHA-256 of its weights {'ab' * 32})"
        in found
    )
    assert "2 of 4 tensors were taken, 90.0% of the weights; new: head; freeze=none, rate_decay=0.3." in found
    assert "It had learnt 3 of the test records (2 on the other strand), of which 3 were left out." in found


def test_it_gives_the_command_of_the_same_training_from_random_weights(text):
    assert "dnaseq train init=runs/first &#x27;data.train=my file.fa&#x27; seed=2 init_weights=false" in text(
        TAKEN
    )


def test_random_weights_are_called_so(text):
    values = {name: getattr(TAKEN, name) for name in TAKEN.__struct_fields__}
    found = text(InitialNetwork(**values | {"weights": False}))
    assert "trained from random weights, to compare with" in found
    assert "init_weights=false" not in found
