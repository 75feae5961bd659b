"""Files that appear whole or not at all."""

import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from dnaseq.errors import ConfigError, FileAccessError
from dnaseq.io.os_errors import access

_OPEN_FILES = re.compile(r"/proc/\d+(/task/\d+)?/fd")  # of a process; /dev/fd and /dev/stdout lead there


@contextmanager
def atomic_file(path: str | Path, mode: str = "wb", overwrite: bool = False) -> Iterator[IO]:
    """An open file that gets its name when the block ends well; otherwise whatever had the name is untouched.

    It is written beside its place, synchronised and renamed. A device or pipe, such as /dev/stdout, is written
    directly. Raises ConfigError, before anything is written, where the path exists and is not to be overwritten,
    and FileAccessError for a folder that is missing and for every failure to write.
    """
    path = Path(path)
    check_writable(path, overwrite)
    options = {} if "b" in mode else {"encoding": "utf-8", "newline": "\n"}
    if is_device(path):
        with access(path), open(path, mode, **options) as handle:
            yield handle
        return
    part = path.resolve().with_name(f".dnaseq-{secrets.token_hex(8)}.part")
    try:
        with access(path):
            with open(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666), mode, **options) as handle:
                yield handle
                handle.flush()
                os.fsync(handle.fileno())
            publish(part, path, overwrite)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def publish(part: Path, path: Path, overwrite: bool) -> None:
    """Give a complete file its name; of a link, what it points to is replaced."""
    check_writable(path, overwrite)  # somebody else may have made it meanwhile
    place = path.resolve()
    os.replace(part, place)
    _synchronise(place.parent)


def check_writable(path: str | Path, overwrite: bool) -> None:
    """Whether atomic_file would begin: ConfigError for what exists, FileAccessError for a missing folder."""
    path = Path(path)
    if path.is_dir():
        raise FileAccessError(f"{path}: is a folder, not a file")
    if not path.parent.is_dir():
        raise FileAccessError(f"{path}: there is no folder {path.parent}")
    if path.is_file() and not overwrite and not is_device(path):
        raise ConfigError(f"{path} exists. Choose another name or overwrite=true")


def write_text(path: str | Path, text: str) -> None:
    """Write or replace a text file, as UTF-8."""
    with atomic_file(path, "w", overwrite=True) as handle:
        handle.write(text)


def write_json(path: str | Path, value: object) -> None:
    """Write or replace a JSON file. Raises ValueError for NaN and infinity, which JSON does not have."""
    write_text(path, json.dumps(value, indent=2, allow_nan=False) + "\n")


def is_device(path: str | Path) -> bool:
    """Whether a path is no place for a file: a device, a pipe, or one of the files that a process has open, as
    /dev/stdout is, which may stand for a file. A file that lies under /dev/ is a file."""
    path = Path(path)
    return path.exists() and (not path.is_file() or _is_open_file(path))


def _is_open_file(path: Path) -> bool:
    folder = path.parent.resolve()
    if _OPEN_FILES.fullmatch(str(folder)):
        return True
    return path.is_symlink() and _is_open_file(folder / path.readlink())


def _synchronise(folder: Path) -> None:
    """The new name reaches the disk only with its folder. Some file systems refuse: then it comes later."""
    with suppress(OSError):
        folder_fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(folder_fd)
        finally:
            os.close(folder_fd)
