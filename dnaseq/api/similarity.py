"""Similar records: their groups, and warnings where a cross-validation parts them."""

import hashlib
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dnaseq.api.inputs import checked_sequences
from dnaseq.data.records.lengths import LengthPolicy
from dnaseq.data.records.store import Store
from dnaseq.data.similarity.similar import Similarity, similarity_groups
from dnaseq.errors import ArgumentError
from dnaseq.io.reading_options import DEFAULT
from dnaseq.io.results.run_files import read_columns
from dnaseq.io.sequences.given import given_sequences, is_file_name
from dnaseq.io.sequences.plain import sequence_blocks
from dnaseq.io.sequences.reading import read_blocks
from dnaseq.tasks.config.saved_config import read_config

ADVICE = "Split by groups: cross_val_score(..., cv=GroupKFold(), groups=dnaseq.similar_groups(X))"
_KNOWN: dict[tuple[str, Similarity, bool], np.ndarray] = {}  # groups of the last sequences: folds share them


class SimilarRecordsWarning(UserWarning):
    """Copies or near-duplicates of records stand where a score would count them as new."""


def similar_groups(
    X: Any, identity: float | None = 0.8, overlap: int | None = 24, stranded: bool = False
) -> np.ndarray:
    """(n,) int32 group of every sequence, for the `groups` of scikit-learn. X is a column of sequences or a file.

    One group are records of which one lies in the other with that share of equal bases, or that share a stretch of
    `overlap` equal bases, on either strand unless `stranded`; and all that a chain of these joins. It is how dnaseq
    splits records itself. None leaves a criterion out.

    >>> import dnaseq
    >>> dnaseq.similar_groups(["ACGTTGCA" * 5, "GATTACA" * 6, "TGCAACGT" * 5]).tolist()
    [0, 1, 0]
    """
    blocks = read_blocks(X, DEFAULT) if isinstance(X, str | Path) and is_file_name(X) else _blocks(X)
    return _groups(blocks, Similarity(identity, overlap), stranded)


def warn_of_similar(folder: Path) -> None:
    """Warn, after a training in this run folder, where a cross-validation of scikit-learn that asked for it has similar
    records in training and test; without one, where there are similar records."""
    config = read_config(folder / "config.yaml")
    settings = Similarity(config.similarity.identity, config.similarity.overlap), bool(config.data.stranded)
    folds = list(_folds())
    for fold in folds:
        if parted := _parted(fold, *settings):
            what = f"{parted} of {len(fold.test)} test records of this fold have a near-duplicate in its training part"
            warnings.warn(
                f"{what}: the score will be too high. {ADVICE}", SimilarRecordsWarning, stacklevel=3
            )
    if folds:
        return
    groups = Counter(read_columns(folder / "split.tsv")["group"])
    if alike := sum(count for count in groups.values() if count > 1):
        what = f"{alike} of {groups.total()} records are near-duplicates of others. The validation split keeps them"
        message = f"{what} together; a plain cross-validation does not. {ADVICE}"
        warnings.warn(message, SimilarRecordsWarning, stacklevel=3)


class _Fold(NamedTuple):
    X: Any
    train: np.ndarray
    test: np.ndarray


def _folds() -> Iterator[_Fold]:
    """Yield the folds of scikit-learn for which this training is: they stand in the frames that called it.

    fit() is given the records of one fold alone, so it could not tell a split by groups from a plain one.
    """
    frame = sys._getframe()
    while frame.f_back is not None:
        frame = frame.f_back
        if str(frame.f_globals.get("__name__")).startswith("sklearn."):
            local = frame.f_locals
            if all(isinstance(local.get(name), np.ndarray) for name in ("train", "test")) and "X" in local:
                yield _Fold(local["X"], local["train"], local["test"])


def _parted(fold: _Fold, similarity: Similarity, stranded: bool) -> int:
    """Count the test records with a relative in training; none where X is not of sequences, as in a pipeline."""
    try:
        sequences = given_sequences(fold.X).sequences
        key = hashlib.sha256("\n".join(sequences).encode()).hexdigest(), similarity, stranded
        if key not in _KNOWN:
            _KNOWN.clear()
            _KNOWN[key] = _groups(_blocks(sequences), similarity, stranded)
    except (ArgumentError, UnicodeEncodeError):
        return 0
    return int(np.isin(_KNOWN[key][fold.test], _KNOWN[key][fold.train]).sum())


def _blocks(X: Any) -> Iterator[Any]:
    return sequence_blocks(checked_sequences(X).sequences, DEFAULT)


def _groups(blocks: Iterator[Any], similarity: Similarity, stranded: bool) -> np.ndarray:
    codes, lengths = [np.empty(0, dtype=np.uint8)], [np.empty(0, dtype=np.int64)]
    for block in blocks:
        codes.append(block.codes)
        lengths.append(np.diff(block.offsets))
    offsets = np.concatenate([[0], np.cumsum(np.concatenate(lengths))])
    n, nothing = len(offsets) - 1, np.empty(0, dtype=np.uint8)
    store = Store(
        folder=Path(),
        codes=np.concatenate(codes),
        offsets=offsets,
        parts=np.zeros(n, dtype=np.uint8),
        labels=np.zeros(n, dtype=np.int32),
        id_bytes=nothing,
        id_offsets=np.zeros(n + 1, dtype=np.int64),
        label_names=(),
        rejected={},
    )
    return similarity_groups(store, LengthPolicy().windows(store.lengths), stranded, similarity)
