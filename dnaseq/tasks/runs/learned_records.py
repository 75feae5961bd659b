"""Records that a bundle has learnt: test records among them are leaks."""

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np

from dnaseq.bundle.learned_records import read_learned_records
from dnaseq.bundle.spec import BundleSpec, Training
from dnaseq.data.dataset import LabelledSet
from dnaseq.data.records.hashing import record_digests
from dnaseq.data.splits.leaks import AUTO, FAIL, KEEP, MOST_DROPPED
from dnaseq.data.splits.splits import DROPPED
from dnaseq.errors import InputError
from dnaseq.io.progress import show_progress
from dnaseq.schemas import SharedRecords

logger = logging.getLogger("dnaseq")


def refuse_training_data(data: LabelledSet, training: Training) -> None:
    """Raise InputError where test records come from a file that the bundle was trained on.

    The test set of a split is fine if the training had the same splits.
    """
    if data.digest() == training.dealt:
        return
    known = training.learned_files
    for part in data.parts_of(data.rows("test")):
        for path, sha in data.files[part].items():
            if sha in known:
                fix = "Give other records (data.test=FILE), the split of the training, or leaks=keep to score them"
                raise InputError(
                    "the bundle was trained on records of this file", file=Path(path).name, fix=fix
                )


def compare_with_learned(
    data: LabelledSet, folder: Path, spec: BundleSpec, leaks: str, bundle: str = "the bundle"
) -> LabelledSet:
    """Leave out the test records that a bundle has learnt, on either strand unless the data are stranded.

    With leaks=keep they stay, with fail they are an error, and so they are with auto where they are more than half of
    the test records. A bundle of an earlier version is compared by its files alone. Messages name the bundle as
    `bundle`. Raises InputError for these.
    """
    learned = read_learned_records(folder, spec)
    if learned is None:
        if leaks != KEEP:
            refuse_training_data(data, spec.training)
        what = "does not say which records it has learnt, so its files alone were compared"
        logger.info("note: %s %s", bundle, what)
        return data
    with show_progress("comparing test records with those of the bundle"):
        exact, turned = _find_learned(data, "test", learned)
        validation = sum(len(rows) for rows in _find_learned(data, "val", learned))
    found, n = np.union1d(exact, turned), len(data.rows("test"))
    out = found[:0] if leaks == KEEP else found
    if len(found):
        _report(len(found), n, leaks, bundle)
    part = data.part.copy()
    part[out] = DROPPED
    return replace(data, part=part, shared=SharedRecords(len(exact), len(turned), validation, len(out)))


def compare_with_init(data: LabelledSet, folder: Path, spec: BundleSpec, leaks: str) -> LabelledSet:
    """Do the same for the bundle that a training begins with, and warn of the validation records that it has learnt."""
    data = compare_with_learned(data, folder, spec, leaks, "the bundle that init= names")
    if data.shared and data.shared.validation:
        what = "so the choice of the best epoch and the calibration may be too confident"
        count = data.shared.validation
        logger.warning("warning: the bundle of init= has learnt %d validation records, %s", count, what)
    return data


def digest_learned(data: LabelledSet, initial: np.ndarray | None) -> np.ndarray:
    """Return (n,) uint64 digests of the training and validation records, and those of the bundle it began with."""
    with show_progress("listing the records that were learnt"):
        own, _ = record_digests(data.store, data.rows("train", "val"))
    return own if initial is None else np.concatenate([own, initial])


def _report(count: int, n: int, leaks: str, bundle: str) -> None:
    """Warn of shared records, or raise InputError, as `leaks` says."""
    what = f"{count:,} of {n:,} test records were in the training of {bundle}"
    if leaks == KEEP:
        logger.warning("warning: %s, and stay: the scores are too high", what)
    elif leaks == FAIL:
        raise InputError(what, fix="Give other test records, or let leaks=drop leave these out")
    elif count == n or (leaks == AUTO and count / n > MOST_DROPPED):
        fix = (
            "Give other test records (data.test=FILE) or another bundle; leaks=keep scores them all the same"
        )
        raise InputError(what, fix=fix)
    else:
        logger.warning("warning: %s, and are left out", what)


def _find_learned(data: LabelledSet, part: str, learned: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the rows of a part that a bundle has learnt: as they stand, and on the other strand alone."""
    rows = data.rows(part)
    forward, backward = record_digests(data.store, rows)
    same = np.isin(forward, learned)
    turned = ~same & np.isin(backward, learned) & (not data.stranded)
    return rows[same], rows[turned]
