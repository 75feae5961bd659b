"""Files by path or by address: s3://bucket/reads.fa.gz and others that fsspec opens."""

import difflib
import glob
import os
from collections.abc import Sequence
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any, BinaryIO

from dnaseq.errors import ConfigError, FileAccessError
from dnaseq.io.os_errors import access

STDIN = "-"
SHIPPED = "shipped:"  # prefix of a path into the data that comes with the package
_MAGIC = "*?["


def expand(inputs: str | Path | Sequence[str | Path]) -> list[str]:
    """List the files of `inputs`, by path or address, in the order given; those of a pattern or a folder by name.

    `shipped:` paths lead into the package. A path that exists is never a pattern; hidden files and the folders in a
    folder are left out. Raises FileAccessError naming a file that is missing, and a pattern or a folder without
    files, and ConfigError where nothing is given.
    """
    given = [inputs] if isinstance(inputs, (str, Path)) else list(inputs)
    if not [name for name in given if str(name)]:
        raise ConfigError("no input is given")
    return [source for name in given for source in _expand(os.path.expanduser(str(name)))]


def _expand(name: str) -> list[str]:
    if name.startswith(SHIPPED):
        name = str(package_files("dnaseq.shipped").joinpath(name.removeprefix(SHIPPED)))
    if is_address(name):
        with access(name):
            return addresses_of(name)
    if os.path.isdir(name):
        return _files_of_folder(name)
    if name == STDIN or os.path.exists(name):
        return [name]
    if not glob.has_magic(name):
        raise FileAccessError(f"{name}: does not exist{_hint(name)}")
    if matches := sorted(match for match in glob.glob(name, recursive=True) if not os.path.isdir(match)):
        return matches
    raise FileAccessError(f"{name}: matches no file. Look at the pattern, or at the folder that you are in")


def _files_of_folder(folder: str) -> list[str]:
    with access(folder):
        there = sorted(os.path.join(folder, one) for one in os.listdir(folder) if not one.startswith("."))
    files = [path for path in there if not os.path.isdir(path)]
    if not files:
        inner = f", only folders such as {there[0]}. Give one of them" if there else ". Give one that has"
        raise FileAccessError(f"{folder}: this folder has no files{inner}")
    return files


def _hint(name: str) -> str:
    """Guess what was meant by the name of a file that is not there."""
    if "," in name and all(os.path.exists(one.strip()) for one in name.split(",")):
        return f". Several files are a list: [{name}]"
    folder, base = os.path.split(name)
    there = os.listdir(folder or ".") if os.path.isdir(folder or ".") else []
    if near := difflib.get_close_matches(base, there, n=1):
        return f". Did you mean {os.path.join(folder, near[0])}?"
    return f". There is no folder {folder}" if folder and not os.path.isdir(folder) else ""


def is_address(name: str | Path) -> bool:
    return "://" in str(name)


def opened(name: str | Path) -> BinaryIO:
    """Open a binary file; a path without a buffer."""
    if not is_address(name):
        return open(name, "rb", buffering=0)
    files, inside = _place(name)
    return files.open(inside, "rb")


def addresses_of(address: str) -> list[str]:
    """List the files of an address: itself, or those of its pattern or folder, sorted.

    Raises FileAccessError where there is none.
    """
    files, inside = _place(address)
    if files.isfile(inside):
        return [address]
    if files.exists(inside):
        inside = f"{inside.rstrip('/')}/*"
    elif not any(letter in inside for letter in _MAGIC):
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
