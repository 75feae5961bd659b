"""Splits of whole chromosomes, so that a model is tested on regions of the genome that are new to it."""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from dnaseq.data.records.store import PARTS
from dnaseq.data.splits.chromosome_names import find_chromosomes, spelling_key, unify_spellings
from dnaseq.data.splits.splits import ALL, TEST, TRAIN, Facts, Split, check_share
from dnaseq.errors import ConfigError, InputError, first_names

NAMED = 30  # chromosomes that an error lists

logger = logging.getLogger("dnaseq")


@dataclass(frozen=True, kw_only=True)
class Chromosome(Split):
    """`val` and `test` are lists of chromosomes or shares of the records (`val` of those that are not test).

    The chromosome of a record stands in a column of its source or, where there is none, in its header: as the one
    group of the regular expression `pattern` or, without one, where find_chromosomes() finds it. Groups are ignored: a
    copy of a test record may be on a training chromosome, and is then found as a leak.
    """

    pattern: str | None
    val: float | Sequence[str]
    test: float | Sequence[str]

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("val", "test"):
            if _is_share(getattr(self, name)):
                check_share(name, getattr(self, name))
            elif not self._listed(name):
                raise ConfigError(f"split.{name} names no chromosome; give a share or [chr8,chr9]")
        listed = self._listed("test")
        if twice := sorted(listed[key] for key in self._listed("val").keys() & listed.keys()):
            raise ConfigError(f"{twice[0]} is in split.val and in split.test")
        if self.pattern is not None:
            _compile(self.pattern)

    def assign(self, facts: Facts) -> np.ndarray:
        """Return the (n,) int8 split. Raises InputError for a record without a chromosome, for a listed chromosome
        that no record is on, and where there are too few chromosomes for the splits."""
        names, number = np.unique(self.chromosomes_of(facts), return_inverse=True)
        sizes, keys = np.bincount(number), [spelling_key(name) for name in names]
        if facts.chromosomes is None and len(names) == len(number):
            logger.warning("note: no two records are on one chromosome. If that is wrong, set split.pattern")
        part = np.full(len(names), TRAIN, dtype=np.int8)
        for name in ("val", "test"):
            self._check_known(name, names)
            part[np.isin(keys, list(self._listed(name)))] = ALL.index(name)
        shared = [name for name in ("test", "val") if not self._listed(name)]
        if (part == TRAIN).sum() <= len(shared):
            raise InputError(
                f"{len(names)} chromosomes are too few for {', '.join(PARTS)}: {first_names(names.tolist(), NAMED)}",
                fix="Use another split, such as split=grouped",
            )
        rng = np.random.default_rng(self.seed)
        for left, name in zip(range(len(shared), 0, -1), shared, strict=True):
            free = np.flatnonzero(part == TRAIN)
            of = sizes[part != TEST].sum() if name == "val" else sizes.sum()
            chosen = _close_to(getattr(self, name) * of, sizes[free], len(free) - left, rng)
            part[free[chosen]] = ALL.index(name)
        return part[number]

    def chromosomes_of(self, facts: Facts) -> np.ndarray:
        """(n,) name of the chromosome of each record. Raises InputError where one has none, or has two."""
        if facts.chromosomes is not None:
            found, where = list(facts.chromosomes), "in its column"
        else:
            found = [self._of_header(row, header, facts) for row, header in enumerate(facts.headers())]
            where = "in the header" + (f" (looked for {self.pattern})" if self.pattern else "")
        without = [row for row, name in enumerate(found) if not name]
        if without:
            more = f"; {len(without):,} of {len(found):,} records have none" if len(without) > 1 else ""
            raise InputError(
                f"no chromosome {where}{more}",
                record=facts.ids()[without[0]],
                fix="Set split.pattern, or for a table data.chromosome=COLUMN",
            )
        return unify_spellings(found)

    def _of_header(self, row: int, header: str, facts: Facts) -> str:
        """Return the chromosome that the header of a row names, "" for none. Raises InputError where it names two."""
        if self.pattern is not None:
            match = _compile(self.pattern).search(header)
            return (match.group(1) or "") if match else ""
        found = find_chromosomes(header)
        if len(found) > 1:
            first, second, *_ = found.values()
            what = f"the header names two chromosomes, {first} and {second}"
            fix = r"Say which one counts by a pattern with one group, such as split.pattern='::(\w+):'"
            raise InputError(what, record=facts.ids()[row], fix=fix)
        return next(iter(found), "")

    def _listed(self, name: str) -> dict[str, str]:
        """Return the listed chromosomes: spelling_key -> name."""
        wish = getattr(self, name)
        if _is_share(wish):
            return {}
        return {spelling_key(str(one)): str(one) for one in ([wish] if isinstance(wish, str) else wish)}

    def _check_known(self, name: str, names: np.ndarray) -> None:
        known = {spelling_key(one) for one in names.tolist()}
        if unknown := sorted(one for key, one in self._listed(name).items() if key not in known):
            raise InputError(
                f"no record is on {unknown[0]} of split.{name}; there are {first_names(names.tolist(), NAMED)}"
            )


def _is_share(wish: object) -> bool:
    return isinstance(wish, int | float)


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ConfigError(f"split.pattern {pattern!r} is not a regular expression: {error}") from error
    if compiled.groups != 1:
        raise ConfigError(f"split.pattern must have exactly one group, as in '(chr\\w+):'; got {pattern!r}")
    return compiled


def _close_to(wish: float, sizes: np.ndarray, at_most: int, rng: np.random.Generator) -> list[int]:
    """Choose one to `at_most` indices whose sizes sum to about the wish.

    They are drawn while they fit; then, if that brings the sum nearer, the one that brings it nearest is added.
    """
    chosen: list[int] = []
    total = 0
    for i in rng.permutation(len(sizes)).tolist():
        if len(chosen) < at_most - 1 and total + sizes[i] <= wish:
            chosen.append(i)
            total += sizes[i]
    off = abs(total + sizes - wish)
    off[chosen] = np.inf
    if not chosen or off.min() < wish - total:
        chosen.append(int(off.argmin()))
    return chosen
