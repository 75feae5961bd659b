"""Inputs of the speed benchmarks: random records from a seed, so that every machine measures the same."""

import gzip
from pathlib import Path

import numpy as np

LETTERS = np.frombuffer(b"ACGT", dtype=np.uint8)
AT_ONCE = 100_000


def fasta(path: Path, records: int, length: int = 200, columns: int | None = None, seed: int = 1) -> Path:
    """A FASTA file of random records, on one line each or wrapped; one that is there already is taken as it is."""
    if path.exists():
        return path
    rng = np.random.default_rng(seed)
    ends = list(range(0, length, columns or length))
    temporary = path.with_suffix(".part")
    with _opened(temporary, compressed=path.suffix == ".gz") as handle:
        for at in range(0, records, AT_ONCE):
            count = min(AT_ONCE, records - at)
            text = LETTERS[rng.integers(0, 4, (count, length), dtype=np.uint8)].tobytes()
            for i in range(count):
                record = text[i * length : (i + 1) * length]
                lines = b"\n".join(record[end : end + (columns or length)] for end in ends)
                handle.write(b">record_%d label=%s\n%s\n" % (at + i, b"ab"[i % 2 : i % 2 + 1], lines))
    return temporary.rename(path)


def _opened(path: Path, compressed: bool):
    return gzip.open(path, "wb", compresslevel=6) if compressed else path.open("wb")
