"""Preparation of command-line arguments for Hydra."""

import re

from hydra.core.override_parser.types import Quote, QuotedString

from dnaseq.errors import ConfigError
from dnaseq.io.yaml_file import read_mapping

_NO_TEXT = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# A key of a task, not of Hydra; the names in a mapping of names are any text.
_SETTING = re.compile(r"\+{0,2}((?!hydra\b)[A-Za-z_][\w./-]*|data\.(rename|train|val|test)\.[^=]+)=")
# Options of Hydra whose value is the next argument.
_WITH_VALUE = {
    *("--cfg", "-c", "--info", "-i", "--package", "-p", "--config-path", "-cp", "--config-name", "-cn"),
    *("--config-dir", "-cd", "--experimental-rerun"),
}


def expand_arguments(arguments: list[str], task: str) -> list[str]:
    """Replace each @FILE by the list `overrides` in that file, for example best.yaml of a sweep.

    A training by a file without a recipe has none, as it was written before there were any. Raises ConfigError for a
    file without a list, or with anything in it but settings of a task, and for an argument that is no text of one line.
    """
    found = [
        one
        for argument in arguments
        for one in (_read_overrides(argument[1:], task) if argument[:1] == "@" else [argument])
    ]
    for argument in found:
        if strange := _NO_TEXT.search(argument):
            key = argument.partition("=")[0]
            raise ConfigError(f"{key}: the character {strange[0]!r} is not text of one line. Leave it out")
    return found


def _read_overrides(path: str, task: str) -> list[str]:
    found = read_mapping(path).get("overrides")
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise ConfigError(f"{path}: has no list named overrides")
    for one in found:
        if not _SETTING.match(one):
            raise ConfigError(f"{path}: {one!r} is no KEY=VALUE of a task. Take it out of the file")
    names_none = task in ("train", "sweep") and not any(one.startswith("recipe=") for one in found)
    return ["recipe=none", *found] if names_none else found


def prepare_arguments(arguments: list[str], list_key: str | None = None) -> list[str]:
    """Put -m first, as Hydra understands it anywhere but between overrides.

    Arguments that are neither KEY=VALUE nor options become the list `list_key`, for a task that has one.
    """
    several = [argument for argument in arguments if argument in ("-m", "--multirun")]
    rest = [argument for argument in arguments if argument not in several]
    return several + (_collect_list(rest, list_key) if list_key else rest)


def _collect_list(arguments: list[str], list_key: str) -> list[str]:
    """Join the arguments that stand alone to one list at the end."""
    before = ["", *arguments]
    alone = [
        "=" not in argument and not argument.startswith("-") and last not in _WITH_VALUE
        for last, argument in zip(before, arguments, strict=False)
    ]
    words = [a for a, is_alone in zip(arguments, alone, strict=True) if is_alone]
    named = [QuotedString(word, Quote.single).with_quotes() for word in words]
    rest = [a for a, is_alone in zip(arguments, alone, strict=True) if not is_alone]
    return [*rest, f"{list_key}=[{','.join(named)}]"] if named else rest
