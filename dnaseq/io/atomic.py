"""Files that appear whole or not at all."""

import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from msgspec import to_builtins

from dnaseq.errors import ConfigError, FileAccessError
from dnaseq.io.os_errors import access

_OPEN_FILES = re.compile(r"/proc/\d+(/task/\d+)?/fd")  # of a process; /dev/fd and /dev/stdout lead there


@contextmanager
def atomic_file(path: str | Path, mode: str = "wb", overwrite: bool = False) -> Iterator[IO]:
    """Open a file that gets its name when the block ends well; otherwise an older file stays as it was.

    It is written beside its place, synchronised and renamed. A device or pipe, such as /dev/stdout, is written
    directly. Raises ConfigError, before anything is written, where the path exists and is not to be overwritten,
    and FileAccessError for a folder that is missing and for every failure to write.
    """
    path = Path(path)
    check_writable(path, overwrite)
    encoding, newline = (None, None) if "b" in mode else ("utf-8", "\n")
    if is_device(path):
        with access(path), open(path, mode, encoding=encoding, newline=newline) as handle:
            yield handle
        return
    part = path.resolve().with_name(f".dnaseq-{secrets.token_hex(8)}.part")
    try:
        with access(path):
            descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666)
            with open(descriptor, mode, encoding=encoding, newline=newline) as handle:
                yield handle
                handle.flush()
                os.fsync(handle.fileno())
            publish(part, path, overwrite)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def publish(part: Path, path: Path, overwrite: bool) -> None:
    """Give a complete file its name; if that is a link, replace its target."""
    check_writable(path, overwrite)  # another process may have written it meanwhile
    place = path.resolve()
    os.replace(part, place)
    _synchronise(place.parent)


def check_writable(path: str | Path, overwrite: bool) -> None:
    """Raise ConfigError for a file that exists, FileAccessError for a missing folder."""
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
    """Write or replace a JSON file of plain values or typed records. Raises ValueError for NaN and infinity, which JSON
    does not have."""
    write_text(path, json.dumps(value, indent=2, allow_nan=False, default=to_builtins) + "\n")


def is_device(path: str | Path) -> bool:
    """Recognise a path that is no place for a file: a device, a pipe, or an open file of a process, as /dev/stdout.

    A file that lies under /dev/ is a file.
    """
    path = Path(path)
    return path.exists() and (not path.is_file() or _is_open_file(path))


def _is_open_file(path: Path) -> bool:
    folder = path.parent.resolve()
    if _OPEN_FILES.fullmatch(str(folder)):
        return True
    return path.is_symlink() and _is_open_file(folder / path.readlink())


def _synchronise(folder: Path) -> None:
    """Write a folder to the disk, with the new names in it. Where the file system refuses, it happens later."""
    with suppress(OSError):
        folder_fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(folder_fd)
        finally:
            os.close(folder_fd)
