"""Which record trains, which selects, which judges: pure functions from parts, labels and groups to names.

Records of one group (copies, reverse complements) never straddle two parts that are made here.
"""

import numpy as np
from sklearn.model_selection import train_test_split

from dnaseq.data.store import PARTS
from dnaseq.errors import ConfigError, InputError


def given(parts: np.ndarray, labels: np.ndarray, groups: np.ndarray, val: float, test: float, seed: int):
    """The parts as the files give them; a missing validation or test part is taken from the training file,
    stratified by label. (n,) index into PARTS, (n,) labels, (n,) groups -> (n,) part names."""
    split = np.array(PARTS)[parts]
    if not (split == "train").any():
        return split  # nothing to take from: labelled records to be judged only
    for name, fraction in (("test", test), ("val", val)):
        if not (split == name).any():
            rows = np.flatnonzero(split == "train")
            split[_taken(rows, labels, groups, fraction, seed, stratify=True)] = name
    return split


def stratified(parts: np.ndarray, labels: np.ndarray, groups: np.ndarray, val: float, test: float, seed: int):
    """All records pooled and dealt out anew, every part with the same share of each class."""
    return _dealt(len(parts), labels, groups, val, test, seed, stratify=True)


def random(parts: np.ndarray, labels: np.ndarray, groups: np.ndarray, val: float, test: float, seed: int):
    """All records pooled and dealt out anew, whatever their class."""
    return _dealt(len(parts), labels, groups, val, test, seed, stratify=False)


def _dealt(n: int, labels, groups, val: float, test: float, seed: int, stratify: bool) -> np.ndarray:
    split = np.full(n, "train", dtype="<U7")
    for name, fraction in (("test", test), ("val", val)):
        rows = np.flatnonzero(split == "train")
        split[_taken(rows, labels, groups, fraction, seed, stratify)] = name
    return split


def _taken(rows: np.ndarray, labels, groups, fraction: float, seed: int, stratify: bool) -> np.ndarray:
    """About `fraction` of the rows, whole groups at a time; a group counts as its first record's class."""
    if not 0 < fraction < 1:
        raise ConfigError(f"split.val and split.test are fractions between 0 and 1; got {fraction}")
    _, first = np.unique(groups[rows], return_index=True)
    heads = rows[first]
    try:
        _, chosen = train_test_split(
            heads, test_size=fraction, random_state=seed, stratify=labels[heads] if stratify else None
        )
    except ValueError as error:
        fix = "Give more records, or data.val and data.test"
        raise InputError(f"too few records to split: {error}", fix=fix) from error
    return rows[np.isin(groups[rows], groups[chosen])]
