"""The plug-ins that a user has named, for one bundle or for one command, and the targets `plugin:NAME/PART`."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from dnaseq.errors import ConfigError
from dnaseq.plugins.finding import Plugin, find_plugin
from dnaseq.plugins.loading import is_loaded, load_part, load_plugin
from dnaseq.plugins.source import PluginSource

PREFIX = "plugin:"
TARGET = re.compile(r"plugin:([A-Za-z][A-Za-z0-9_]{0,63})/([A-Za-z][A-Za-z0-9_]{0,99})")
Object = TypeVar("Object")


@dataclass(frozen=True)
class Plugins:
    """Plug-ins by their names. Nothing of them runs before a part of them is asked for.

    Other processes get them by pickle, with the text of files, so that all of them run the same.
    """

    known: tuple[Plugin, ...] = ()

    def part(self, target: str) -> Any:
        """Return the class or function of a target, and run its plug-in. Raises ConfigError where it is not named."""
        match = TARGET.fullmatch(target)
        if not match:
            raise ConfigError(f"{target!r} must be plugin:NAME/PART, such as plugin:mylab/GatedCnn")
        return load_part(self.named(match[1]), match[2])

    def named(self, name: str) -> Plugin:
        """Return the plug-in of a name. Raises ConfigError where the user has not named it."""
        found = next((one for one in self.known if one.name == name), None)
        if found is None:
            raise ConfigError(f"plug-in {name} is not named, so it does not run. {how_to_name(name)}")
        return found

    def load(self, name: str) -> None:
        """Run the plug-in of a name, once."""
        load_plugin(self.named(name))

    def sources(self, names: Iterable[str]) -> list[PluginSource]:
        """Return the sources of the plug-ins of these names, sorted by name."""
        return [self.named(name).source for name in sorted(set(names))]

    @property
    def loaded(self) -> "Plugins":
        """Those that have run in this process."""
        return Plugins(tuple(one for one in self.known if is_loaded(one)))


NO_PLUGINS = Plugins()


def find_plugins(given: Sequence[str]) -> Plugins:
    """Find plug-ins by names and paths. Raises ConfigError for two of one name."""
    known = tuple(find_plugin(one) for one in dict.fromkeys(given))
    names = [one.name for one in known]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ConfigError(f"plugins: two plug-ins are named {twice}. Leave one out")
    return Plugins(known)


def how_to_name(name: str) -> str:
    return f"If you trust it, write plugins=[{name}], or plugins=[./{name}.py] for a file"


def names_in(node: object) -> set[str]:
    """Return the names of the plug-ins that targets in a tree of dicts and lists need."""
    return {match[1] for target in targets_in(node) if (match := TARGET.fullmatch(target))}


def targets_in(node: object) -> Iterator[str]:
    """Yield the targets of plug-ins in a tree of dicts and lists."""
    if isinstance(node, dict):
        target = node.get("_target_")
        if isinstance(target, str) and target.startswith(PREFIX):
            yield target
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from targets_in(value)


_of_job = [NO_PLUGINS]  # the last one is that of the command that runs


def job_plugins() -> Plugins:
    """Return the plug-ins that the user has named for the command that runs."""
    return _of_job[-1]


@contextmanager
def use_plugins(plugins: Plugins) -> Iterator[None]:
    """Let the configuration of a command have parts of these plug-ins, inside the block."""
    _of_job.append(plugins)
    try:
        yield
    finally:
        _of_job.pop()


class PluginsFirst:
    """An object that runs, where pickle reads it, the plug-ins that have run here: what follows may be theirs."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple]:
        return rebuild, (PluginsFirst, job_plugins().loaded)


def rebuild(kind: type[Object], plugins: Plugins) -> Object:
    """Return an object without its state, for pickle, which may look for classes of plug-ins in the state."""
    for one in plugins.known:
        load_plugin(one)
    return kind.__new__(kind)
