"""Preparation of command-line arguments for Hydra."""

import glob
import logging
import os
import re
from collections.abc import Iterator, Sequence
from importlib.resources import files as package_files
from pathlib import Path

from hydra.core.override_parser.types import Quote, QuotedString

from dnaseq.errors import ConfigError
from dnaseq.io.yaml_file import read_mapping
from dnaseq.tasks.config.error_messages import FILES_OF_DATA, OTHER_WORDS, join_messages

logger = logging.getLogger("dnaseq")
_CONF = Path(str(package_files("dnaseq.conf")))

_NO_TEXT = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# A key of a task, not of Hydra; the names in a mapping of names are any text.
_SETTING = re.compile(r"\+{0,2}((?!hydra\b)[A-Za-z_][\w./-]*|data\.(rename|train|val|test)\.[^=]+)=")
# Options of Hydra whose value is the next argument, and the others.
_WITH_VALUE = {
    *("--cfg", "-c", "--info", "-i", "--package", "-p", "--config-path", "-cp", "--config-name", "-cn"),
    *("--config-dir", "-cd", "--experimental-rerun"),
}
_ALONE = {
    *("--help", "-h", "--hydra-help", "--version", "--resolve", "--run", "-r", "--multirun", "-m"),
    *("--shell-completion", "-sc"),
}
_OF_INFO = ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath")  # values of -i
_KEY = re.compile(r"[a-z]\w*(\.\w+)*")
_SUFFIXES = (
    ".fa",
    ".fasta",
    ".fna",
    ".fq",
    ".fastq",
    ".gz",
    ".csv",
    ".tsv",
    ".parquet",
    ".xlsx",
    ".txt",
    ".bed",
)
OF_DATA = ("train", "sweep", "audit", "evaluate")  # commands with data of their own if none are named
_TABLES = (".csv", ".tsv", ".parquet", ".xlsx", ".csv.gz", ".tsv.gz")


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
        if re.match(r"\+*plugins(_changed)?\b", one):
            raise ConfigError(f"{path}: a file cannot name plug-ins. Write {one} in the command")
    names_none = task in ("train", "sweep") and not any(one.startswith("recipe=") for one in found)
    return ["recipe=none", *found] if names_none else found


def prepare_arguments(arguments: list[str], task: str, list_key: str | None = None) -> list[str]:
    """Put the options first, as Hydra understands them anywhere but between overrides.

    Arguments that are neither KEY=VALUE nor options become the list `list_key`, for a task that has one; for the others
    they raise ConfigError.
    """
    options, rest = _part_options(arguments)
    if list_key:
        return options + _collect_list(rest, list_key)
    if messages := list(_mistakes(rest, task)):
        raise ConfigError(join_messages(messages))
    return options + rest


def note_shipped_data(overrides: Sequence[str], task: str) -> None:
    """Log that files replace some of the shipped data, where no data= is among the overrides."""
    keys = [one.partition("=")[0].lstrip("+") for one in overrides]
    files = [key for key in keys if key in FILES_OF_DATA]
    if files and task in OF_DATA and not {"data", "resume"} & set(keys):
        what = "note: %s= alone replaces a file of the data that come with dnaseq. For your own files write data=fasta"
        logger.info(what, files[0])


def _part_options(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Return the options of Hydra with their values, and the other arguments."""
    options: list[str] = []
    rest: list[str] = []
    left = list(arguments)
    while left:
        argument = left.pop(0)
        name = argument.partition("=")[0]
        is_input = name == "-i" and left and left[0] not in _OF_INFO
        if name in _ALONE or (name in _WITH_VALUE and not is_input):
            options.append(argument)
            if name in _WITH_VALUE and name == argument and left:
                options.append(left.pop(0))
        else:
            rest.append(argument)
    return options, rest


def _mistakes(arguments: list[str], task: str) -> Iterator[str]:
    """Yield a message for each argument that is no KEY=VALUE, with what may have been meant."""
    files: list[str] = []
    left = list(arguments)
    while left:
        word, *left = left
        following = left[0] if left and "=" not in left[0].strip("=") and not left[0].startswith("-") else ""
        if word.startswith("-"):
            name = {"-i": "input", "-o": "output"}.get(word, word.lstrip("-").replace("-", "_"))
            other, equals, given = name.partition("=")
            if meant := re.fullmatch(r"([\w.]+)=\w+", OTHER_WORDS.get(other, "")):
                name = f"{meant[1]}{equals}{given}"
            left = left[1:] if "=" not in name and following else left
            value = "" if "=" in name else f"={following or 'VALUE'}"
            yield f"{word}: keys have no dashes. Write {name}{value}"
        elif re.fullmatch(r"[^=]*=", word) and following and _KEY.fullmatch(word[:-1]):
            left = left[1:]
            yield f"{word} {following}: leave out the blank. Write {word}{following}"
        elif "=" in word.lstrip("=") or word.startswith("~"):
            continue
        elif following.startswith("=") and len(left) > (following == "="):
            value, left = (following[1:], left[1:]) if following != "=" else (left[1], left[2:])
            yield f"{word} = {value}: leave out the blanks. Write {word}={value}"
        elif following and _is_key(word) and not os.path.exists(word):
            left = left[1:]
            yield f"{word} {following}: write {word}={following}"
        elif os.path.exists(word) or "." in word or "/" in word:
            files.append(word)
        else:
            group = _group_of(word)
            yield f"{word!r} stands alone. " + (f"Write {group}={word}" if group else "Write KEY=VALUE")
    if files:
        stand = "stands" if len(files) == 1 else "stand"
        yield f"{', '.join(files)} {stand} alone. Write {_keys_of_files(files, task)}"


def _is_key(word: str) -> bool:
    """Tell if a word looks like a key, and neither like a choice nor like a file."""
    return bool(_KEY.fullmatch(word)) and not _group_of(word) and os.path.splitext(word)[1] not in _SUFFIXES


def _group_of(word: str) -> str | None:
    """Find the group of conf/ that has such a choice, the model first."""
    found = {path.parent.name for path in _CONF.glob(f"*/{glob.escape(word)}.yaml")}
    return "model" if "model" in found else min(found, default=None)


def _keys_of_files(files: list[str], task: str) -> str:
    """Write files that stand alone as the settings of a task."""
    folders = [name for name in files if os.path.isdir(name)]
    folders = [name for name in folders if _is_run_or_bundle(name)] or folders[:1]
    plain = [name for name in files if name not in folders]
    kind = "table" if plain and plain[0].endswith(_TABLES) else "fasta"
    bundles = [f"bundle={name}" for name in folders]
    if task in ("predict", "explain", "embed", "insert", "ablate"):
        is_output = len(plain) > 1 and not os.path.exists(plain[-1])
        output = [f"output={plain.pop()}"] if is_output else []
        return " ".join([*bundles, *([f"input={_one_or_list(plain)}"] if plain else []), *output])
    if task == "evaluate":
        return " ".join([*bundles, *([f"data={kind} data.test={_one_or_list(plain)}"] if plain else [])])
    if len(files) == 2:
        return f"data={kind} data.train={files[0]} data.test={files[1]}"
    return f"data={kind} data.train={_one_or_list(files)}"


def _is_run_or_bundle(name: str) -> bool:
    return any(os.path.exists(os.path.join(name, file)) for file in ("spec.json", "config.yaml"))


def _one_or_list(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"[{','.join(names)}]"


def _collect_list(arguments: list[str], list_key: str) -> list[str]:
    """Join the arguments that stand alone to one list at the end."""
    words = [one for one in arguments if "=" not in one and not one.startswith("-")]
    named = [QuotedString(word, Quote.double).with_quotes() for word in words]
    rest = [one for one in arguments if one not in words]
    return [*rest, f"{list_key}=[{','.join(named)}]"] if named else rest
