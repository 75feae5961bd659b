"""The folder of a run: named, claimed, and marked as incomplete until everything is in it."""

import datetime
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dnaseq.errors import ConfigError, FileAccessError

MARK = "INCOMPLETE"
ROOT = Path("runs")
logger = logging.getLogger("dnaseq")


def chosen_folder(run_dir: str | None, *names: str, overwrite: bool) -> Path:
    """The folder that the user named, or runs/<names>/<time>; refuses one that is in use."""
    if run_dir is None:
        return _fresh(ROOT.joinpath(*names) / f"{datetime.datetime.now():%Y-%m-%d_%H-%M-%S}")
    folder = Path(run_dir).expanduser()
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        if not overwrite:
            raise ConfigError(f"{folder} exists. Choose another run_dir or overwrite=true")
        if not (folder / "config.yaml").exists():
            raise ConfigError(
                f"{folder} is not a run folder, so it is not overwritten. Choose another run_dir"
            )
    return folder


def is_complete(folder: Path) -> bool:
    """Whether a run folder holds all that a run writes."""
    return (folder / "scores.json").exists() and not (folder / MARK).exists()


@contextmanager
def run_folder(folder: Path, goes_on: bool = False, becomes_latest: bool = False) -> Iterator[Path]:
    """Make the folder (instead of an older run of the same name) and take its mark away when all is done.

    runs/latest leads to the newest training, which has a bundle, whatever was evaluated since.
    """
    try:
        if not goes_on:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARK).write_text("This run has not finished, or it failed: files may be missing.\n")
    except OSError as error:
        raise FileAccessError(f"{folder}: cannot make the run folder ({error.strerror})") from error
    handler = logging.FileHandler(folder / "log.txt")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger.addHandler(handler)
    try:
        yield folder
    finally:
        logger.removeHandler(handler)
        handler.close()
    (folder / MARK).unlink()
    if becomes_latest:
        _point_latest(folder)


def _fresh(folder: Path) -> Path:
    """Two runs may start within one second."""
    number, fresh = 2, folder
    while fresh.exists():
        fresh, number = folder.with_name(f"{folder.name}_{number}"), number + 1
    return fresh


def _point_latest(folder: Path) -> None:
    """Let runs/latest lead to a run under runs/."""
    root = ROOT.resolve()
    if root not in folder.resolve().parents:
        return
    temporary = root / f".latest-{folder.name}"
    try:
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(folder.resolve().relative_to(root), target_is_directory=True)
        temporary.replace(root / "latest")
    except OSError as error:  # file systems without symbolic links
        logger.warning("note: runs/latest was not updated (%s)", error.strerror)
