"""The folder of a run: named, claimed, and marked as incomplete until all files are in it."""

import datetime
import logging
import os
import shlex
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode

from dnaseq.errors import ConfigError, FileAccessError
from dnaseq.tasks.config.logging_setup import VisibleFormatter, early_notes
from dnaseq.tasks.config.paths import one_path

if sys.platform != "win32":
    import fcntl

MARK = "INCOMPLETE"
ROOT = Path("runs")
WRITTEN = {
    *("config.yaml", "history.csv", "split.tsv", "audit.json", "checkpoints", "bundle"),
    *("tensorboard", "wandb"),
    *("predictions.test.tsv", "strata.tsv", "scores.json", "report.html", "figures", "log.txt", MARK),
    *(
        "members",
        "first_start",
        "first_start.partial",
        "explanation",
        "search",
        "search.json",
        "recipe.json",
        "folds",
        "final",
        "folds.tsv",
        "comparison.json",
        "leaks.tsv",
        "conflicts.tsv",
        "rejected.tsv",
    ),
    *("sweep.json", "trials.tsv", "best.yaml", "comparison", "storage", "locks"),
}
OF_A_SWEEP = ("sweep.json", "storage")  # beside one of them, a folder named runs belongs to a sweep
OF_A_RUN = ("config.yaml", "comparison.json")  # a run folder that may be replaced has one of them
# C code in which a signal arrives may raise a RuntimeError or a SystemError of its own.
STOPS = (KeyboardInterrupt, SystemExit, RuntimeError, SystemError, OSError, FileAccessError)
logger = logging.getLogger("dnaseq")


@contextmanager
def chosen_folder(run_dir: str | None, *names: str, overwrite: bool) -> Iterator[Path]:
    """Yield the folder that the user named, or runs/<names>/<time>; refuse one that is in use.

    A folder without a name of the user is made at once, so that two runs of one second have two folders. If nothing
    is written into it, it is removed at the end.
    """
    if run_dir is not None:
        if HydraConfig.get().mode == RunMode.MULTIRUN:
            raise ConfigError("run_dir is one folder for several runs. Leave it out with -m")
        yield _named(real(one_path("run_dir", run_dir)), overwrite)
        return
    folder = _claimed(ROOT.joinpath(*names) / f"{datetime.datetime.now():%Y-%m-%d_%H-%M-%S}")
    try:
        yield folder
    finally:
        with suppress(OSError):  # it is not empty
            os.removedirs(folder)


def check_places(task: str, resume: str | None, run_dir: str | None, overwrite: bool) -> None:
    """Raise FileAccessError or ConfigError for a run folder that is named and missing, or in use. That of a sweep may
    be in use by others of the same sweep."""
    if resume:
        check_run(real(one_path("resume", resume)))
    elif run_dir is not None and task != "sweep":
        _named(real(one_path("run_dir", run_dir)), overwrite)


def check_run(folder: Path) -> None:
    """Raise FileAccessError for a folder that no run wrote."""
    if (folder / "config.yaml").is_file():
        return
    what = "no such run folder" if not folder.exists() else "not a run folder, it has no config.yaml"
    parent = next((one for one in folder.absolute().parents if (one / "config.yaml").is_file()), None)
    hint = f". Did you mean {parent}?" if parent else ""
    raise FileAccessError(f"{folder}: {what}{hint}")


def name_kind(choices: dict[str, str]) -> str:
    """Return the name of a training's folder and of its rows in tables, for example bilstm-onehot."""
    return f"{model_of(choices)}-{choices['encoding']}"


def model_of(choices: dict[str, str]) -> str:
    """Return the choice of model, or auto for a search."""
    return "auto" if choices.get("experiment") == "auto" else choices["model"]


def real(folder: str | Path) -> Path:
    """Resolve a link: a run renames its folder, and the link would keep the old name."""
    named = Path(folder).expanduser()
    return named.resolve() if named.is_symlink() else named


def is_complete(folder: Path) -> bool:
    """Check that a run folder has all files of a run."""
    return (folder / "scores.json").exists() and not (folder / MARK).exists()


@contextmanager
def run_folder(
    folder: Path, resume: bool = False, becomes_latest: bool = False, keep: Iterable[str | Path] = ()
) -> Iterator[Path]:
    """Make the folder, lock it against other processes, and remove its mark when the run is complete.

    An older run of that name is renamed, and deleted only when the new one is complete. runs/latest leads to the newest
    training, never to an evaluation. No file of `keep` may be in the folder that is replaced.
    """
    check_kept(folder, keep)
    aside = None if resume else set_aside(folder)
    mark, handler = _opened(folder)
    _lock(mark, folder)
    mark.write("This run has not finished, or it failed: files may be missing.\n")
    mark.flush()
    logger.addHandler(handler)
    try:
        yield folder
        (folder / MARK).unlink()
    except BaseException as error:
        mark.write(f"{type(error).__name__}: {error}\n")
        if aside:
            logger.warning("note: the older run is kept as %s", aside)
        raise
    finally:
        mark.close()
        logger.removeHandler(handler)
        handler.close()
    if aside:
        shutil.rmtree(aside)
    if becomes_latest:
        _point_latest(folder)


@contextmanager
def resumable(task: str, folder: Path) -> Iterator[None]:
    """Log the command that resumes the work in a folder, where it is stopped or a file cannot be read or written."""
    try:
        yield
    except STOPS:
        if (folder / "config.yaml").exists():
            logger.warning("resume with: dnaseq %s %s", task, shlex.quote(f"resume={folder}"))
        raise


def _opened(folder: Path) -> tuple[TextIO, logging.Handler]:
    """Open the folder's mark and its log."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / MARK).open("a"), _handler(folder)
    except OSError as error:
        raise FileAccessError(f"{folder}: cannot make the run folder ({error.strerror})") from error


def check_kept(folder: Path, keep: Iterable[str | Path]) -> None:
    """Raise ConfigError for a file that is in a folder which may be replaced."""
    for path in keep:
        if folder.resolve() in Path(path).resolve().parents:
            raise ConfigError(f"{path} is in {folder}, which would be replaced. Choose another run_dir")


@contextmanager
def joined_folder(folder: Path) -> Iterator[Path]:
    """Lock the folder of work that several processes share; finished() removes its mark."""
    mark, handler = _opened(folder)
    with mark:
        _lock(mark, folder, shared=True)
        logger.addHandler(handler)
        try:
            yield folder
        except BaseException as error:
            mark.write(f"{type(error).__name__}: {error}\n")
            raise
        finally:
            logger.removeHandler(handler)
            handler.close()


def finished(folder: Path) -> None:
    """Remove the mark of joined_folder."""
    (folder / MARK).unlink(missing_ok=True)


def _handler(folder: Path) -> logging.FileHandler:
    """Build the handler of log.txt, and write the notes so far into it."""
    handler = logging.FileHandler(folder / "log.txt")
    handler.setFormatter(VisibleFormatter("%(asctime)s %(message)s"))
    early_notes.pass_on(handler)
    return handler


def _named(folder: Path, overwrite: bool) -> Path:
    """Check a folder of the user's choice: new, empty, or an older run that may be replaced."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return folder
    if not overwrite:
        raise ConfigError(f"{folder} exists. Choose another run_dir or overwrite=true")
    written = WRITTEN | ({"runs"} if any((folder / name).exists() for name in OF_A_SWEEP) else set())
    strange = sorted({path.name for path in folder.iterdir()} - written) if folder.is_dir() else [folder.name]
    if not strange and not any((folder / name).exists() for name in OF_A_RUN):
        raise ConfigError(f"{folder} is not a run folder (it has no config.yaml), so it is not overwritten")
    if strange or folder.resolve() in (Path.cwd(), *Path.cwd().parents):
        what = f"it holds {strange[0]}" if strange else "it is the working folder"
        raise ConfigError(f"{folder} is not a run folder ({what}), so it is not overwritten")
    return folder


def _claimed(folder: Path) -> Path:
    number, fresh = 2, folder
    while True:
        try:
            fresh.mkdir(parents=True)
            return fresh
        except FileExistsError:
            fresh, number = folder.with_name(f"{folder.name}_{number}"), number + 1
        except OSError as error:
            raise FileAccessError(f"{folder}: cannot make the run folder ({error.strerror})") from error


def set_aside(folder: Path) -> Path | None:
    """Rename an older run, unless a process is writing it; None where there is none."""
    if not folder.exists() or not any(folder.iterdir()):
        return None
    if (folder / MARK).exists():
        with (folder / MARK).open("a") as mark:
            _lock(mark, folder)
    number, aside = 2, folder.with_name(f"{folder.name}.previous")
    while aside.exists():
        aside, number = folder.with_name(f"{folder.name}.previous_{number}"), number + 1
    return folder.rename(aside)


def _lock(mark: TextIO, folder: Path, shared: bool = False) -> None:
    """Lock the mark until it is closed, also by a kill."""
    if sys.platform == "win32":
        return
    try:
        fcntl.flock(mark, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as error:
        raise FileAccessError(f"{folder}: another process is writing this run") from error


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
        temporary.unlink(missing_ok=True)
