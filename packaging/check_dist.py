"""Build a wheel and an sdist in dist/, and try the wheel as a reader would: in a new environment and an empty folder.

The commands are those of the README's first hour, with the trainings cut short. `--python PROGRAM` names another
Python for the environment; options of pip may follow `--`, in place of `-c constraints.txt`.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from setuptools import build_meta

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"
SHORT = "recipe=none max_epochs=1 explain=none"  # of every training
PACKED = {
    "dnaseq": "dnaseq",
    "conf": "dnaseq/conf",
    "data": "dnaseq/shipped",
}  # folder of the project -> of the wheel
OWN_FILES = """
from importlib.resources import files
records = files("dnaseq.shipped").joinpath("enhancers/train.fa").read_text().split(">")[1::8]
for name, is_background in (("enhancers.fa", False), ("background.fa", True)):
    chosen = [one for one in records if ("non_enhancer" in one) is is_background]
    open(name, "w").write("".join(f">{one}" for one in chosen))
"""


def build() -> Path:
    """Build both in dist/, the wheel from the sdist, and return the wheel. Ends the program if a file is missing."""
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    os.chdir(ROOT)
    sdist = DIST / build_meta.build_sdist(str(DIST))
    with tempfile.TemporaryDirectory() as folder:
        shutil.unpack_archive(sdist, folder, filter="data")
        (unpacked,) = Path(folder).iterdir()
        make = f"from setuptools import build_meta; build_meta.build_wheel({str(DIST)!r})"
        subprocess.run([sys.executable, "-c", make], cwd=unpacked, check=True, stdout=subprocess.DEVNULL)
    (wheel,) = DIST.glob("*.whl")
    missing = files_to_pack() - set(zipfile.ZipFile(wheel).namelist())
    if missing:
        sys.exit(f"the wheel lacks {', '.join(sorted(missing))}")
    return wheel


def files_to_pack() -> set[str]:
    """Return the code, the configuration and the data of the project, by their names in a wheel."""
    listed = subprocess.run(
        ["git", "ls-files", *PACKED], cwd=ROOT, check=True, capture_output=True, text=True
    )
    paths = [path.partition("/") for path in listed.stdout.splitlines() if not path.endswith("make.py")]
    return {f"{PACKED[folder]}/{rest}" for folder, _, rest in paths}


def first_hour() -> list[str]:
    """Return the commands of the README's first hour, with the trainings cut short."""
    hour = (ROOT / "README.md").read_text().split("## The first hour")[1].split("\n## ")[0]
    lines = "".join(re.findall(r"```bash\n(.*?)```", hour, re.S)).splitlines()
    return [f"{line} {SHORT}" if line.startswith("dnaseq train") else line for line in lines]


def install(wheel: Path, python: str, options: Sequence[str], folder: Path) -> dict[str, str]:
    """Install the wheel in a new environment; return the variables of a shell that uses it."""
    subprocess.run([python, "-m", "venv", folder], check=True)
    pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", *options, wheel]
    subprocess.run(pip, check=True)
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return {**kept, "PATH": f"{folder / 'bin'}{os.pathsep}{kept['PATH']}"}


def try_commands(variables: dict[str, str], folder: Path) -> None:
    """Run the first hour in the folder. Ends the program at the first command that fails."""
    subprocess.run(["python", "-c", OWN_FILES], cwd=folder, env=variables, check=True)
    for command in ("dnaseq --version", *first_hour()):
        print(f"$ {command}", flush=True)
        done = subprocess.run(
            ["bash", "-c", command], cwd=folder, env=variables, stderr=subprocess.PIPE, text=True
        )
        if done.returncode:
            sys.exit(f"{command}\nended with {done.returncode}:\n{done.stderr}")


def main() -> None:
    """Build, install, try."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", default=sys.executable, help="program that makes the environment")
    parser.add_argument("options", nargs="*", help="options of pip")
    given = parser.parse_args()
    wheel = build()
    options = given.options or ["-c", str(ROOT / "constraints.txt")]
    with tempfile.TemporaryDirectory() as folder:
        variables = install(wheel, given.python, options, Path(folder, "environment"))
        empty = Path(folder, "empty")
        empty.mkdir()
        try_commands(variables, empty)
    print(f"{wheel.name} works in a new environment and an empty folder")


if __name__ == "__main__":
    main()
