"""The one place where code of a plug-in runs: the text of a file, or a module of an installed package."""

import os
import re
import sys
import traceback
from importlib.abc import SourceLoader
from importlib.metadata import EntryPoint
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from types import ModuleType
from typing import Any

from dnaseq.errors import ConfigError
from dnaseq.plugins.finding import GROUP, Plugin, code_folder_of, find_plugin

_PART = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
_loaded: dict[tuple[str, str], ModuleType] = {}  # name and SHA-256 of the source -> module


def is_loaded(plugin: Plugin) -> bool:
    return _key(plugin) in _loaded


def load_plugin(plugin: Plugin) -> ModuleType:
    """Run a plug-in, once. Raises ConfigError with file and line for an error in it."""
    key = _key(plugin)
    if key not in _loaded:
        _loaded[key] = _import_installed(plugin) if plugin.text is None else _run_file(plugin)
    return _loaded[key]


def load_part(plugin: Plugin, name: str) -> Any:
    """Return a class or a function that a plug-in defines itself: no name that it has only imported."""
    module = load_plugin(plugin)
    part = vars(module).get(name) if _PART.fullmatch(name) else None
    home = str(getattr(part, "__module__", ""))
    own = home == module.__name__ or (plugin.text is None and _top(home) == _top(module.__name__))
    if not callable(part) or not own:
        defined = [
            one
            for one, value in vars(module).items()
            if isinstance(value, type) and value.__module__ == module.__name__ and _PART.fullmatch(one)
        ]
        there = f"It has {', '.join(defined[:8])}" if defined else "It has none"
        raise ConfigError(f"plugin:{plugin.name}/{name}: no class or function of this plug-in. {there}")
    return part


def sha256_of_maker(made: object) -> str | None:
    """Return the SHA-256 of the plug-in that has the class of an object; None where no plug-in has it."""
    home = type(made).__module__
    for (_, sha256), module in _loaded.items():
        if home == module.__name__ or home.startswith(f"{_top(module.__name__)}."):
            return sha256
    return None


def _key(plugin: Plugin) -> tuple[str, str]:
    return plugin.name, plugin.source.sha256


class _TextLoader(SourceLoader):
    """A loader of a text that has been read and hashed, which reads no file, and no compiled one beside it."""

    def __init__(self, path: str, text: bytes):
        self._path, self._text = path, text

    def get_filename(self, fullname: str) -> str:
        return self._path

    def get_data(self, path: str | bytes) -> bytes:
        return self._text


def _run_file(plugin: Plugin) -> ModuleType:
    assert plugin.text is not None
    name = f"dnaseq_plugin_{plugin.name}_{plugin.source.sha256[:12]}"
    spec = spec_from_file_location(name, plugin.place, loader=_TextLoader(plugin.place, plugin.text))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module  # pickle looks for its classes there
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        fix = ". A plug-in of one file imports installed packages alone" * isinstance(error, ImportError)
        raise ConfigError(f"{_describe(error, plugin.place)}{fix}") from error
    return module


def _import_installed(plugin: Plugin) -> ModuleType:
    """Import the module of a package, if it is found where the package is, and is still the one that was named."""
    now = find_plugin(plugin.name)
    if now != plugin:
        raise ConfigError(f"plug-in {plugin.name}: {now.source} is installed here, not {plugin.source}")
    if any(name == plugin.name for name, _ in _loaded):
        raise ConfigError(
            f"plug-in {plugin.name} has changed since this process loaded it. Start Python anew"
        )
    top = _top(plugin.place)
    due = code_folder_of(plugin.name, top)
    spec = find_spec(top)  # of a module without a dot this runs no code of it
    origin = spec.origin if spec and spec.origin else "nowhere"
    if os.path.realpath(origin) not in {
        os.path.realpath(due / one) for one in (f"{top}/__init__.py", f"{top}.py")
    }:
        what = f"Python finds its module {top} at {origin}, not in the package {plugin.source.distribution}"
        raise ConfigError(f"plug-in {plugin.name}: {what}. Rename or remove that one")
    try:
        module = EntryPoint(plugin.name, plugin.place, GROUP).load()
    except (Exception, SystemExit) as error:
        raise ConfigError(_describe(error, origin)) from error
    if not isinstance(module, ModuleType):
        raise ConfigError(f"plug-in {plugin.name}: {plugin.place} is no module")
    return module


def _describe(error: BaseException, path: str) -> str:
    """Describe an error in a plug-in, with the line where it began to fail."""
    if isinstance(error, SyntaxError):
        place = f"{error.filename or path}:{error.lineno or 1}"
    else:
        lines = [one.lineno for one in traceback.extract_tb(error.__traceback__) if one.filename == path]
        place = f"{path}:{lines[-1]}" if lines else path
    what = " ".join(str(error.msg if isinstance(error, SyntaxError) else error).split())
    return f"{place}: {type(error).__name__}: {what}"


def _top(module: str) -> str:
    return module.partition(".")[0]
