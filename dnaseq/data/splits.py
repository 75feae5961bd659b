"""Which record trains, which selects, which judges: from parts, labels and groups to names.

Records of one group (copies, reverse complements) never straddle two parts that are made here.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import train_test_split

from dnaseq.data.store import PARTS
from dnaseq.errors import ConfigError, InputError


@dataclass(frozen=True)
class Split:
    """`test` is a share of all records, `val` a share of those that are left; both between 0 and 1."""

    val: float
    test: float
    seed: int

    def __post_init__(self):
        for name, share in (("split.val", self.val), ("split.test", self.test)):
            if not 0 < share < 1:
                raise ConfigError(f"{name} must be between 0 and 1; got {share}")
        if not 0 <= self.seed < 2**32:
            raise ConfigError(f"split.seed must be a whole number from 0 to {2**32 - 1}; got {self.seed}")


@dataclass(frozen=True)
class Given(Split):
    """The parts as the files give them; a missing one is taken from the training file, stratified by label."""

    def known_parts(self, parts: np.ndarray) -> np.ndarray:
        """(n,) index into PARTS -> (n,) names of the parts that the files make, before anything is dealt."""
        return np.array(PARTS)[parts]

    def deal(self, parts: np.ndarray, labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
        """(n,) index into PARTS, (n,) labels, (n,) groups -> (n,) part names."""
        split = self.known_parts(parts)
        if not (split == "train").any():
            return split  # nothing to take from: labelled records to be judged only
        for name, share in (("test", self.test), ("val", self.val)):
            if not (split == name).any():
                rows = np.flatnonzero(split == "train")
                split[_taken(rows, labels, groups, share, self.seed, stratify=True)] = name
        return split


@dataclass(frozen=True)
class Pooled(Split):
    """All records pooled and dealt out anew; with `stratify` every part has the same share of each class."""

    stratify: bool

    def known_parts(self, parts: np.ndarray) -> np.ndarray:
        """Before records are dealt there is one part: what file they came from does not matter."""
        return np.full(len(parts), "train")

    def deal(self, parts: np.ndarray, labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
        """(n,) index into PARTS, (n,) labels, (n,) groups -> (n,) part names."""
        split = np.full(len(parts), "train", dtype="<U7")
        for name, share in (("test", self.test), ("val", self.val)):
            rows = np.flatnonzero(split == "train")
            split[_taken(rows, labels, groups, share, self.seed, self.stratify)] = name
        return split


def _taken(rows: np.ndarray, labels, groups, share: float, seed: int, stratify: bool) -> np.ndarray:
    """About `share` of the rows, whole groups at a time; a group counts as its first record's class."""
    _, first = np.unique(groups[rows], return_index=True)
    heads = rows[first]
    try:
        _, chosen = train_test_split(
            heads, test_size=share, random_state=seed, stratify=labels[heads] if stratify else None
        )
    except ValueError as error:  # its arguments are checked above, so there are too few records of a class
        fix = "Give more records, or data.val and data.test"
        raise InputError(f"too few records to split: {error}", fix=fix) from error
    return rows[np.isin(groups[rows], groups[chosen])]
