"""The search space: settings, their bounds, and their conditions on other settings."""

from collections.abc import Callable, Iterable

from dnaseq.errors import ConfigError
from dnaseq.evaluation.comparison.searches import SearchedKey

FLOAT, INT, CHOICE = KINDS = ("float", "int", "choice")
MORE = ("log", "step", "when", "optional")  # further keys of an entry
DIGITS = 4  # digits of a number in a trial
SCALARS = (str, int, float, bool, type(None))


class Dimension(SearchedKey, frozen=True):
    """One setting that is searched."""

    def holds(self, value: object) -> bool:
        """Check that a value is within the bounds, or one of the choices."""
        if self.kind == CHOICE:
            return any(value == one and type(value) is type(one) for one in self.values)
        wanted = (int,) if self.kind == INT else (int, float)
        on_step = self.step is None or (type(value) in wanted and (value - self.values[0]) % self.step == 0)
        return type(value) in wanted and self.values[0] <= value <= self.values[1] and on_step


def space_of(entries: dict[str, dict]) -> list[Dimension]:
    """Read the dimensions of a configuration file, in its order.

    An entry is `{float: [LOW, HIGH]}`, `{int: [LOW, HIGH]}` or `{choice: [...]}`, and may have `log: true`, `step`,
    `optional: true` and `when: {KEY: VALUE or list of them}`. Raises ConfigError for any other entry, and for a
    condition on a key that stands further down.
    """
    space = [_dimension(key, entry) for key, entry in entries.items()]
    if not space:
        raise ConfigError("sweep.space is empty. Choose one: sweep=default")
    keys = [dimension.key for dimension in space]
    for place, dimension in enumerate(space):
        later = set(dimension.when or {}) & set(keys[place:])
        if later:
            raise ConfigError(
                f"sweep.space: {dimension.key} depends on {min(later)}, which must stand above it"
            )
    return space


def suggest_values(
    space: Iterable[Dimension], ask: Callable[[Dimension], object], known: dict[str, object]
) -> dict[str, object]:
    """Ask for a value of each dimension whose conditions hold, in order; return key -> value.

    `known` are the values of keys that are not searched, or not in this trial.
    """
    chosen: dict[str, object] = {}
    for dimension in space:
        met = ((known | chosen).get(key) in values for key, values in (dimension.when or {}).items())
        if all(met):
            chosen[dimension.key] = rounded(ask(dimension))
    return chosen


def rounded(value: object) -> object:
    """Round a number to DIGITS digits; return other values as they are."""
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def override(key: str, value: object) -> str:
    """Write KEY=VALUE as it is typed. A text is not quoted, so that "[7, 15]" is a list."""
    if isinstance(value, bool):
        return f"{key}={str(value).lower()}"
    return f"{key}={'null' if value is None else value}"


def _dimension(key: str, entry: object) -> Dimension:
    place = f"sweep.space: {key}"
    if not isinstance(entry, dict) or len(kinds := [kind for kind in KINDS if kind in entry]) != 1:
        raise ConfigError(f"{place} needs one of float: [LOW, HIGH], int: [LOW, HIGH] and choice: [...]")
    (kind,) = kinds
    if strange := sorted(set(entry) - {kind, *MORE}):
        raise ConfigError(f"{place}: unknown {strange[0]!r}. Known are {', '.join(MORE)}")
    values = entry[kind]
    if not isinstance(values, list):
        raise ConfigError(f"{place}: {kind} must be a list; got {values!r}")
    log, step = entry.get("log", False), entry.get("step")
    if kind == CHOICE:
        _check_choices(place, values, log, step)
    else:
        values = _checked_bounds(place, kind, values, log, step)
    when = {k: tuple(v) if isinstance(v, list) else (v,) for k, v in (entry.get("when") or {}).items()}
    return Dimension(key, kind, tuple(values), log, step, when, entry.get("optional", False))


def _check_choices(place: str, values: list, log: bool, step: float | None) -> None:
    if len({(type(one), one) for one in values if isinstance(one, SCALARS)}) < max(len(values), 1):
        raise ConfigError(f"{place}: choice must be different single values (a list as text: '[7, 15]')")
    if log or step is not None:
        raise ConfigError(f"{place}: log and step are for numbers, not for a choice")


def _checked_bounds(place: str, kind: str, values: list, log: bool, step: float | None) -> list:
    types = (int,) if kind == INT else (int, float)
    if len(values) != 2 or any(type(v) not in types for v in values) or not values[0] < values[1]:
        raise ConfigError(f"{place}: {kind} must be [LOW, HIGH] with LOW below HIGH; got {values}")
    if log and (values[0] <= 0 or step is not None):
        raise ConfigError(f"{place}: log needs bounds above 0 and no step")
    if step is not None and (type(step) not in types or step <= 0):
        raise ConfigError(f"{place}: step must be a number above 0; got {step!r}")
    return [float(v) for v in values] if kind == FLOAT else values
