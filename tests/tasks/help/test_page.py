"""The help of a task: what it shows, what it leaves out, and that it is quick to load."""

import subprocess
import sys

import pytest

from dnaseq.cli import TASKS
from dnaseq.tasks.main import run_task


@pytest.fixture
def help_of(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "250")

    def show(task: str, *words: str) -> str:
        assert run_task(task, [*words, "--help"]) == 0
        return capsys.readouterr().out

    return show


@pytest.mark.parametrize("task", TASKS)
def test_the_help_of_a_task_says_what_it_does_and_how(task, help_of):
    page = help_of(task)
    assert page.count(". ") > 1
    assert page.partition("\nExamples\n")[2].startswith(f"  dnaseq {task}")
    assert "_target_" not in page.replace("metrics.NAME._target_=plugin:", "")  # which users type
    assert "_partial_" not in page
    assert "hydra" not in page


def test_a_key_has_its_values_its_default_and_its_meaning(help_of):
    line = "sampler=none [none | balanced] balanced: every class is drawn as often as any other"
    assert line in [" ".join(each.split()) for each in help_of("train").splitlines()]


def test_every_choice_of_a_group_has_a_line(help_of):
    lines = [line.split(None, 1) for line in help_of("train", "model").splitlines()]
    assert [
        "bilstm",
        "LSTM in both directions (Graves & Schmidhuber 2005), averaged over positions.",
    ] in lines


def test_a_group_that_a_choice_brings_has_its_choices_too(help_of):
    assert "negatives=" not in help_of("train")
    lines = [" ".join(line.split()) for line in help_of("train", "data=regions").splitlines()]
    assert "negatives=auto where negatives come from" in lines
    assert any(line.startswith("matched Windows of the same genome") for line in lines)


def test_groups_of_other_tasks_are_not_shown(help_of):
    assert "optimizer" not in help_of("audit")
    assert "engine=" not in help_of("train")


def test_the_help_follows_the_settings(help_of):
    assert "model.encoder.filters=128" in help_of("train", "model=cnn")
    assert "planted.spacing=[6,15]" in help_of("train", "data=planted")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("seed", "seed=1"),
        ("model.head", "model.head.dropout=0.0"),
        ("hidden", "model.encoder.hidden=64"),
        ("encoder", "model.encoder.cell=lstm"),
        ("aligned", "A record is read on the strand that it is given on."),
    ],
)
def test_one_name_is_explained(name, shown, help_of):
    page = help_of("train", name)
    assert shown in page
    assert len(page) < 2500


def test_a_name_that_there_is_not_is_an_error(capsys):
    assert run_task("train", ["--help", "hiden"]) == 2
    assert capsys.readouterr().err == "dnaseq train: unknown key 'hiden'. Did you mean hidden?\n"


HEAVY = ("torch", "numpy", "sklearn", "pytorch_lightning", "pandas", "matplotlib", "Bio")


@pytest.mark.parametrize("words", [["train", "--help"], ["train", "--help", "model"], ["--help"], []])
def test_help_loads_nothing_heavy(words):
    program = f"import sys; sys.argv[1:] = {words}; from dnaseq.cli import main\ntry: main()\nfinally: "
    program += f"print(set({HEAVY}) & set(sys.modules), file=sys.stderr)"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "set()\n")
