"""Plug-ins, users' own code, found by the names that the user gives. Nothing of a plug-in runs here."""

import hashlib
import json
import os
import re
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import Distribution, EntryPoint, distributions
from pathlib import Path

from dnaseq.errors import ConfigError, FileAccessError
from dnaseq.plugins.source import PluginSource

GROUP = "dnaseq.parts"  # of entry points
LARGEST = 10_000_000  # bytes of a file
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_MODULE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
CODE = (".py", ".so", ".pyd")
_HOW = "Name an installed package, or a file with its path: plugins=[./NAME.py]"


@dataclass(frozen=True)
class Plugin:
    """A plug-in that the user has named: a file, with the text that will run, or a module of an installed package."""

    source: PluginSource
    place: str  # path of the file; of a package, the full name of its module
    text: bytes | None = field(default=None, repr=False)  # None for a package

    @property
    def name(self) -> str:
        return self.source.name


def find_plugin(given: str) -> Plugin:
    """Find the plug-in of a name or a path, with the SHA-256 of its source.

    Raises ConfigError for a name that no installed package has or that is not clear, FileAccessError for a file that
    cannot be read.
    """
    if "/" in given or os.sep in given or given.endswith(".py"):
        return _find_file(given)
    if not _NAME.fullmatch(given):
        raise ConfigError(f"plugins: {given!r} is no name of a plug-in. {_HOW}")
    return _find_installed(given)


def _find_file(given: str) -> Plugin:
    """Read a file once: this text is hashed, and this text runs, whatever becomes of the file."""
    path = Path(given).expanduser()
    if path.suffix != ".py" or not _NAME.fullmatch(path.stem):
        what = "a plug-in is one file NAME.py, its name of the letters a to z, digits and _"
        raise ConfigError(f"plugins: {given}: {what}")
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise FileAccessError(f"plugins: {given}: is not a file")
        with path.open("rb") as handle:
            text = handle.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise FileAccessError(f"plugins: {given}: cannot be read ({reason})") from error
    if len(text) > LARGEST:
        raise ConfigError(f"plugins: {given}: more than {LARGEST} bytes are no plug-in")
    source = PluginSource(name=path.stem, sha256=hashlib.sha256(text).hexdigest())
    return Plugin(source, str(path.absolute()), text)


def _find_installed(name: str) -> Plugin:
    """Find the entry point of a name among the installed packages; what lies in the working folder is not installed."""
    package, point = _entry_of(name)
    if not _MODULE.fullmatch(point.value):
        raise ConfigError(f"plugins: {name}: {package.name} must name a module, not {point.value!r}")
    source = PluginSource(
        name=name, distribution=package.name, version=package.version, sha256=_hash_code(package, point)
    )
    return Plugin(source, point.value)


def code_folder_of(name: str, top: str) -> Path:
    """Return the folder that holds the module `top` of the installed plug-in of a name."""
    return _code_folder(_entry_of(name)[0], top)


def _entry_of(name: str) -> tuple[Distribution, EntryPoint]:
    found = [(package, one) for package in _packages() for one in _parts_of(package) if one.name == name]
    if not found:
        raise ConfigError(f"plugins: no installed package has a plug-in named {name}. {_HOW}")
    if len(found) > 1:
        who = " and ".join(sorted(package.name for package, _ in found))
        raise ConfigError(f"plugins: {name} is in {who}. Uninstall all but one")
    return found[0]


def _packages() -> Iterator[Distribution]:
    """Yield the installed packages, each once."""
    here = os.path.realpath(os.getcwd())
    folders = [one for one in sys.path if one and os.path.realpath(one) != here]
    known = set()
    for package in distributions(path=folders):
        name = re.sub(r"[-_.]+", "-", str(package.metadata["Name"])).lower()
        if name not in known:
            known.add(name)
            yield package


def _parts_of(package: Distribution) -> list[EntryPoint]:
    return [one for one in package.entry_points if one.group == GROUP]


def _hash_code(package: Distribution, point: EntryPoint) -> str:
    """Hash the names and the content of all code of the package that holds the module."""
    top, *inner = point.value.split(".")
    root = _code_folder(package, top)
    folder = root / top
    if (folder / "__init__.py").is_file():
        files = sorted(path for path in folder.rglob("*") if path.suffix in CODE and path.is_file())
    elif (single := folder.with_suffix(".py")).is_file() and not inner:
        files = [single]
    else:
        raise ConfigError(f"plugins: {point.name}: {package.name} has no module {point.value} of its own")
    digest = hashlib.sha256()
    for path in files:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(root).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()


def _code_folder(package: Distribution, top: str) -> Path:
    """Return the folder that holds the module `top` of a package, or where it would be: of one that is installed for
    development (pip install -e), a folder of its project."""
    installed = Path(str(package.locate_file("")))
    names = (f"{top}/__init__.py", f"{top}.py")
    if any(str(one) in names for one in package.files or ()):
        return installed
    project = _project(package)
    places = [project, project / "src"] if project else []
    return next(
        (one for one in places if any((one / name).is_file() for name in names)), installed / "absent"
    )


def _project(package: Distribution) -> Path | None:
    """Return the folder of a package that is installed for development."""
    try:
        origin = json.loads(package.read_text("direct_url.json") or "{}")
        is_editable = origin.get("dir_info", {}).get("editable") is True
        url = str(origin["url"])
    except (ValueError, KeyError, AttributeError):
        return None
    return Path(url.removeprefix("file://")) if is_editable and url.startswith("file:///") else None
