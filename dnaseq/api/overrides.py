"""Settings given as Python values, written as they are typed on the command line: KEY=VALUE."""

import numbers
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from dnaseq.errors import ArgumentError

_BARE = re.compile(r"[A-Za-z_][\w.+-]*", re.ASCII)  # a text that needs no quotes
_NOT_TEXT = ("null", "true", "false", "nan", "inf", "infinity")  # words that would be read as something else


def write_overrides(settings: Mapping[str, object]) -> list[str]:
    """Write each setting as an override; a dict in a dict is a group of keys. Raises ArgumentError for a key that is no
    text and for a value that has no form on the command line."""
    return [f"{key}={_written(key, value)}" for key, value in _leaves(settings, "")]


def _leaves(node: Mapping[str, object], prefix: str) -> Iterator[tuple[str, object]]:
    for key, value in node.items():
        if not isinstance(key, str) or "=" in key or not key.strip():
            raise ArgumentError(f"{key!r} is no key. Write a text such as 'model.encoder.hidden'")
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _written(key: str, value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool | np.bool_ | numbers.Integral):
        return str(value).lower()
    if isinstance(value, numbers.Real):
        return repr(float(value))
    if isinstance(value, str | Path):
        return _quoted(str(value))
    if isinstance(value, Iterable):
        return f"[{','.join(_written(key, one) for one in value)}]"
    raise ArgumentError(
        f"{key}: a {type(value).__name__} is no value of a setting. Give a number, a text or a list"
    )


def _quoted(text: str) -> str:
    if _BARE.fullmatch(text) and text.lower() not in _NOT_TEXT:
        return text
    escaped = re.sub(r"(\\*)'", r"\1\1\\'", text)  # a backslash before a quote is doubled
    end = re.search(r"\\*$", escaped)
    return f"'{escaped}{end[0] if end else ''}'"
