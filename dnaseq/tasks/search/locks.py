"""Locks of the processes that work on a folder. The system releases the lock of a process, however it ends."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from dnaseq.errors import FileAccessError

PROCESSES = "processes"


@contextmanager
def hold_lock(path: Path, wait: bool = True) -> Iterator[bool]:
    """Hold a lock against other processes; without `wait`, yield False where another one holds it.

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
def register_process(folder: Path) -> Iterator[str]:
    """Yield a new name for this process, and hold the lock of that name."""
    name = secrets.token_hex(8)
    path = _lock_of(folder, name)
    try:
        with hold_lock(path):
            yield name
    finally:
        path.unlink(missing_ok=True)


def is_alive(folder: Path, name: str) -> bool:
    """Check if the process of that name is still alive."""
    path = _lock_of(folder, name)
    if not path.exists():
        return False
    with hold_lock(path, wait=False) as is_free:
        return not is_free


def _lock_of(folder: Path, name: str) -> Path:
    return folder / PROCESSES / f"{name}.lock"
