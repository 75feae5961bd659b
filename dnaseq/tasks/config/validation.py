"""Checks of a user's settings against their defaults, before any file is opened."""

import math
import reprlib
from collections.abc import Iterator
from typing import Any

from omegaconf import DictConfig, OmegaConf

from dnaseq.build import arguments_of, check_targets
from dnaseq.errors import ConfigError
from dnaseq.tasks.config.overrides import unknown_key

WHOLE_NUMBERS = {  # key: smallest, largest
    "seed": (0, 2**32 - 1),
    "batch_size": (1, 10**6),
    "max_epochs": (1, 10**6),
    "patience": (1, 10**6),
    "num_workers": (0, 256),
    "ensemble": (1, 100),
}
NEVER_NULL = {
    *WHOLE_NUMBERS,
    *("output", "device", "leaks", "monitor", "bad_records", "sampler"),
    *("data.label_pattern", "data.sequence", "data.label", "data.length_policy"),
}
OR_NULL = {  # numbers for which null has a meaning
    *("novelty", "similarity.identity", "similarity.overlap", "data.length", "data.stretch", "trainer.clip"),
}
OPEN = {
    "sweep.space",
    "data.rename",
    "data.train",
    "data.val",
    "data.test",
}  # keys in them are the user's own
LARGEST = 2**63 - 1  # whole number that torch and numpy hold
OR_NAMES = {"split.val", "split.test"}  # shares, or names in a split by chromosomes
OR_LISTS = (".parts", ".pools")  # lists in earlier versions
OR_ONE = {"sweep.seeds"}  # lists that may be given as their only value
PARTS_OF_A_NODE = {"_target_", "_partial_"}  # for the construction of an object
KINDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a group of keys",
}


def plain(cfg: DictConfig, resolve: bool = True) -> dict[str, Any]:
    """Return a configuration as dicts, lists and single values."""
    found: Any = OmegaConf.to_container(cfg, resolve=resolve)
    return found


def check_settings(cfg: DictConfig, defaults: DictConfig, known: dict | None = None) -> None:
    """Raise ConfigError naming the first key that is unknown or missing, or whose value is of another kind than its
    default, or out of range; ModelFileError for a target that is never built.

    `defaults` is the same configuration with the same choices of groups and no key set. A default of null or text has
    no kind. `known` are the known keys, if they are not those of the defaults.
    """
    given, usual = (plain(c, resolve=False) for c in (cfg, defaults))
    check_targets(_resolve(cfg))
    _check_keys(given, usual if known is None else known)
    names = OR_NAMES if "pattern" in (usual.get("split") or {}) else set()
    for key, value, default in _pairs(given, usual):
        is_needed = default == "???" or key in NEVER_NULL or type(default) in (int, float)
        if value is None and is_needed and key not in OR_NULL:
            raise ConfigError(f"{key} must be given: {key}=...")
        is_name = key in names and isinstance(value, list | str)
        is_list = key.endswith(OR_LISTS) and isinstance(value, list)
        is_one = key in OR_ONE and isinstance(value, int)
        if not (_same_kind(value, default) or is_name or is_list or is_one):
            raise ConfigError(f"{key} must be {KINDS[type(default)]}; got {reprlib.repr(value)}")
    _check_numbers(_resolve(cfg))
    for key, (low, high) in WHOLE_NUMBERS.items():
        value = cfg.get(key, low)  # the value of a reference
        if type(value) is not int or not low <= value <= high:
            raise ConfigError(f"{key} must be a whole number from {low} to {high}; got {reprlib.repr(value)}")


def _check_keys(given: dict, known: dict, prefix: str = "") -> None:
    """Raise ConfigError for a key that is not known. A node that becomes an object may have any argument of its
    constructor."""
    arguments = None
    for key, value in given.items():
        name = f"{prefix}{key}"
        if key not in known and str(key) not in PARTS_OF_A_NODE:
            if arguments is None:
                arguments = arguments_of(given["_target_"]) if "_target_" in given else []
            if arguments is not None and key not in arguments:
                there = [f"{prefix}{one}" for one in dict.fromkeys([*known, *arguments])]
                raise ConfigError(unknown_key(name, there))
        elif isinstance(value, dict) and name not in OPEN:
            inner = known.get(key)
            if value and not isinstance(inner, dict):
                raise ConfigError(unknown_key(f"{name}.{next(iter(value))}", [name]))
            _check_keys(value, inner or {}, f"{name}.")


def _check_numbers(node: object, path: str = "") -> None:
    """Raise ConfigError for a number that no computation can use."""
    if isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            _check_numbers(value, f"{path}.{key}".lstrip("."))
    elif isinstance(node, float) and not math.isfinite(node):
        raise ConfigError(f"{path} must be a finite number; got {node}")
    elif isinstance(node, int) and abs(node) > LARGEST:
        raise ConfigError(f"{path} must be a smaller number; got {reprlib.repr(node)}")


def _resolve(cfg: DictConfig) -> dict[str, Any]:
    try:
        return plain(cfg)
    except RecursionError as error:
        raise ConfigError("a reference (${...}) leads back to itself. Write the value") from error


def _pairs(given: dict, usual: dict, prefix: str = "") -> Iterator[tuple[str, object, object]]:
    """Yield (dotted key, value, default) of every key that has a default, groups before their keys.

    Raises ConfigError for a missing one, but not for the arguments of an object, which its constructor checks.
    """
    for key, default in usual.items():
        if key not in given and "_target_" not in usual and prefix[:-1] not in OPEN:
            raise ConfigError(f"{prefix}{key} must be given: {prefix}{key}=...")
        value = given.get(key, default)
        yield f"{prefix}{key}", value, default
        if isinstance(default, dict) and isinstance(value, dict):
            yield from _pairs(value, default, f"{prefix}{key}.")


def _same_kind(value: object, default: object) -> bool:
    if type(default) not in KINDS or (isinstance(value, str) and value.startswith("${")):
        return True
    if value is None and type(default) in (int, float):
        return True  # null is checked before
    return type(value) is type(default) or (type(default) is float and type(value) is int)
