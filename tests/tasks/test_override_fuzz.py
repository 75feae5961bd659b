"""Whatever is typed as KEY=VALUE composes, or one line says why it does not: never a traceback."""

import random
from importlib import import_module
from pkgutil import walk_packages

import pytest
from omegaconf import OmegaConf

from dnaseq.cli import TASKS
from dnaseq.tasks import commands
from dnaseq.tasks.runs.jobs import Outcome

GROUPS = (
    *(
        "model",
        "encoding",
        "data",
        "split",
        "trainer",
        "optimizer",
        "schedule",
        "loss",
        "logger",
        "task",
        "engine",
    ),
    *("experiment", "sweep", "augmentation", "averaging", "calibration", "threshold"),
)
CHOICES = (
    "gru",
    "kmer",
    "fasta",
    "class_files",
    "kfold",
    "sgd",
    "none",
    "auto",
    "ray",
    "regression",
    "labelling",
)
VALUES = (
    *(
        "1",
        "-1",
        "0",
        "1" * 5000,
        "1e999",
        "1e99999",
        "-1e999",
        "inf",
        "nan",
        "-inf",
        "true",
        "null",
        "''",
        "",
        "a",
    ),
    *(
        "x" * 20_000,
        "[" * 50,
        "[" * 1000 + "]" * 1000,
        "{a:" * 300 + "1" + "}" * 300,
        "[1,2]",
        "[a,[b]]",
        "{a:b}",
    ),
    *(
        "{a:{b:1}}",
        "${seed}",
        "${nothing}",
        "${oc.env:HOME}",
        "${hydra:runtime.cwd}",
        "${now:%Y}",
        "${",
        "${a",
        "}",
    ),
    *(
        "a,b",
        "choice(1,2)",
        "range(1,3)",
        "glob(*)",
        "int(x)",
        "sort(1,2)",
        "extend_list(1)",
        "'",
        '"a',
        "a b",
        "\\",
        "=",
    ),
    *(
        "???",
        "é",
        "０",
        "1_0",
        "0x1f",
        "+",
        "~",
        "*",
        "&a",
        "!!int 3",
        "<<",
        "#",
        "a:b",
        "a\tb",
        "$x",
        "@x",
        "-",
        ".",
    ),
    *(
        "{_target_:os.getcwd}",
        "{_target_:dnaseq.models.head.Linear}",
        "[{_target_:1}]",
        "{1:2}",
        "{null:1}",
        "{'':1}",
    ),
)
MARKS = ("", "", "", "", "", "+", "++", "~")


def typed(task: str, keys: list[str], count: int, seed: int) -> list[str]:
    """Arguments for a task that nobody in his senses types."""
    draw = random.Random(f"{task} {seed}")
    return ["-m"] * (draw.random() < 0.1) + [_one(draw, keys) for _ in range(count)]


def _one(draw: random.Random, keys: list[str]) -> str:
    key = draw.choice([*[draw.choice(keys)] * 6, draw.choice(GROUPS), "hydra.run.dir", "nothing"])
    if draw.random() < 0.1:
        key = draw.choice(
            [f"{key}.x", f"{key}.0", f"{key}@x", f"{key}@hydra", f" {key}", key[:-1], f"{key}..x"]
        )
    mark, equals = draw.choice(MARKS), draw.choice(["="] * 30 + ["", "=="])
    value = draw.choice(CHOICES if key in GROUPS and draw.random() < 0.5 else VALUES)
    return f"{mark}{key}{equals}{value}"


def dotted(node: dict, prefix: str = "") -> list[str]:
    """Every key of a tree of dicts."""
    inner = [key for k, v in node.items() if isinstance(v, dict) for key in dotted(v, f"{prefix}{k}.")]
    return [f"{prefix}{key}" for key in node] + inner


@pytest.fixture
def refused(run, monkeypatch):
    """refused("train", ["seed=x"]) -> exit code of composing and checking alone."""
    for module in walk_packages(commands.__path__, f"{commands.__name__}."):
        if hasattr(import_module(module.name), "run"):
            monkeypatch.setattr(f"{module.name}.run", lambda *_: Outcome())
    return run


@pytest.fixture
def keys_of(refused):
    return lambda task: dotted(OmegaConf.to_container(OmegaConf.create(refused(task, "--cfg", "job")[1])))


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("rounds", [3, pytest.param(120, marks=pytest.mark.slow)])
def test_odd_arguments_compose_or_one_line_says_why_not(refused, keys_of, task, rounds):
    keys = keys_of(task)
    for seed in range(rounds):
        arguments = typed(task, keys, 1 + seed % 3, seed)
        code, _, err = refused(task, *arguments)
        lines = err.splitlines()
        assert code in (0, 2, 4, 7), (arguments, err)
        assert "-m" in arguments or len(lines) == (code != 0), (arguments, err)
        assert all(len(line) <= 300 for line in lines), (arguments, err)
