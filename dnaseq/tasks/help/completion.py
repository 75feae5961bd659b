"""Completion of command lines by a shell: commands, groups, choices, keys, values and files."""

import os
from collections.abc import Iterable
from pathlib import Path

from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from dnaseq.errors import ConfigError
from dnaseq.tasks.config.composed import Composed
from dnaseq.tasks.config.composition import choices_of, compose_task, hydra_of
from dnaseq.tasks.config.meanings import WORDS, allowed_values, read_comments

OPTIONS = {
    "--help": "explain the command, or the names that follow",
    "--cfg": "job: print the whole configuration",
    "--multirun": "run every combination of values",
    "--config-dir": "a folder with configurations of your own",
}
WITH_PATHS = {"FILE", "FOLDER"}


def complete_task(task: str, words: list[str]) -> list[tuple[str, str]]:
    """Complete the last of the words behind a command: pairs of a whole word and its meaning."""
    *before, word = words or [""]
    if word.startswith("-"):
        return [(option, text) for option, text in OPTIONS.items() if option.startswith(word)]
    with hydra_of(task):
        composed = _compose(task, [one for one in before if "=" in one and not one.startswith("-")])
        key, equals, value = word.partition("=")
        if not equals:
            found = _names(composed, ["--help", "-h"], before)
        else:
            begun, comma, value = value.rpartition(",")  # of several values
            begun = f"{key}={begun}{comma}"
            if key in composed.groups:
                texts = {name: read_comments(path).title for name, path in choices_of(key).items()}
            else:
                texts = dict.fromkeys(_values(key, value, composed), "")
            found = [(f"{begun}{one}", text) for one, text in texts.items()]
    return [one for one in found if one[0].startswith(word)]


def _compose(task: str, settings: list[str]) -> Composed:
    try:
        return compose_task(task, settings)
    except (ConfigError, HydraException, OmegaConfBaseException):  # one of them is not complete yet
        return compose_task(task, [])


def _names(composed: Composed, asks: list[str], before: list[str]) -> list[tuple[str, str]]:
    """List groups and keys, with the sign of equality unless their help is asked for."""
    end = "" if set(asks) & set(before) else "="
    keys = {key: composed.meanings[key].text for key in composed.keys if key in composed.meanings}
    return [(f"{name}{end}", text) for name, text in {**composed.groups, **keys}.items()]


def _values(key: str, value: str, composed: Composed) -> Iterable[str]:
    """List the words that a key may be, or the files that its value begins with."""
    parent = key.rpartition(".")[0]  # data.train.CLASS
    name = key if key in composed.keys else parent
    allowed = allowed_values(composed.meanings.get(name), composed.keys.get(name))
    words = [one for one in allowed if one not in WORDS and ".." not in one]
    return words + (files_of(value) if name != key or WITH_PATHS & set(allowed) else [])


def files_of(start: str) -> list[str]:
    """List the files and folders whose path begins with a text, folders with a slash at the end."""
    folder, name = os.path.split(start)
    place = Path(folder).expanduser() if folder else Path()
    try:
        found = sorted(one for one in place.iterdir() if one.name.startswith(name))
    except OSError:
        return []
    shown = [one for one in found if name.startswith(".") or not one.name.startswith(".")]
    return [os.path.join(folder, one.name) + ("/" if one.is_dir() else "") for one in shown]
