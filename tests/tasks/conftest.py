"""Tasks run as the program runs them, but in this process, where torch is imported already."""

import numpy as np
import pytest
from msgspec.structs import replace

from dnaseq.bundle.bundle import load_bundle, save_bundle
from dnaseq.bundle.inference.novelty_features import record_composition
from dnaseq.evaluation.decisions.novelty import novelty_reference
from dnaseq.io.sequences.reading import read_blocks
from dnaseq.tasks.explanations import run_explanation
from dnaseq.tasks.main import run_task
from dnaseq.tasks.pipeline import training_run

QUICK = (
    "recipe=none",
    "trainer=cpu",
    "batch_size=16",
    "max_epochs=3",
    "model.encoder.hidden=8",
    "optimizer.lr=0.02",
)


@pytest.fixture(scope="module", autouse=True)
def _quick(quick_pictures, quick_baselines):
    """Reports have quick pictures in all these tests, and quick baselines."""


@pytest.fixture(scope="session", autouse=True)
def _no_run_is_explained():
    """No training explains its test records, unless a test asks for it by `explained_runs`."""
    training_run.explain_run = lambda *_: None


@pytest.fixture
def explained_runs(monkeypatch):
    monkeypatch.setattr(training_run, "explain_run", run_explanation.explain_run)


@pytest.fixture
def without_pages(monkeypatch):
    """No report is drawn, which takes longer than a small training."""
    for name in (
        "pipeline.training_run",
        "commands.evaluate",
        "commands.interpret.explain",
        "runs.comparison",
        "search.result",
    ):
        monkeypatch.setattr(f"dnaseq.tasks.{name}.write_report", lambda *_: None)


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """run("predict", "input=a.fa", ...) -> (exit code, stdout, stderr), in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(task: str, *arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run_task(task, list(arguments))
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.fixture(scope="session")
def trained(easy_fasta, tmp_path_factory):
    """The run folder of a small GRU on data that it can learn."""
    folder = tmp_path_factory.mktemp("trained") / "run"
    data = ("data=fasta", f"data.train={easy_fasta}/train.fa", f"data.test={easy_fasta}/test.fa")
    assert run_task("train", ["model=gru", *data, *QUICK, f"run_dir={folder}"]) == 0
    return folder


@pytest.fixture(scope="session")
def described(trained, easy_fasta, tmp_path_factory):
    """The bundle of that GRU, with a description of its training records, which are too few to have one."""
    bundle = load_bundle(trained / "bundle")
    blocks = list(read_blocks(easy_fasta / "train.fa"))
    each = [record_composition(one, np.arange(len(one.headers)), bundle.spec.lengths) for one in blocks]
    features = np.concatenate(each)
    reference = novelty_reference(features, features, 0.05)
    folder = tmp_path_factory.mktemp("described") / "bundle"
    save_bundle(folder, replace(bundle.spec, novelty=reference), bundle.net)
    return folder
