"""conf/ and data/ come with the package: from a checkout and from a wheel in an empty folder."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_every_folder_with_code_or_configuration_is_packaged():
    code = {".".join(p.parent.relative_to(ROOT).parts) for p in (ROOT / "dnaseq").rglob("__init__.py")}
    mapped = {
        ".".join(["dnaseq", name, *p.parent.relative_to(ROOT / folder).parts])
        for name, folder in (("conf", "conf"), ("shipped", "data"))
        for p in (ROOT / folder).rglob("*")
        if p.suffix in (".yaml", ".fa", ".md")
    }
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == code | mapped | {"dnaseq.shipped"}


def test_a_wheel_trains_in_an_empty_folder(tmp_path):
    """On some of the records that come with it, and is judged by those that come with it."""
    target = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*install, "--target", target, str(ROOT)], check=True, capture_output=True)
    whole = (target / "dnaseq" / "shipped" / "enhancers" / "train.fa").read_text()
    assert whole == (ROOT / "data" / "enhancers" / "train.fa").read_text()
    (tmp_path / "some.fa").write_text("".join(f">{record}" for record in whole.split(">")[1::20]))
    empty = tmp_path / "empty"
    empty.mkdir()
    run = [
        sys.executable,
        "-m",
        "dnaseq",
        "train",
        "model=cnn",
        "recipe=none",
        "trainer=debug",
        "max_epochs=1",
        f"data.train={tmp_path}/some.fa",
        "run_dir=run",
    ]
    environment = {**os.environ, "PYTHONPATH": str(target)}
    done = subprocess.run(run, cwd=empty, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads((empty / "run" / "scores.json").read_text())["n"] == 400
    where = [sys.executable, "-c", "import dnaseq; print(dnaseq.__file__)"]
    found = subprocess.run(where, cwd=empty, env=environment, capture_output=True, text=True).stdout
    assert found.startswith(str(target))


def test_constraints_pin_what_the_project_needs_and_never_a_poisoned_release():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = dict(line.split("==") for line in lines if "==" in line)
    assert pins["torch"] == "2.13.0"
    assert tuple(map(int, pins["pytorch-lightning"].split("."))) >= (2, 6, 6)
    assert tuple(map(int, pins["hydra-core"].split("."))) >= (1, 3, 8)
    assert "lightning!=2.6.2,!=2.6.3" in lines


def test_importing_the_package_loads_nothing_else():
    code = "import sys; before = set(sys.modules); import dnaseq; print(*set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.split() == ["dnaseq"]


def test_help_loads_neither_torch_nor_hydra():
    code = (
        "import sys\nfrom dnaseq.cli import main\nsys.argv = ['dnaseq', '--help']\n"
        "try:\n    main()\nfinally:\n    print({'torch', 'hydra', 'numpy'} & set(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stderr.strip() == "set()"


def test_predicting_loads_nothing_of_training():
    """Which takes longer to load than a small file to predict."""
    heavy = "{'pytorch_lightning', 'sklearn', 'matplotlib'}"
    code = f"import sys, dnaseq.tasks.commands.predict; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "set()", done.stderr


def test_an_error_in_keys_or_paths_loads_no_heavy_library(tmp_path):
    mistakes = (
        "train data=fasta data.train=nofile.fa",
        "train modle=gru batch_size=many",
        "train model=resnet",
        "train model.encoder.hiden=3",
        "train resume=nothing",
        "train run_dir=.",
        "audit data=class_files data.train.a=a.fa",
        "evaluate bundle=nothing",
        "predict bundle=nothing input=x",
        "embed input=nothing output=x",
        "sweep data=table data.train=nothing.csv",
    )
    heavy = {
        "torch",
        "numpy",
        "sklearn",
        "pytorch_lightning",
        "pandas",
        "scipy",
        "Bio",
        "fsspec",
        "matplotlib",
    }
    code = (
        "import sys\nfrom dnaseq.tasks.main import run_task\n"
        f"print(*[run_task(one.split()[0], one.split()[1:]) for one in {mistakes}])\n"
        f"print({heavy} & set(sys.modules))"
    )
    (tmp_path / "file").write_text("precious")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert done.stdout.splitlines() == ["5 2 2 2 5 2 5 5 5 5 5", "set()"], done.stderr
    assert len(done.stderr.splitlines()) == len(mistakes)
