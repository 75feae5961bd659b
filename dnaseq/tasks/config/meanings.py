"""The meaning of every key and choice, read from the comments of the files in conf/, for the help and the checks.

At its key stands `# [ALLOWED | ...] text`. ALLOWED is a value (drop, true, null), a range (1..10, 1.., 0.0..1.0) or one
of the words in WORDS. Without it the kind is that of the value.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # fifteen times as fast, where there is libyaml
WORDS: dict[str, tuple[type | tuple[type, ...], str]] = {  # types, and the word of a message
    "WHOLE": (int, "a whole number"),
    "NUMBER": ((int, float), "a number"),
    "LIST": (list, "a list"),
    "KEYS": (dict, "a group of keys"),
    "NAMES": ((str, list), "a name or a list of names"),
    "TEXT": (object, "a text"),  # which may look like something else
    "FILE": (object, "a file"),
    "FOLDER": (object, "a folder"),
    "DEVICE": (object, "a device"),
}
_OF_DEFAULT = {bool: ("true", "false"), int: ("WHOLE",), float: ("NUMBER",), list: ("LIST",), dict: ("KEYS",)}
_COMMENT = re.compile(r"[\s:]*#\s*(?:\[([^\]]+)\]\s*)?(.*)")
_RANGE = re.compile(r"(\d+(?:\.\d+)?)\.\.(\d+(?:\.\d+)?)?")
_GLOBAL = "# @package _global_"


class Meaning(NamedTuple):
    """The comment at a key."""

    allowed: tuple[str, ...]  # none: any value of the same kind as the default
    text: str


class ConfFile(NamedTuple):
    """The comments of a file."""

    head: tuple[str, ...]  # lines that it begins with
    groups: dict[str, str]  # text of each group that its list of defaults names
    keys: dict[str, Meaning]  # dotted, in their order

    @property
    def title(self) -> str:
        return self.head[0] if self.head else ""


@cache
def read_comments(path: Path) -> ConfFile:
    lines = path.read_text().splitlines()
    head = [line[2:] for line in takewhile(lambda line: line.startswith("#"), lines) if line != _GLOBAL]
    root = yaml.compose("\n".join(lines), Loader=_LOADER)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    groups = {
        key.value.lstrip("/"): _meaning(key, choice, lines).text
        for name, listed in pairs
        if name.value == "defaults"
        for item in listed.value
        if isinstance(item, yaml.MappingNode)
        for key, choice in item.value
        if not key.value.startswith("override ")
    }
    own = [(key, value) for key, value in pairs if key.value != "defaults"]
    return ConfFile(tuple(head), groups, dict(_meanings(own, lines)))


def _meanings(pairs: list, lines: list[str], prefix: str = "") -> Iterator[tuple[str, Meaning]]:
    for key, value in pairs:
        yield f"{prefix}{key.value}", _meaning(key, value, lines)
        if isinstance(value, yaml.MappingNode):
            yield from _meanings(value.value, lines, f"{prefix}{key.value}.")


def _meaning(key: yaml.Node, value: yaml.Node, lines: list[str]) -> Meaning:
    """Read the comment behind a value, or behind its key where the value stands on lines of its own."""
    is_block = isinstance(value, yaml.CollectionNode) and not value.flow_style
    end = key.end_mark if is_block else value.end_mark
    match = _COMMENT.match(lines[end.line], end.column)
    allowed = [one.strip() for one in match[1].split(" | ")] if match and match[1] else []
    return Meaning(tuple(allowed), match[2] if match else "")


def allowed_values(meaning: Meaning | None, default: object) -> tuple[str, ...]:
    """Return what a key may be; nothing where its meaning does not say and its default, null or a text, has no kind."""
    return (meaning.allowed if meaning else ()) or _OF_DEFAULT.get(type(default), ())


def allows(allowed: tuple[str, ...], value: object) -> bool:
    return any(_is_one(value, one) for one in allowed)


def describe(allowed: tuple[str, ...]) -> str:
    """Return `one of drop, fail, keep`, or `a whole number of at least 1, or null`."""
    values = [one for one in allowed if not (_RANGE.fullmatch(one) or one in WORDS)]
    kinds = [_describe(one) for one in allowed if one not in values]
    if kinds or len(values) < 3:
        return ", or ".join(kinds + values) if kinds else " or ".join(values)
    return f"one of {', '.join(values)}"


def brief(allowed: str) -> str:
    """Return one of the allowed values as the help shows it: `drop`, `file`, `1 or more`, `0 to 1`."""
    if match := _RANGE.fullmatch(allowed):
        return (
            f"{match[1].removesuffix('.0')} {f'to {match[2]}'.removesuffix('.0') if match[2] else 'or more'}"
        )
    return WORDS[allowed][1].removeprefix("a ") if allowed in WORDS else allowed


def _is_one(value: object, allowed: str) -> bool:
    if match := _RANGE.fullmatch(allowed):
        low, high = (float(end or "inf") for end in match.groups())
        kinds = (int, float) if "." in match[1] else (int,)
        return isinstance(value, int | float) and type(value) in kinds and low <= value <= high
    if allowed in WORDS:
        return isinstance(value, WORDS[allowed][0]) and value is not None and not isinstance(value, bool)
    known = yaml.safe_load(allowed)
    return type(value) is type(known) and value == known


def _describe(allowed: str) -> str:
    match = _RANGE.fullmatch(allowed)
    if not match:
        return WORDS[allowed][1]
    low, high = ((end or "").removesuffix(".0") for end in match.groups())
    kind = "number" if "." in match[1] else "whole number"
    return f"a {kind} from {low} to {high}" if high else f"a {kind} of at least {low}"
