"""A folder of results that appears whole or not at all."""

import secrets
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dnaseq.errors import ConfigError, FileAccessError
from dnaseq.io.os_errors import access


@contextmanager
def atomic_folder(path: str | Path, written: Collection[str], overwrite: bool = False) -> Iterator[Path]:
    """Yield a new folder beside `path`, which gets its name when the block ends well; otherwise it is removed, and an
    older folder stays as it was.

    An older one is replaced with `overwrite`, if it holds nothing but files of the names `written`. Raises ConfigError
    and FileAccessError as check_folder does.
    """
    path = Path(path).expanduser()
    check_folder(path, written, overwrite)
    place = path.resolve()
    part = place.with_name(f".dnaseq-{secrets.token_hex(8)}.part")
    with access(path):
        part.mkdir()
    try:
        yield part
        check_folder(path, written, overwrite)  # another process may have written it meanwhile
        with access(path):
            if place.is_dir():
                aside = place.with_name(f"{part.name}.old")
                place.rename(aside)
                part.rename(place)
                shutil.rmtree(aside, ignore_errors=True)
            else:
                part.rename(place)
    finally:
        with suppress(OSError):
            shutil.rmtree(part)


def check_folder(path: str | Path, written: Collection[str], overwrite: bool) -> None:
    """Raise ConfigError for a folder that is in use, FileAccessError for one that cannot be made there."""
    path = Path(path).expanduser()
    with access(path):
        if path.exists() and not path.is_dir():
            raise FileAccessError(f"{path}: is a file, not a folder")
        if not path.parent.is_dir():
            raise FileAccessError(f"{path}: there is no folder {path.parent}")
        there = {one.name for one in path.iterdir()} if path.is_dir() else set()
    if there and not overwrite:
        raise ConfigError(f"{path} exists. Choose another name or overwrite=true")
    if strange := sorted(there - set(written)):
        raise ConfigError(f"{path} holds {strange[0]}, which dnaseq did not write. Choose another name")
