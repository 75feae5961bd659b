"""Checks of a user's settings against their defaults, before any file is opened."""

import math
import reprlib
from collections.abc import Iterator
from typing import Any

from omegaconf import DictConfig, OmegaConf

from dnaseq.build import arguments_of, check_targets
from dnaseq.errors import ConfigError
from dnaseq.tasks.config.error_messages import join_messages, unknown_key
from dnaseq.tasks.config.meanings import Meaning, allowed_values, allows, describe

OPEN = {
    "sweep.space",
    "metrics",
    "data.rename",
    "data.train",
    "data.val",
    "data.test",
}  # keys in them are the user's own
ABSENT = object()  # in place of a value
LARGEST = 2**63 - 1  # whole number that torch and numpy hold
OR_LISTS = (".parts", ".pools")  # lists in earlier versions
PARTS_OF_A_NODE = {"_target_", "_partial_"}  # for the construction of an object


def plain(cfg: DictConfig, resolve: bool = True) -> dict[str, Any]:
    """Return a configuration as dicts, lists and single values."""
    found: Any = OmegaConf.to_container(cfg, resolve=resolve)
    return found


def without_hydra(cfg: DictConfig) -> dict[str, Any]:
    """Return a configuration as it is written, without Hydra's own part."""
    return {key: value for key, value in plain(cfg, resolve=False).items() if key != "hydra"}


def check_settings(
    cfg: DictConfig, defaults: dict, meanings: dict[str, Meaning], known: dict | None = None
) -> None:
    """Raise ConfigError naming the keys that are unknown or missing, or whose values are none of those that are
    allowed; ModelFileError for a target that is never built.

    `defaults` is the same configuration with the same choices of groups and no key set. `known` are the known keys,
    if they are not those of the defaults.
    """
    resolved = _resolve(cfg)
    check_targets(resolved)
    found = find_faults(plain(cfg, resolve=False), defaults, meanings, known, resolved)
    for key, message in _strange_numbers(resolved):
        found.setdefault(key, message)
    if found:
        raise ConfigError(join_messages(found.values()))


def find_faults(
    given: dict,
    usual: dict,
    meanings: dict[str, Meaning],
    known: dict | None = None,
    resolved: dict | None = None,
) -> dict[str, str]:
    """Map each key that is unknown or missing, or has a value that is not allowed, to a message."""
    known = usual if known is None else known
    found = dict(_unknown_keys(given, known, dotted_keys(known)))
    for key, value, default in _pairs(given if resolved is None else resolved, usual):
        allowed = allowed_values(meanings.get(key), default)
        is_list = key.endswith(OR_LISTS) and isinstance(value, list)
        is_reference = isinstance(value, str) and "${" in value
        if value is not ABSENT and (is_list or is_reference or not allowed or allows(allowed, value)):
            continue
        if value is ABSENT or (value is None and not isinstance(default, bool | list | dict)):
            found.setdefault(key, f"{key} must be given: {key}=...")
        else:
            named = f"names with values, such as {key}.NAME=VALUE"
            wanted = describe(allowed).replace("a group of keys", named)
            found.setdefault(key, f"{key} must be {wanted}; got {reprlib.repr(value)}")
    return found


def dotted_keys(node: dict, prefix: str = "") -> list[str]:
    """List every key of a tree of dicts, groups before their keys."""
    inner = [key for k, v in node.items() if isinstance(v, dict) for key in dotted_keys(v, f"{prefix}{k}.")]
    return [f"{prefix}{key}" for key in node] + inner


def _unknown_keys(
    given: dict, known: dict, all_known: list[str], prefix: str = ""
) -> Iterator[tuple[str, str]]:
    """Yield each key that is not known, with a message. A node that becomes an object may have any argument of its
    constructor."""
    arguments = None
    for key, value in given.items():
        name = f"{prefix}{key}"
        if key not in known and str(key) not in PARTS_OF_A_NODE:
            if arguments is None:
                arguments = arguments_of(given["_target_"]) if "_target_" in given else []
            if arguments is not None and key not in arguments:
                there = [f"{prefix}{one}" for one in arguments]
                yield name, unknown_key(name, [*all_known, *there])
        elif isinstance(value, dict) and name not in OPEN:
            inner = known.get(key)
            if value and not isinstance(inner, dict):
                name = f"{name}.{next(iter(value))}"
                yield name, unknown_key(name, all_known)
            else:
                yield from _unknown_keys(value, inner or {}, all_known, f"{name}.")


def _strange_numbers(node: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield each number that no computation can use, with a message."""
    if isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _strange_numbers(value, f"{path}.{key}".lstrip("."))
    elif isinstance(node, float) and not math.isfinite(node):
        yield path, f"{path} must be a finite number; got {node}"
    elif isinstance(node, int) and abs(node) > LARGEST:
        yield path, f"{path} must be a smaller number; got {reprlib.repr(node)}"


def _resolve(cfg: DictConfig) -> dict[str, Any]:
    try:
        return plain(cfg)
    except RecursionError as error:
        raise ConfigError("a reference (${...}) leads back to itself. Write the value") from error


def _pairs(given: dict, usual: dict, prefix: str = "") -> Iterator[tuple[str, object, object]]:
    """Yield (dotted key, value, default) of every key that has a default, groups before their keys.

    The value of a missing one is ABSENT, but for the arguments of an object, which its constructor checks.
    """
    for key, default in usual.items():
        is_optional = "_target_" in usual or prefix[:-1] in OPEN
        value = given.get(key, default if is_optional else ABSENT)
        yield f"{prefix}{key}", value, default
        if isinstance(default, dict) and isinstance(value, dict):
            yield from _pairs(value, default, f"{prefix}{key}.")
