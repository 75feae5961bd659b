"""Splits of records into training, validation and test set, by files, labels and groups.

A split is a number, index into ALL: names would take 28 bytes a record.

Records of one group (copies, reverse complements and, with `similar`, near relatives) are never in two splits
that are made here; only whole chromosomes (chromosomes.py) ignore groups.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dnaseq.data.records.chunked_arrays import counted
from dnaseq.data.records.store import PARTS
from dnaseq.data.splits.group_split import assign_groups
from dnaseq.errors import ConfigError

ALL = (*PARTS, "dropped")
TRAIN, VAL, TEST, DROPPED = range(len(ALL))


class Facts(NamedTuple):
    """Facts about n records that a split may use."""

    parts: np.ndarray  # (n,) index into PARTS: the file that each came from
    labels: np.ndarray  # (n,)
    groups: np.ndarray  # (n,) records of equal numbers stay together
    ids: Callable[[], list[str]]
    chromosomes: np.ndarray | None = None  # (n,) str, where the source has a column of them
    classes: Sequence[str] = ()  # names of the labels, if these are their indices
    headers: Callable[[], list[str]] = list  # of the records, in which a chromosome may be named


@dataclass(frozen=True, kw_only=True)
class Split:
    """Settings of every split. With `similar`, similar records (similar.py) are one group, else only copies are."""

    seed: int
    similar: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.seed < 2**32:
            raise ConfigError(f"split.seed must be a whole number from 0 to {2**32 - 1}; got {self.seed}")
        if not isinstance(self.similar, bool):
            fix = "How similar is a number, similarity.identity"
            raise ConfigError(f"split.similar must be true or false; got {self.similar!r}. {fix}")

    def known_parts(self, parts: np.ndarray) -> np.ndarray:
        """(n,) part of the file of each record -> (n,) int8 split known beforehand: all in one, as the files of
        pooled records do not matter."""
        return np.full(len(parts), TRAIN, dtype=np.int8)


@dataclass(frozen=True, kw_only=True)
class Shared(Split):
    """`test` is a share of all records, `val` a share of those that are left; both between 0 and 1."""

    val: float
    test: float

    def __post_init__(self) -> None:
        super().__post_init__()
        check_share("val", self.val)
        check_share("test", self.test)


@dataclass(frozen=True, kw_only=True)
class Given(Shared):
    """The splits of the files; a missing one is taken from the training file, stratified by label."""

    def known_parts(self, parts: np.ndarray) -> np.ndarray:
        """(n,) part of the file of each record -> the same as int8."""
        return np.array(parts, dtype=np.int8)

    def assign(self, facts: Facts) -> np.ndarray:
        """Return the (n,) int8 split."""
        split = self.known_parts(facts.parts)
        if not (split == TRAIN).any():
            return split  # no training records to take from: labelled records to test only
        rng = np.random.default_rng(self.seed)
        for part, share in ((TEST, self.test), (VAL, self.val)):
            if not (split == part).any():
                free = split == TRAIN
                chosen = assign_groups(facts.labels[free], facts.groups[free], (1 - share, share), rng)
                split[free] = np.where(chosen == 1, part, TRAIN)
        return split


@dataclass(frozen=True, kw_only=True)
class GivenUntested(Split):
    """The training and validation records of the files, and no test set; without validation records, they are the share
    `val` of the training records, stratified by label."""

    val: float

    def __post_init__(self) -> None:
        super().__post_init__()
        check_share("val", self.val)

    def known_parts(self, parts: np.ndarray) -> np.ndarray:
        """(n,) part of the file of each record -> the same as int8. Raises ConfigError where there is a test file."""
        if (parts == TEST).any():
            raise ConfigError("split=untested has no test set. Leave data.test out, or use split=given")
        return np.array(parts, dtype=np.int8)

    def assign(self, facts: Facts) -> np.ndarray:
        """Return the (n,) int8 split."""
        split = self.known_parts(facts.parts)
        if not (split == VAL).any():
            rng = np.random.default_rng(self.seed)
            chosen = assign_groups(facts.labels, facts.groups, (1 - self.val, self.val), rng)
            split[chosen == 1] = VAL
        return split


@dataclass(frozen=True, kw_only=True)
class Pooled(Shared):
    """Pool all records and split them anew; with `stratify` every split has the same share of each class."""

    stratify: bool

    def assign(self, facts: Facts) -> np.ndarray:
        """Return the (n,) int8 split. Raises InputError where the groups cannot fill the splits."""
        shares = (1 - self.test) * (1 - self.val), (1 - self.test) * self.val, self.test
        rng = np.random.default_rng(self.seed)
        return assign_groups(strata(facts, self.stratify), facts.groups, shares, rng).astype(np.int8)


def strata(facts: Facts, stratify: bool) -> np.ndarray:
    """Return the (n,) strata: the labels, or one stratum."""
    return facts.labels if stratify else np.zeros(len(facts.labels), dtype=np.int8)


def fractions(parts: np.ndarray) -> dict[str, float]:
    """(n,) splits -> the share of each among the records that are in one; dropped records do not count."""
    counts = counted(parts, len(ALL))[:DROPPED]
    return {part: float(count) / max(int(counts.sum()), 1) for part, count in zip(PARTS, counts, strict=True)}


def check_share(name: str, share: float) -> None:
    """Raise ConfigError unless it is a number and 0 < share < 1."""
    if type(share) not in (int, float) or not 0 < share < 1:
        raise ConfigError(f"split.{name} must be between 0 and 1; got {share!r}")
