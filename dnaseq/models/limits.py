"""Checks of the settings of a model. Each raises ValueError with the name, the allowed values and the given one."""

from collections.abc import Iterable, Mapping, Sequence


def at_least_one(**settings: int) -> None:
    """Check widths and counts: whole numbers of at least 1."""
    for name, value in settings.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ValueError(f"{name} must be a whole number of at least 1; got {value!r}")


def share(**settings: float) -> None:
    """Check a dropout: a number in [0, 1)."""
    for name, value in settings.items():
        if not isinstance(value, int | float) or not 0 <= value < 1:
            raise ValueError(f"{name} must be a number of at least 0 and below 1; got {value!r}")


def one_of(name: str, value: str, allowed: Iterable[str]) -> None:
    """Check a name against a closed set."""
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}; got {value!r}")


def multiple_of(name: str, value: int, other: str, factor: int) -> None:
    """Check a width that is shared out evenly, such as features among attention heads."""
    if value % factor:
        raise ValueError(f"{name} must be a multiple of {other} ({factor}); got {value}")


def listed(what: str, **parts: Mapping | Sequence) -> list:
    """List the parts of a part, which are given by names or in a list, in their order; at least one."""
    [(name, given)] = parts.items()
    if not given:
        raise ValueError(f"{name} must name at least one {what}; got none")
    return list(given.values() if isinstance(given, Mapping) else given)
