"""Values that are text: names of files, columns, labels and classes, which are taken as they are typed.

Hydra would read `1.0`, `TRUE`, `null` and `type I` as a number, a truth value, nothing and a mistake. So its loader
writes such values in quotes before they are parsed, and reads mappings of names itself.
"""

import json
import re
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, Quote, QuotedString

MAPPINGS = ("data.rename", "data.train", "data.val", "data.test")  # their keys are names of the user's own
NAMES = {  # one name or a list; `null` is none
    *(*MAPPINGS, "data.classes", "data.labels", "data.train_labels", "data.val_labels", "data.test_labels"),
    *("data.id", "data.chromosome", "data.features", "data.feature_type", "encoding.vectors"),
    *(
        "plugins",
        "input",
        "keep",
        "output",
        "bundle",
        "runs",
        "run_dir",
        "cache_dir",
        "resume",
        "sweep.storage",
    ),
    *("target", "motif", "second", "spacing", "explain", "sites", "motifs", "start", "judge"),
    *("protect", "forbid", "gc", "engine.address", "init", "folder", "background", "class", "monitor"),
    *("genome", "sequences", "regions", "exclude", "chrom_map", "write_negatives", "negatives.path"),
    *("data.genome", "data.signal", "data.negative", "logger.experiment", "logger.project", "logger.uri"),
}
WORDS = {  # one text, whatever it is
    *("data.sequence", "data.label", "data.label_pattern", "reading.id", "task.separator", "task.none"),
}
PATTERNS = {"split.pattern"}  # one text, or null
SHARES = {"split.val", "split.test"}  # or lists of names
_OPEN = re.compile(rf"({'|'.join(map(re.escape, MAPPINGS))})\.(.+)", re.DOTALL)
_QUOTED = re.compile(r"""'(?:\\.|[^\\'])*'|"(?:\\.|[^\\"])*\"""", re.DOTALL)
_JSON = re.compile(r"\{(\".*)?\}", re.DOTALL)
_SWEEP = re.compile(r"(choice|shuffle|sort|glob|range)\(.*\)")


def quote_texts(arguments: list[str], several: bool) -> list[str]:
    """Write the values of KEY=VALUE in quotes where they are text; all other arguments stay as they are.

    Names in a mapping of names (data.rename.LABEL=CLASS) become one mapping, as Hydra would take a dot in them for the
    next key. `several` is true where a comma parts the values of several jobs.
    """
    lines: list[str] = []
    mappings: dict[str, list[dict]] = {}
    for argument in arguments:
        typed, equals, value = argument.partition("=")
        key, name = _key_and_name(typed)
        is_text = key in NAMES | WORDS | PATTERNS or (key in SHARES and value.lstrip().startswith("["))
        if not equals or not is_text or (several and _SWEEP.fullmatch(value)):
            lines.append(argument)
            continue
        found = [_read_value(key, name, one) for one in (_split(value, ",") if several else [value])]
        if all(isinstance(one, dict) for one in found):
            mappings[key] = [old | new for old in mappings.get(key, [{}]) for new in found]
        else:
            mark = typed[: len(typed) - len(typed.lstrip("+"))]
            lines.append(f"{mark}{key}={','.join(map(_written, found))}")
    return lines + [f"++{key}={','.join(map(_written, found))}" for key, found in mappings.items()]


def read_mapping_text(override: Override) -> None:
    """Turn the value of an override that quote_texts has written back into the mapping."""
    value = override.value()
    if override.key_or_group in MAPPINGS and isinstance(value, str) and _JSON.fullmatch(value):
        override._value = json.loads(value)


def _key_and_name(typed: str) -> tuple[str, str | None]:
    """Return the key that is typed, and where it is a mapping of names, the name in it."""
    key = typed.lstrip("+").strip()
    opened = _OPEN.fullmatch(key)
    return (opened[1], _read_word(opened[2])) if opened else (key, None)


def _read_value(key: str, name: str | None, typed: str) -> Any:
    if name is not None:
        return {name: _read(typed)}
    if key in WORDS:
        return _read_word(typed)
    if typed.strip() == "null":
        return None
    return _read_word(typed) if key in PATTERNS else _read(typed)


def _read(typed: str) -> Any:
    """Read a text, which may be in quotes, or a list or a mapping of texts."""
    typed = typed.strip()
    ends, inner = typed[:1] + typed[1:][-1:], typed[1:-1]
    if ends == "[]":
        return [_read(one) for one in _split(inner, ",")] if inner.strip() else []
    if ends == "{}":
        entries = [_split(one, ":") for one in _split(inner, ",") if one.strip()]
        return {_read_word(name): _read(":".join(rest)) for name, *rest in entries}
    return _read_word(typed)


def _read_word(typed: str) -> str:
    """Read a text, which may be in quotes."""
    typed = typed.strip()
    quoted = _QUOTED.fullmatch(typed)
    return OverridesParser.create().parse_rule(typed, "element").text if quoted else typed


def _written(value: Any) -> str:
    """Write a value in Hydra's grammar, which has no quotes for the names of a mapping: it goes as one text."""
    if value is None:
        return "null"
    if isinstance(value, list):
        return f"[{','.join(map(_written, value))}]"
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
    return QuotedString(text, Quote.single).with_quotes()


def _split(typed: str, at: str) -> list[str]:
    """Split a text where a letter is neither in quotes nor in brackets. A quote opens before a text, not inside it."""
    parts, start, depth, quote, before = [], 0, 0, "", at
    for place, letter in enumerate(typed):
        if quote:
            quote = "" if letter == quote and before != "\\" else quote
        elif letter in "'\"" and before in ",:[{":
            quote = letter
        elif letter == at and not depth:
            parts.append(typed[start:place])
            start = place + 1
        else:
            depth += (letter in "[{") - (letter in "]}")
        before = before if letter.isspace() else letter
    return [*parts, typed[start:]]
