"""Cross-validation: every record is tested once, by a model trained without it and without its relatives."""

from dataclasses import dataclass

import numpy as np

from dnaseq.data.splits.group_split import assign_groups, build_groups
from dnaseq.data.splits.splits import TEST, TRAIN, VAL, Facts, Split, check_share, strata
from dnaseq.errors import ConfigError, InputError


@dataclass(frozen=True, kw_only=True)
class KFold(Split):
    """Pool all records and split them into `folds` folds, `repeats` times, each time anew.

    Run number `fold`, 0 to runs - 1, is tested on one fold. `val` is a share of the records of the other folds: no
    record of the test fold has stopped a training or chosen a checkpoint. With `final` a training of
    all records follows the folds, see Untested.
    """

    folds: int
    repeats: int
    stratify: bool
    val: float
    fold: int | None = None
    final: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        check_share("val", self.val)
        for name, least in (("folds", 2), ("repeats", 1)):
            value = getattr(self, name)
            if type(value) is not int or value < least:
                raise ConfigError(f"split.{name} must be a whole number of {least} or more; got {value!r}")
        if self.final and self.fold is not None:
            raise ConfigError("split.final=true follows all folds. Leave split.fold out")
        if self.fold is not None and (type(self.fold) is not int or not 0 <= self.fold < self.runs):
            raise ConfigError(
                f"split.fold must be a whole number from 0 to {self.runs - 1}; got {self.fold!r}"
            )

    @property
    def runs(self) -> int:
        return self.folds * self.repeats

    def folds_of(self, facts: Facts) -> np.ndarray:
        """(repeats, n) the fold of each record, counted from 0. Raises InputError where there are fewer groups
        than folds, with `stratify` in any class."""
        return np.stack([self._folds(facts, repeat) for repeat in range(self.repeats)])

    def assign(self, facts: Facts) -> np.ndarray:
        """Return the (n,) int8 split in run `fold`. Raises ConfigError where that is None, InputError as folds_of."""
        if self.fold is None:
            raise ConfigError(
                f"only training runs all folds: choose one with split.fold=0 to {self.runs - 1}"
            )
        repeat, tested = divmod(self.fold, self.folds)
        split = np.where(self._folds(facts, repeat) == tested, np.int8(TEST), np.int8(TRAIN))
        rest = split == TRAIN
        classes, rng = strata(facts, self.stratify)[rest], np.random.default_rng([self.seed, self.fold, 1])
        selects = assign_groups(classes, facts.groups[rest], (1 - self.val, self.val), rng)
        split[rest] = np.where(selects == 1, VAL, TRAIN)
        return split

    def _folds(self, facts: Facts, repeat: int) -> np.ndarray:
        if self.stratify:
            self._check_classes(facts)
        rng = np.random.default_rng([self.seed, repeat])
        shares = [1 / self.folds] * self.folds
        return assign_groups(strata(facts, self.stratify), facts.groups, shares, rng)

    def _check_classes(self, facts: Facts) -> None:
        counts = build_groups(facts.labels, facts.groups).counts
        groups = np.bincount(counts.indices)  # of each class that occurs
        fewest = int(groups.min())
        if fewest < self.folds:
            label = np.unique(facts.labels)[groups.argmin()]
            name = facts.classes[label] if facts.classes else label
            raise InputError(
                f"class {name}: {fewest} group{'s' * (fewest != 1)} of similar records for {self.folds} folds",
                fix="Add records of it, lower split.folds, or set split.similar=false (only copies stay together)",
            )


@dataclass(frozen=True, kw_only=True)
class Untested(Split):
    """Train on all records but the share `val`, which validates: for a model whose settings were tested before."""

    stratify: bool
    val: float

    def assign(self, facts: Facts) -> np.ndarray:
        """Return the (n,) int8 split."""
        rng = np.random.default_rng(self.seed)
        chosen = assign_groups(strata(facts, self.stratify), facts.groups, (1 - self.val, self.val), rng)
        return np.where(chosen == 1, np.int8(VAL), np.int8(TRAIN))
