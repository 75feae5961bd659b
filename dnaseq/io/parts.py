"""What is ready of a table that takes long to make, kept beside it, so that the work goes on where it was stopped."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from dnaseq.errors import ConfigError, InputError
from dnaseq.io.access import access
from dnaseq.io.atomic import atomic_file, write_json

SUFFIX = ".dnaseq-part"
_PLAN = "plan.json"


class Part(NamedTuple):
    """Rows that belong together: number `number` of those of a shard, both counted from 0."""

    shard: int
    number: int
    last: bool  # whether the shard has no more of them
    content: list  # what JSON can hold


class Parts:
    """The folder OUTPUT.dnaseq-part: a file for every part, with its SHA-256. A damaged one counts as none."""

    def __init__(self, folder: Path):
        self._folder = folder

    def get(self, shard: int, number: int) -> Part | None:
        path = self._path(shard, number)
        if not path.exists():
            return None
        with access(path):
            digest, _, body = path.read_bytes().partition(b"\n")
        return Part(**json.loads(body)) if _digest(body) == digest else None

    def add(self, part: Part) -> None:
        body = json.dumps(part._asdict()).encode()
        with atomic_file(self._path(part.shard, part.number), overwrite=True) as file:
            file.write(_digest(body) + b"\n" + body)

    def there(self, shard: int) -> tuple[set[int], bool]:
        """The numbers of the parts of a shard, and whether these are all that it has."""
        numbers = {int(path.name.split("-")[1]) for path in self._folder.glob(f"{shard}-*")}
        found = {number: part.last for number in numbers if (part := self.get(shard, number))}
        ends = [number for number, last in found.items() if last]
        return set(found), bool(ends) and set(range(ends[0])) <= set(found)

    def _path(self, shard: int, number: int) -> Path:
        return self._folder / f"{shard}-{number}"


@contextmanager
def parts_beside(output: str, plan: dict[str, object], overwrite: bool) -> Iterator[Parts]:
    """The parts of a table, with those of an attempt that was stopped. They go when the block ends well, or with an
    InputError, since what is mended has other rows.

    `plan` is all that rows depend on, as JSON can hold it. Raises ConfigError where parts of another one are there,
    unless they may be overwritten.
    """
    folder = Path(f"{output}{SUFFIX}")
    with access(folder):
        if overwrite and folder.exists() and _planned(folder) != plan:
            shutil.rmtree(folder)
        if not (folder / _PLAN).exists():
            folder.mkdir(exist_ok=True)
            write_json(folder / _PLAN, plan)
        _check_same(folder, plan)
    try:
        yield Parts(folder)
    except InputError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


def _planned(folder: Path) -> dict:
    try:
        return json.loads((folder / _PLAN).read_text())
    except (FileNotFoundError, ValueError):
        return {}


def _check_same(folder: Path, plan: dict[str, object]) -> None:
    then = _planned(folder)
    for key in dict.fromkeys([*plan, *then]):
        if then.get(key) != plan.get(key):
            what = f"{folder} was begun with {key}={then.get(key)}, not {plan.get(key)}"
            raise ConfigError(f"{what}. Use the same again, or overwrite=true to begin anew")


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()
