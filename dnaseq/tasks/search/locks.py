"""Which processes are at work on a folder: each holds a lock, which the system takes back however the process ends."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from dnaseq.errors import FileAccessError

PROCESSES = "processes"


@contextmanager
def alone(path: Path, wait: bool = True) -> Iterator[bool]:
    """Hold the lock of that name against other processes; without `wait`, False where another one holds it.

    Raises FileAccessError where the file system cannot hold locks.
    """
    lock = FileLock(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=-1 if wait else 0)
    except Timeout:
        yield False
        return
    except (OSError, NotImplementedError) as error:
        raise FileAccessError(f"{path}: cannot be locked ({error})") from error
    try:
        yield True
    finally:
        lock.release()


@contextmanager
def present(folder: Path) -> Iterator[str]:
    """A new name under which this process is at work on a folder."""
    name = secrets.token_hex(8)
    path = _lock_of(folder, name)
    try:
        with alone(path):
            yield name
    finally:
        path.unlink(missing_ok=True)


def is_present(folder: Path, name: str) -> bool:
    """Whether the process of that name still lives."""
    path = _lock_of(folder, name)
    if not path.exists():
        return False
    with alone(path, wait=False) as is_free:
        return not is_free


def _lock_of(folder: Path, name: str) -> Path:
    return folder / PROCESSES / f"{name}.lock"
