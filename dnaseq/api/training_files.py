"""Labelled sequences from Python as the files of a training, and the folder that it goes into."""

import csv
import shutil
import weakref
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

from dnaseq.errors import ConfigError, FileAccessError
from dnaseq.io.atomic import atomic_file

COLUMNS = ("id", "sequence", "label")
# Settings of a table whose first line has names.
OF_TABLES = {"data": "table", "data.id": "id", "data.header": True}


class Labelled(NamedTuple):
    """n labelled sequences, labels as they are written in a file."""

    ids: list[str]
    sequences: list[str]
    labels: list[str]

    def rows(self, some: Sequence[int]) -> "Labelled":
        """Return some of them, in that order."""
        return Labelled(*([column[i] for i in some] for column in self))


class TemporaryFolder:
    """A folder that is deleted with this object, at the latest with the end of the program, without a warning."""

    def __init__(self) -> None:
        self.path = Path(mkdtemp(prefix="dnaseq-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


class Places(NamedTuple):
    """The folders of a training from Python."""

    run: Path  # does not exist yet
    records: Path  # the files of the records, and, of a temporary run, their parsed form
    owner: TemporaryFolder | None  # deletes both


def make_places(run_dir: str | Path | None) -> Places:
    """Choose new folders: temporary ones, or NAME and NAME.records, with NAME_2 and so on where one exists.

    An estimator is fitted many times in a search, and each fit has a folder of its own. The records are no part of a
    run folder, which may be replaced.
    """
    if run_dir is None:
        owner = TemporaryFolder()
        return Places(owner.path / "run", owner.path / "records", owner)
    if not isinstance(run_dir, str | Path) or not str(run_dir).strip():
        raise ConfigError(f"run_dir must be a folder or None; got {run_dir!r}")
    wanted, number = Path(run_dir).expanduser(), 1
    while True:
        run = wanted if number == 1 else wanted.with_name(f"{wanted.name}_{number}")
        records = run.with_name(f"{run.name}.records")
        number += 1
        if run.exists():
            continue
        try:
            records.mkdir(parents=True)  # of two processes one makes it
        except FileExistsError:
            continue
        except OSError as error:
            raise FileAccessError(f"{records}: cannot make this folder ({error.strerror})") from error
        return Places(run, records, None)


def write_parts(folder: Path, parts: dict[str, Labelled]) -> dict[str, object]:
    """Write a table for each part (train, val, test), and return the settings that read them."""
    settings: dict[str, object] = dict(OF_TABLES)
    for part, labelled in parts.items():
        path = folder / f"{part}.tsv"
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_file(path, "w", overwrite=True) as handle:
            table = csv.writer(handle, delimiter="\t", lineterminator="\n")
            table.writerow(COLUMNS)
            letters = ("".join(one.split()) for one in labelled.sequences)
            table.writerows(zip(labelled.ids, letters, labelled.labels, strict=True))
        settings[f"data.{part}"] = path
    return settings
