"""Files by path or by address: s3://bucket/reads.fa.gz and others that fsspec opens."""

import os
from pathlib import Path
from typing import Any, BinaryIO

from dnaseq.errors import ConfigError, FileAccessError

_MAGIC = "*?["


def is_address(name: str | Path) -> bool:
    return "://" in str(name)


def opened(name: str | Path) -> BinaryIO:
    """Open a binary file; a path without a buffer."""
    if not is_address(name):
        return open(name, "rb", buffering=0)
    files, inside = _place(name)
    return files.open(inside, "rb")


def addresses_of(address: str) -> list[str]:
    """List the files of an address: itself, or the matches of its pattern, sorted.

    Raises FileAccessError where there is none, and for a folder.
    """
    files, inside = _place(address)
    if files.isfile(inside):
        return [address]
    if files.exists(inside):
        raise FileAccessError(f"{address}: is a folder, not a file")
    if not any(letter in inside for letter in _MAGIC):
        raise FileAccessError(f"{address}: does not exist")
    found = [files.unstrip_protocol(one) for one in sorted(files.glob(inside)) if files.isfile(one)]
    if not found:
        raise FileAccessError(f"{address}: matches no file")
    return found


def version_of(name: str | Path) -> list:
    """Return the size in bytes and other values that change when a file is replaced; for a pipe, none."""
    if not is_address(name):
        state = os.stat(name)
        return [state.st_size, state.st_mtime_ns] if os.path.isfile(name) else []
    files, inside = _place(name)
    info = files.info(inside)
    changing = (info.get(key) for key in ("ETag", "etag", "LastModified", "mtime"))
    return [info["size"], next((str(value) for value in changing if value is not None), "")]


def _place(address: str | Path) -> tuple[Any, str]:
    """Return the file system of an address, and the path in it."""
    import fsspec.core  # here, as few files have an address

    try:
        return fsspec.core.url_to_fs(str(address))
    except ImportError as error:
        what = " ".join(str(error).split())
        raise ConfigError(f"{address} cannot be opened: {what}") from error
    except ValueError as error:
        raise ConfigError(f"{address} cannot be opened: {error}") from error
