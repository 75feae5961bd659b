"""Names of classes, labels and targets: those that are read, renamed, or given in an order."""

import difflib
import logging
import re
import shlex
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np

from dnaseq.data.records.store import Store
from dnaseq.errors import ConfigError, InputError, first_names

MOST = 10  # names in a message
_MARKS = ",|/+&: "  # that may stand between labels
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?")
_UNSEEN = re.compile("[\u034f\u115f\u1160\u2800\u3164\ufe00-\ufe0f\uffa0]")  # printable, but blank
logger = logging.getLogger("dnaseq")


def is_name(name: str) -> bool:
    """Check a name of a class, a label or a target: it needs visible letters, as a bundle asks for them."""
    return bool(name.strip()) and name.isprintable()


def check_name(store: Store, number: int, name: str) -> None:
    """Raise InputError where the class or label of label text `number` has no valid name."""
    if not is_name(name):
        what = f"a class or label cannot be named {name[:40]!r}"
        raise wrong(store, number, what, "Use visible letters and plain blanks alone")


def rename_labels(labels: Sequence[str], rename: Mapping[str, str] | None) -> list[str]:
    """Return the name of each label, by `rename` (label -> name) or its own. Log the renames of labels that no record
    has."""
    rename = rename or {}
    for label in [one for one in rename if one not in labels]:
        near = difflib.get_close_matches(label, labels, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"The labels are {first_names(labels, MOST)}"
        logger.warning("note: data.rename: no record has the label %r. %s", label, hint)
    return [str(rename.get(label, label)) for label in labels]


def named(given: Sequence[str] | None, found: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the configuration, else those that were found, sorted."""
    names = tuple(str(name) for name in given) if given else tuple(sorted(set(found)))
    if len(set(names)) != len(names):
        raise ConfigError(f"data.classes names a class twice: {', '.join(names)}")
    return names


def hint_on_joined(names: Sequence[str]) -> str:
    """Say which name is made of others, joined by a mark or a blank, and what to set; nothing where none is."""
    known = set(names)
    for mark, name in ((mark, name) for mark in _MARKS for name in names if mark in name):
        if {one.strip() for one in name.split(mark)} <= known:
            how = f"If {mark!r} parts labels, add task.separator={shlex.quote(mark)}"
            return f"the label {name!r} is made of others. {how}"
    return ""


def check_known(found: Sequence[str], names: Sequence[str]) -> None:
    if unknown := sorted(set(found) - set(names)):
        label, known = unknown[0], first_names(names, MOST)
        alike = next((name for name in names if look_alikes([label, name])), "CLASS")
        fix = f"Say which class it is: {rename_option(label, alike)}"
        raise InputError(f"label {label!r} is not among the classes {known}", fix=fix)


def rename_option(label: str, name: str) -> str:
    """Write the option that renames a label, as a shell takes it."""
    return shlex.quote(f"data.rename.{label}={name}")


def wrong(store: Store, number: int, what: str, fix: str) -> InputError:
    """Build the error for label `number`, with the first record that has it."""
    row = int(np.flatnonzero(np.asarray(store.labels) == number)[0])
    return InputError(f"label {store.label_names[number][:40]!r}: {what}", record=store.id(row), fix=fix)


def are_numbers(names: Sequence[str]) -> bool:
    """Tell if there are more than two names and all are numbers."""
    return len(names) > 2 and all(_NUMBER.fullmatch(name.casefold()) for name in names)


def look_alikes(names: Sequence[str]) -> list[list[str]]:
    """Group the names that differ only in case, in the way a number is written, or in what cannot be seen."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(_plain_form(name), []).append(name)
    return [group for group in groups.values() if len(group) > 1]


def _plain_form(name: str) -> str:
    words = " ".join(_UNSEEN.sub("", unicodedata.normalize("NFC", name).casefold()).split())
    return str(Decimal(words).normalize()) if _NUMBER.fullmatch(words) else words
