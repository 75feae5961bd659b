"""The plug-ins that a command names. Only the command line names them: never a file, which may be a stranger's."""

from collections.abc import Sequence

from dnaseq.errors import ConfigError
from dnaseq.io.progress import show_progress
from dnaseq.plugins.named import NO_PLUGINS, Plugins, find_plugins, names_in

KEY = "plugins"
KEYS = (KEY, "plugins_changed")


def named_plugins(settings: dict, typed: Sequence[str]) -> Plugins:
    """Find the plug-ins of a command, from its settings and the overrides that were typed. Nothing of them runs.

    Raises ConfigError where a file of configurations names plug-ins, and where they cannot be found.
    """
    given = settings.get(KEY)
    if not given:
        return NO_PLUGINS
    names = given if isinstance(given, list) else [given]
    if strange := [one for one in names if not isinstance(one, str) or "${" in one]:
        raise ConfigError(f"{KEY} must be names of packages or paths of files; got {strange[0]!r}")
    if KEY not in [one.lstrip("+").partition("=")[0] for one in typed]:
        raise ConfigError(f"{KEY}: a file cannot name plug-ins. Write it in the command: {KEY}=[{names[0]}]")
    return find_plugins(names)


def run_plugins(settings: dict, plugins: Plugins) -> None:
    """Run the plug-ins that parts of a configuration need, so that errors in them come before any data are read."""
    if needed := names_in(settings):
        with show_progress("loading plug-ins"):
            for name in sorted(needed):
                plugins.load(name)
