"""CONTRIBUTING.md is right: the way through `dnaseq train`, the layers, and every worked example."""

import importlib
import inspect
import json
import re
import runpy
import signal
import sys
from pathlib import Path

import pytest
from omegaconf import DictConfig

import dnaseq
from dnaseq.bundle.predictor import Predictor
from dnaseq.cli import main
from dnaseq.tasks.main import run_task

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text()
MOST_STEPS = 16  # of the way through a training, so that a reader can hold them in mind
QUICK = ("recipe=none", "trainer=cpu", "max_epochs=1", "batch_size=32")


def section(title: str) -> str:
    return GUIDE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def first_cells(text: str) -> list[str]:
    """The names in code at the beginning of a table's rows."""
    return re.findall(r"^\| `([^`]+)` \|", text, re.M)


@pytest.fixture
def easy_data(easy_fasta) -> list[str]:
    return ["data=fasta", f"data.train={easy_fasta}/train.fa", f"data.test={easy_fasta}/test.fa"]


@pytest.fixture
def without_pages(monkeypatch):
    for name in ("write_report", "explain_run"):
        monkeypatch.setattr(f"dnaseq.tasks.pipeline.training_run.{name}", lambda *_: None)


@pytest.fixture
def program(monkeypatch):
    """program("train", "model=gru", ...) runs the program in this process, which keeps its signals and variables."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")

    def run(*arguments: str) -> None:
        monkeypatch.setattr(sys, "argv", ["dnaseq", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0

    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)


class Trace:
    """Files of dnaseq/ that a run enters; `configured` are those in which a function gets a DictConfig."""

    def __init__(self):
        self.entered: dict[str, bool] = {}  # file -> is it of dnaseq
        self.configured: set[str] = set()

    def __call__(self, frame, event: str, _) -> None:
        if event != "call":
            return
        file, code = frame.f_code.co_filename, frame.f_code
        is_own = self.entered.setdefault(file, file.startswith(dnaseq.__path__[0]))
        if is_own and file not in self.configured:
            names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
            if any(isinstance(frame.f_locals.get(name), DictConfig) for name in names):
                self.configured.add(file)


def relative(files) -> set[str]:
    return {Path(file).relative_to(ROOT).as_posix() for file in files}


def test_the_way_through_a_training_is_the_one_it_takes(
    program, easy_data, tmp_path, without_pages, quick_baselines
):
    listed = re.findall(r"^\d+\. `(dnaseq/\S+\.py)`: ", section("Following `dnaseq train`"), re.M)
    assert len(listed) <= MOST_STEPS
    trace = Trace()
    sys.setprofile(trace)
    try:
        program("train", "model=gru", "model.encoder.hidden=8", *easy_data, *QUICK, f"run_dir={tmp_path}/run")
    finally:
        sys.setprofile(None)
    assert relative(trace.configured) - set(listed) == set(), "take the configuration and are not listed"
    entered = relative(file for file, is_own in trace.entered.items() if is_own)
    assert set(listed) - entered == set(), "are listed and not entered"


def test_the_functions_on_the_way_are_there():
    for path, told in re.findall(r"^\d+\. `(dnaseq/\S+\.py)`: (.*)", GUIDE, re.M):
        defined = re.findall(r"^def (\w+)", (ROOT / path).read_text(), re.M)
        assert set(re.findall(r"`(\w+)`", told)) <= set(defined), path


def test_every_layer_is_named():
    modules = {path.name for path in (ROOT / "dnaseq").iterdir() if not path.name.startswith("_")}
    assert {Path(name).name for name in first_cells(section("The layers"))} == modules - {"py.typed"}


class Example:
    """The files of a worked example in a folder of their own, in which they are found as if they were in the tree."""

    def __init__(self, title: str, folder: Path, monkeypatch):
        self.folder = folder
        self.tests: list[Path] = []
        for block in re.findall(r"```(?:python|yaml)\n(# .*?)```", section(title), re.S):
            first, _, text = block.partition("\n")
            if first.startswith("# in "):
                self._extend(first.removeprefix("# in "), text, monkeypatch)
            else:
                self._write(first.removeprefix("# "), text, monkeypatch)

    def _write(self, name: str, text: str, monkeypatch) -> None:
        assert not (ROOT / name).exists(), name
        assert (ROOT / name).parent.is_dir(), name
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if name.startswith("tests/"):
            self.tests.append(path)
        elif path.suffix == ".py":
            module = importlib.import_module(".".join(path.parent.relative_to(self.folder).parts))
            monkeypatch.setattr(module, "__path__", [*module.__path__, str(path.parent)])
            monkeypatch.delattr(module, path.stem, raising=False)
            monkeypatch.delitem(sys.modules, f"{module.__name__}.{path.stem}", raising=False)

    def _extend(self, name: str, text: str, monkeypatch) -> None:
        """What is added to a module of dnaseq."""
        module = importlib.import_module(name.removesuffix(".py").replace("/", "."))
        namespace = dict(vars(module))
        exec(compile(text, name, "exec"), namespace)
        for added in namespace.keys() - vars(module).keys():
            monkeypatch.setattr(module, added, namespace[added], raising=False)

    def run_tests(self) -> None:
        found = 0
        for path in self.tests:
            for name, value in runpy.run_path(str(path)).items():
                if name.startswith("test_"):
                    value(**dict.fromkeys(inspect.signature(value).parameters, self.folder))
                    found += 1
        assert found


@pytest.fixture
def example(tmp_path, monkeypatch):
    def make(title: str) -> Example:
        return Example(title, tmp_path, monkeypatch)

    return make


@pytest.mark.parametrize("what", ["model", "encoding", "metric", "prediction task"])
def test_the_tests_of_each_worked_example_pass(what, example):
    example(f"How to add {'an' if what == 'encoding' else 'a'} {what}").run_tests()


def test_the_model_and_the_encoding_that_are_added_train(
    example, easy_data, tmp_path, monkeypatch, without_pages, quick_baselines
):
    example("How to add a model")
    example("How to add an encoding")
    monkeypatch.chdir(tmp_path)
    chosen = ["--config-dir", "conf", "model=gated_cnn", "encoding=chemical"]
    assert run_task("train", [*chosen, *easy_data, *QUICK, "run_dir=run"]) == 0
    spec = json.loads((tmp_path / "run" / "bundle" / "spec.json").read_text())
    assert spec["encoding"]["_target_"] == "dnaseq.encode.chemical.Chemical"
    [answer] = Predictor.load("run/bundle").predict(["ACGT" * 10])
    assert answer.label in ("poor", "rich")


def test_the_tables_of_a_prediction_task_are_all_listed():
    listed = first_cells(section("How to add a prediction task"))
    of_another = {"dnaseq/data/targets/per_base.py", "dnaseq/evaluation/metrics/per_base.py"}
    found = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "dnaseq").rglob("*.py")
        if "PER_BASE" in path.read_text()
    }
    assert set(listed) == found - of_another


def test_every_file_that_is_named_exists():
    examples = set(re.findall(r"^# ((?:dnaseq|conf|tests)/\S+)$", GUIDE, re.M))
    prose = re.sub(r"```.*?```", "", GUIDE, flags=re.S)
    for name in re.findall(r"`((?:dnaseq|conf|tests|\.github)/[\w./]+)`", prose):
        assert name in examples or (ROOT / name).exists(), name


def test_the_workflow_and_make_test_run_the_same_commands():
    makefile = (ROOT / "Makefile").read_text()
    pytest_command = re.search(r"^PYTEST := (.*)$", makefile, re.M)[1]
    recipes = [
        re.search(rf"^{rule}\n((?:\t.*\n)+)", makefile, re.M)[1] for rule in ("lint: install", "test: lint")
    ]
    recipe = "".join(recipes).replace("$(PYTEST)", pytest_command).replace("$(BIN)/", "")
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    _, *commands = re.findall(r"- run: (.*)", workflow)  # the first one installs
    assert commands == [line.strip() for line in recipe.splitlines()]


def test_the_citation_has_the_version_of_the_package():
    assert f"\nversion: {dnaseq.__version__}\n" in (ROOT / "CITATION.cff").read_text()
