"""YAML files from anywhere: one mapping of plain values, read within limits."""

import re
from pathlib import Path

import yaml
from yaml import events
from yaml.constructor import ConstructorError

from dnaseq.errors import ConfigError
from dnaseq.io.os_errors import access

try:
    from yaml import CSafeLoader as _Safe  # twenty times faster
except ImportError:
    from yaml import SafeLoader as _Safe

LARGEST = 10_000_000  # bytes
DEEPEST = 100  # levels
MOST = 100_000  # keys and values
PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "map", "seq")}
_OPENING = (events.MappingStartEvent, events.SequenceStartEvent)
_CLOSING = (events.MappingEndEvent, events.SequenceEndEvent)
# as OmegaConf reads its own files: 1e-05 is a number too, and a date is text
_FLOAT = re.compile(
    r"""^(?:[-+]?[0-9]+(?:_[0-9]+)*\.[0-9_]*(?:[eE][-+]?[0-9]+)?
    |[-+]?[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+)
    |\.[0-9]+(?:_[0-9]+)*(?:[eE][-+][0-9]+)?
    |[-+]?[0-9]+(?:_[0-9]+)*(?::[0-5]?[0-9])+\.[0-9_]*
    |[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$""",
    re.X,
)


class _Loader(_Safe):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        names: set[tuple] = set()
        for key, _ in node.value:
            if (name := (key.tag, repr(key.value))) in names:
                raise ConstructorError(
                    problem=f"the key {key.value!r} is there twice", problem_mark=key.start_mark
                )
            names.add(name)
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+0123456789."))
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}


def read_mapping(path: str | Path) -> dict:
    """Read the mapping in a YAML file, with numbers as OmegaConf writes them.

    Raises ConfigError, with the line, for a file that is larger or deeper than any configuration or no mapping, for
    aliases, tags and keys that are there twice; FileAccessError where the file cannot be read.
    """
    with access(path), open(path, "rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ConfigError(f"{path}: more than {LARGEST // 10**6} MB is no configuration")
    try:
        text = content.decode()
        _check_events(text, path)
        found = _Loader(text).get_single_data()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: not UTF-8 text. Save it as UTF-8") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}{_line(error)}: not readable as YAML ({_problem(error)})") from error
    except ValueError as error:  # a whole number of thousands of digits
        raise ConfigError(f"{path}: not readable as YAML ({error})") from error
    if not isinstance(found, dict):
        raise ConfigError(f"{path}: holds no keys with values")
    return found


def _check_events(text: str, path: str | Path) -> None:
    """Raise ConfigError for YAML that needs much time or memory to read, or that runs code."""
    depth = count = 0
    for event in yaml.parse(text, _Safe):
        place = f"{path}:{event.start_mark.line + 1}"
        if isinstance(event, events.AliasEvent) or getattr(event, "anchor", None):
            raise ConfigError(f"{place}: anchors and aliases (& and *) are not read. Write the value out")
        if (tag := getattr(event, "tag", None)) and tag not in PLAIN_TAGS:
            raise ConfigError(f"{place}: the tag {tag!r} is not read. Write a plain value")
        depth += isinstance(event, _OPENING) - isinstance(event, _CLOSING)
        count += isinstance(event, events.NodeEvent)
        if depth > DEEPEST:
            raise ConfigError(f"{place}: more than {DEEPEST} levels are no configuration")
        if count > MOST:
            raise ConfigError(f"{place}: more than {MOST} values are no configuration")


def _line(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f":{mark.line + 1}" if mark else ""


def _problem(error: yaml.YAMLError) -> str:
    return getattr(error, "problem", None) or " ".join(str(error).split())
