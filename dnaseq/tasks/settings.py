"""Values that a user may set, checked against their defaults before any file is opened."""

from collections.abc import Iterator

from omegaconf import DictConfig, OmegaConf

from dnaseq.errors import ConfigError

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
OR_NULL = {  # numbers of which null says something
    *("novelty", "similarity.identity", "similarity.overlap", "data.length", "trainer.clip"),
}
OR_NAMES = {"split.val", "split.test"}  # of a split by chromosomes: shares or names
KINDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a group of keys",
}


def check_settings(cfg: DictConfig, defaults: DictConfig) -> None:
    """Raise ConfigError naming the first key whose value is of another kind than its default, or out of range.

    `defaults` is the same configuration with the same choices of groups and no key set. A default of null or
    text says nothing about the kind.
    """
    given, usual = (OmegaConf.to_container(c, resolve=False) for c in (cfg, defaults))
    names = OR_NAMES if "pattern" in (usual.get("split") or {}) else set()
    for key, value, default in _pairs(given, usual):
        is_needed = default == "???" or key in NEVER_NULL or type(default) in (int, float)
        if value is None and is_needed and key not in OR_NULL:
            raise ConfigError(f"{key} must be given: {key}=...")
        if not _same_kind(value, default) and not (key in names and isinstance(value, list | str)):
            raise ConfigError(f"{key} must be {KINDS[type(default)]}; got {value!r}")
    for key, (low, high) in WHOLE_NUMBERS.items():
        value = cfg.get(key, low)  # what a reference leads to
        if type(value) is not int or not low <= value <= high:
            raise ConfigError(f"{key} must be a whole number from {low} to {high}; got {value!r}")


def _pairs(given: dict, usual: dict, prefix: str = "") -> Iterator[tuple[str, object, object]]:
    """(dotted key, value, default) of every key that has a default, groups before their keys."""
    for key, default in usual.items():
        value = given.get(key, default)
        yield f"{prefix}{key}", value, default
        if isinstance(default, dict) and isinstance(value, dict):
            yield from _pairs(value, default, f"{prefix}{key}.")


def _same_kind(value: object, default: object) -> bool:
    if type(default) not in KINDS or (isinstance(value, str) and value.startswith("${")):
        return True
    if value is None and type(default) in (int, float):
        return True  # whether it may be is asked before
    return type(value) is type(default) or (type(default) is float and type(value) is int)
