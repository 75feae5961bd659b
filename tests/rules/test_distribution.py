"""What is in packaging/, and the page on installing, agree with pyproject.toml and the README."""

import re
import tomllib
from pathlib import Path

import check_dist

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
INSTALL = (ROOT / "docs" / "how-to" / "install.md").read_text()
CONDA = {  # names of conda-forge and bioconda that are not those of PyPI
    "torch": "pytorch",
    "edlib": "python-edlib",
    "matplotlib": "matplotlib-base",
    "isal": "python-isal",
}


def test_every_extra_is_listed_by_its_use():
    extras = re.findall(
        r"`(\w+)`", "".join(line.split("|")[2] for line in INSTALL.splitlines() if line.startswith("| "))
    )
    assert set(extras) == set(PROJECT["optional-dependencies"])


def test_the_recipe_for_conda_needs_what_the_package_needs():
    recipe = (ROOT / "packaging" / "conda" / "meta.yaml").read_text()
    run = recipe.split("  run:")[1].split("\n\n")[0]
    needed = dict(re.findall(r"- (\S+) (\S+)", run))
    expected = {}
    for requirement in [*PROJECT["dependencies"], f"python{PROJECT['requires-python']}"]:
        name, bounds = re.fullmatch(r"([\w-]+)(.*)", requirement).groups()
        expected[CONDA.get(name, name)] = bounds
    assert needed == expected


def test_the_image_is_made_with_extras_that_there_are():
    image = (ROOT / "packaging" / "Dockerfile").read_text()
    (extras,) = re.findall(r"'\.\[(.*)\]'", image)
    assert set(extras.split(",")) <= set(PROJECT["optional-dependencies"])
    for path in re.findall(r"^COPY (?!--)(.*) \S+$", image, re.M):
        assert all((ROOT / one).exists() for one in path.split()), path
        ignored = (ROOT / "packaging" / "Dockerfile.dockerignore").read_text().splitlines()
        assert all(f"!{one}" in ignored for one in path.split()), path


def test_the_wheel_is_tried_with_every_command_of_the_first_hour():
    tried = check_dist.first_hour()
    assert [line.split()[1] for line in tried] == ["audit", "train", "predict", "train", "train", "compare"]
    assert all(check_dist.SHORT in line for line in tried if " train " in line)


def test_code_configuration_and_data_belong_into_the_wheel():
    packed = check_dist.files_to_pack()
    assert {
        "dnaseq/cli.py",
        "dnaseq/py.typed",
        "dnaseq/conf/train.yaml",
        "dnaseq/shipped/enhancers/train.fa",
    } <= packed
    assert not any(name.startswith(("docs", "tests")) for name in packed)
