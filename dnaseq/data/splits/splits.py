"""Which record trains, which selects, which judges: from parts, labels and groups to the part of each record.

A part is a number, index into ALL: names would take 28 bytes a record.

Records of one group (copies, reverse complements and, with `similar`, near relatives) never straddle two parts
that are made here; only whole chromosomes (chromosomes.py) do not look at groups.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dnaseq.data.records.chunked_arrays import counted
from dnaseq.data.records.store import PARTS
from dnaseq.data.splits.group_split import deal_groups
from dnaseq.errors import ConfigError

ALL = (*PARTS, "dropped")
TRAIN, VAL, TEST, DROPPED = range(len(ALL))


class Facts(NamedTuple):
    """What is known of n records before they are dealt."""

    parts: np.ndarray  # (n,) index into PARTS: the file that each came from
    labels: np.ndarray  # (n,)
    groups: np.ndarray  # (n,) records of equal numbers are to stay together
    ids: Callable[[], list[str]]
    chromosomes: np.ndarray | None = None  # (n,) str, where the source has a column of them
    classes: Sequence[str] = ()  # names of the labels, if these are their indices


@dataclass(frozen=True, kw_only=True)
class Split:
    """With `similar`, similar records are one group (similar.py says which are), without it only copies are."""

    seed: int
    similar: bool = False

    def __post_init__(self):
        if not 0 <= self.seed < 2**32:
            raise ConfigError(f"split.seed must be a whole number from 0 to {2**32 - 1}; got {self.seed}")
        if not isinstance(self.similar, bool):
            fix = "from which identity is said by similarity.identity"
            raise ConfigError(f"split.similar must be true or false; got {self.similar!r}; {fix}")

    def known_parts(self, parts: np.ndarray) -> np.ndarray:
        """(n,) part of the file of each record -> (n,) int8 part before anything is dealt: here there is one, as
        all records are pooled and it does not matter what file they came from."""
        return np.full(len(parts), TRAIN, dtype=np.int8)


@dataclass(frozen=True, kw_only=True)
class Shared(Split):
    """`test` is a share of all records, `val` a share of those that are left; both between 0 and 1."""

    val: float
    test: float

    def __post_init__(self):
        super().__post_init__()
        check_share("val", self.val)
        check_share("test", self.test)


@dataclass(frozen=True, kw_only=True)
class Given(Shared):
    """The parts as the files give them; a missing one is taken from the training file, stratified by label."""

    def known_parts(self, parts: np.ndarray) -> np.ndarray:
        """(n,) part of the file of each record -> the same as int8."""
        return np.array(parts, dtype=np.int8)

    def deal(self, facts: Facts) -> np.ndarray:
        """(n,) int8 part."""
        split = self.known_parts(facts.parts)
        if not (split == TRAIN).any():
            return split  # nothing to take from: labelled records to be judged only
        rng = np.random.default_rng(self.seed)
        for part, share in ((TEST, self.test), (VAL, self.val)):
            if not (split == part).any():
                free = split == TRAIN
                chosen = deal_groups(facts.labels[free], facts.groups[free], (1 - share, share), rng)
                split[free] = np.where(chosen == 1, part, TRAIN)
        return split


@dataclass(frozen=True, kw_only=True)
class Pooled(Shared):
    """All records pooled and dealt out anew; with `stratify` every part has the same share of each class."""

    stratify: bool

    def deal(self, facts: Facts) -> np.ndarray:
        """(n,) int8 part. Raises InputError where the groups cannot make the parts."""
        shares = (1 - self.test) * (1 - self.val), (1 - self.test) * self.val, self.test
        rng = np.random.default_rng(self.seed)
        return deal_groups(strata(facts, self.stratify), facts.groups, shares, rng).astype(np.int8)


def strata(facts: Facts, stratify: bool) -> np.ndarray:
    """(n,) what is to be spread alike: the labels, or nothing."""
    return facts.labels if stratify else np.zeros(len(facts.labels), dtype=np.int8)


def fractions(parts: np.ndarray) -> dict[str, float]:
    """(n,) parts -> the share of each part among the records that are in one; dropped ones do not count."""
    counts = counted(parts, len(ALL))[:DROPPED]
    return {part: float(count) / max(int(counts.sum()), 1) for part, count in zip(PARTS, counts, strict=True)}


def check_share(name: str, share: float) -> None:
    """Raise ConfigError unless it is a number and 0 < share < 1."""
    if type(share) not in (int, float) or not 0 < share < 1:
        raise ConfigError(f"split.{name} must be between 0 and 1; got {share!r}")
