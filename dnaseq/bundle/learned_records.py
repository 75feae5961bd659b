"""Digests of the records that a model has learnt, in a file of its bundle: other test sets are compared with them."""

import hashlib
from pathlib import Path

import numpy as np
from msgspec import Struct

from dnaseq.bundle.spec import BundleSpec, LearnedRecords, read_file
from dnaseq.errors import ModelFileError

RECORDS, BYTES = "records.bin", 8


class Packed(Struct, frozen=True):
    """The content of records.bin, and what the spec says of it."""

    content: bytes
    about: LearnedRecords


def pack_digests(digests: np.ndarray) -> Packed:
    """(n,) uint64 -> the digests in ascending order, each once, 8 bytes each with the lowest byte first."""
    content = np.unique(digests).astype("<u8").tobytes()
    return Packed(content, LearnedRecords(len(content) // BYTES, hashlib.sha256(content).hexdigest()))


def read_learned_records(folder: Path, spec: BundleSpec) -> np.ndarray | None:
    """Read the (n,) uint64 digests of the records that a model has learnt, in ascending order.

    None where the bundle has no such file, as those of earlier versions. Raises ModelFileError for a damaged one.
    """
    about, path = spec.training.records, folder / RECORDS
    if not isinstance(about, LearnedRecords) or not path.exists():
        return None
    content = read_file(path, BYTES * about.n)
    if hashlib.sha256(content).hexdigest() != about.sha256:
        raise ModelFileError(f"{path}: SHA-256 differs from spec.json. Copy it again")
    return np.frombuffer(content, dtype="<u8").astype(np.uint64)
