"""The folders of configurations that a user names, by --config-dir or by hydra.searchpath on the command line."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Quote, QuotedString

from dnaseq.errors import ConfigError

CONFIG_DIR, KEY = "--config-dir", "hydra.searchpath"
SCHEME = "file://"


def take_folders(config_dir: str | None, overrides: Iterable[str]) -> tuple[list[Path], list[str]]:
    """Return the folders, absolute, and the overrides that are left.

    Raises ConfigError for what is no folder: a package (pkg://NAME) would be imported, which runs its code.
    """
    named = [] if config_dir is None else [_folder(CONFIG_DIR, config_dir)]
    left = []
    for one in overrides:
        if one.partition("=")[0].strip() == KEY:
            named += [_folder(KEY, place) for place in _places(one)]
        else:
            left.append(one)
    return list(dict.fromkeys(named)), left


def options_of(folders: Sequence[str]) -> list[str]:
    """Return the words of a command that name these folders."""
    first, more = folders[:1], [QuotedString(one, Quote.single).with_quotes() for one in folders[1:]]
    return [word for one in first for word in (CONFIG_DIR, one)] + (
        [f"{KEY}=[{','.join(more)}]"] if more else []
    )


def parts_of_command(words: Sequence[str]) -> tuple[list[Path], list[str]]:
    """Return the folders and the overrides in the words of a command behind `dnaseq COMMAND`. Raises ConfigError for a
    folder that is not there any more."""
    if words[:1] == [CONFIG_DIR] and len(words) > 1:
        return take_folders(words[1], words[2:])
    return take_folders(None, words)


def settings_of_command(words: Sequence[str]) -> list[str]:
    """Return the overrides in the words of a command behind `dnaseq COMMAND`, without the folders."""
    own = words[2:] if words[:1] == [CONFIG_DIR] else words
    return [one for one in own if one.partition("=")[0] != KEY]


def _places(override: str) -> list[str]:
    value = OverridesParser.create().parse_override(override).value()
    places = value if isinstance(value, list) else [value]
    texts = [text for one in places if isinstance(text := getattr(one, "text", one), str)]
    if not texts or len(texts) < len(places):
        raise ConfigError(f"{KEY} must be a list of folders; got {value!r}. Write {KEY}=[FOLDER]")
    return texts


def _folder(key: str, place: str) -> Path:
    path = place.removeprefix(SCHEME)
    if "://" in path:
        raise ConfigError(f"{key}: {place} is no folder. Only folders of this machine are read")
    folder = Path(path).expanduser().absolute()
    if not folder.is_dir():
        raise ConfigError(f"{key} {place}: no such folder")
    return folder
