"""Shared by all tests: small data sets made on the spot, and a cache of parsed data of their own."""

import os

# Before NumPy is loaded: the suite runs in as many processes as there are cores, and so do those that tests start.
os.environ["OMP_NUM_THREADS"] = "1"

import copy
import gc
import multiprocessing
import random
from pathlib import Path

import pytest
import torch
from hydra._internal.config_repository import ConfigRepository
from hypothesis import settings
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from started_processes import SERVER

from dnaseq.evaluation.baselines import classification, penalty
from dnaseq.io import progress

settings.register_profile("dnaseq", deadline=None)  # on a busy machine, slow is not wrong
settings.load_profile("dnaseq")
ROOT = Path(__file__).parent.parent
# Files that take longest are begun first, so that no process waits at the end for another one.
LONG = (
    "rules/test_readme.py",
    "tasks/search/test_sweep_kills.py",
    "tasks/test_started_together.py",
    "tasks/commands/test_train.py",
    "distributed/test_ray_engine.py",
    "tasks/commands/test_sweep.py",
    "tasks/commands/test_predict.py",
    "tasks/pipeline/test_recipe.py",
    "tasks/pipeline/test_recipe_search.py",
    "tasks/test_on_ray.py",
    "tasks/test_resume.py",
    "tasks/test_mistakes.py",
    "tasks/search/test_plan.py",
    "tasks/commands/test_compare.py",
    "rules/test_conf.py",
    "tasks/pipeline/test_cross_validation.py",
    "rules/test_packaging.py",
    "training/test_processes.py",
)


def pytest_collection_modifyitems(items):
    rank = {name: i for i, name in enumerate(LONG)}
    items.sort(key=lambda item: rank.get(item.path.relative_to(ROOT / "tests").as_posix(), len(LONG)))


def pytest_collection_finish():
    """Modules and tests stay to the end, so that Python does not look through them again and again for garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    os.environ["DNASEQ_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    torch.set_num_threads(1)


@pytest.fixture(scope="session", autouse=True)
def _no_step_is_long():
    """No step has a line about its progress, however busy the machine is, unless a test asks for it."""
    progress.FIRST = 3600.0


@pytest.fixture(scope="session", autouse=True)
def _conf_is_read_once():
    """A process reads the files of conf/ once, and not at every composition, where that is a quarter of the time."""
    load, kept = ConfigRepository.load_config, {}

    def load_kept(repository, config_path):
        if any(source.scheme() == "file" for source in repository.sources):  # a test's own, which may change
            return load(repository, config_path)
        if config_path not in kept:
            kept[config_path] = load(repository, config_path)
        return copy.deepcopy(kept[config_path])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ConfigRepository, "load_config", load_kept)
        yield


@pytest.fixture
def vector_file(tmp_path):
    """vector_file("AA 1 2") -> the path of such a file of k-mer vectors."""

    def make(text: str) -> str:
        path = tmp_path / "v.txt"
        path.write_text(text)
        return str(path)

    return make


@pytest.fixture(scope="session")
def random_sequence():
    """random_sequence(length, seed=0, letters="ACGT") -> letters."""

    def make(length: int, seed: int = 0, letters: str = "ACGT") -> str:
        return "".join(random.Random(seed).choices(letters, k=length))

    return make


@pytest.fixture(scope="session")
def easy_fasta(tmp_path_factory, random_sequence):
    """Train and test FASTA of 96 and 32 records of 40 bases that GC content tells apart: labels rich and poor."""
    folder = tmp_path_factory.mktemp("easy")
    for name, first, count in (("train", 0, 96), ("test", 1000, 32)):
        with (folder / f"{name}.fa").open("w") as handle:
            for i in range(first, first + count):
                label, letters = ("rich", "ACGGCC") if i % 2 else ("poor", "AATTCG")
                handle.write(f">r{i} label={label}\n{random_sequence(40, i, letters)}\n")
    return folder


@pytest.fixture(scope="module")
def quick_pictures():
    """Figures of reports are made, but their SVG and PNG are empty: these are half of a small training."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Figure, "draw_without_rendering", lambda figure: None)
        empty = '<svg viewBox="0 0 1 1"></svg>'
        patch.setattr(FigureCanvasSVG, "print_svg", lambda canvas, file, metadata: file.write(empty))
        patch.setattr(FigureCanvasAgg, "print_png", lambda canvas, file, metadata: None)
        yield


@pytest.fixture(scope="module")
def penalties():
    """Those that quick baselines are chosen from."""
    return (penalty.DEFAULT.penalty,)


@pytest.fixture(scope="module")
def quick_baselines(penalties):
    """Baselines are two linear models and not five, and do not have the best of eight penalties: half of a small
    training."""
    every = classification.every_feature_set

    def some(examples, stranded):
        return {n: own for n, own in every(examples, stranded).items() if n in ("kmer", "gapped")}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(classification, "every_feature_set", some)
        patch.setattr(penalty, "PENALTIES", penalties)
        yield


@pytest.fixture(scope="module")
def quick_processes():
    """Processes that dnaseq spawns are forked from one that has imported it already, which is most of what they do."""
    original = multiprocessing.get_context

    def forked(method=None):
        return SERVER if method == "spawn" else original(method)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(multiprocessing, "get_context", forked)
        yield
