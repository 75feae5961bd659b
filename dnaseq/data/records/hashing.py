"""Hashes of files, for the key of the store and the record of a run; hashes of sequences, to find copies."""

import hashlib
import heapq
import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import numpy as np
import torch

from dnaseq.data.records.batching import gather
from dnaseq.data.records.chunked_arrays import stretches
from dnaseq.data.records.lengths import Windows
from dnaseq.data.records.store import Store
from dnaseq.encode.revcomp import reverse_complement
from dnaseq.errors import FileAccessError

LINES_AT_ONCE = 1 << 18


def lines_sha256(lines: Iterable[str]) -> str:
    """Hash all lines, sorted and joined by line ends (hex SHA-256): LINES_AT_ONCE are sorted in memory and put into a
    file, then these are merged. No line may hold a line end."""
    rest, digest, between = iter(lines), hashlib.sha256(), b""
    with ExitStack() as files:
        pieces = []
        # the bytes of UTF-8 are in the order of the letters
        while piece := sorted(line.encode() for line in islice(rest, LINES_AT_ONCE)):
            pieces.append(_spill(files.enter_context(TemporaryFile()), piece))
        for line in heapq.merge(*pieces):
            digest.update(between + line)
            between = b"\n"
    return digest.hexdigest()


def _spill(file: IO[bytes], lines: list[bytes]) -> Iterator[bytes]:
    """Put lines into the file, and iterate over them."""
    file.writelines(line + b"\n" for line in lines)
    file.seek(0)
    return (line[:-1] for line in file)


RECORDS_AT_ONCE, BASES_AT_ONCE = 8192, 4_000_000


def file_sha256(path: str | Path) -> str:
    """Hash a file's bytes (hex SHA-256)."""
    try:
        with open(path, "rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        raise FileAccessError(f"{path}: cannot be read ({error.strerror})") from error


def combined_sha256(hashes: list, settings: dict) -> str:
    """Compute one key for several files and the settings they are read with.

    The order of both counts: it tells which file holds which class.
    """
    text = json.dumps([hashes, settings])
    return hashlib.sha256(text.encode()).hexdigest()


def canonical_hashes(store: Store, windows: Windows, stranded: bool) -> tuple[np.ndarray, np.ndarray]:
    """(n,) uint64 hash of every window, the lesser of its strands', and (n,) bool: whether that is of the other strand.

    With `stranded` it is that of the window as it stands.
    """
    hashes = np.empty(len(windows.record), dtype=np.uint64)
    turned = np.zeros(len(windows.record), dtype=bool)
    for some in stretches(len(hashes)):
        forward, backward = strand_hashes(store, Windows(*(column[some] for column in windows)))
        hashes[some] = forward if stranded else np.minimum(forward, backward)
        if not stranded:
            turned[some] = backward < forward
    return hashes, turned


def strand_hashes(store: Store, windows: Windows) -> tuple[np.ndarray, np.ndarray]:
    """(n,) uint64 hashes of every window as it stands and of its reverse complement.

    A polynomial hash modulo 2^64 over codes with a random odd weight a position: two different sequences of a
    million share one with a probability below 1e-6, so equal hashes are confirmed letter by letter where it
    matters (leaks.py).
    """
    lengths, starts = windows.length.astype(np.int64), store.offsets[windows.record] + windows.start
    longest = int(lengths.max(initial=1))
    weights = np.random.default_rng(0).integers(0, 2**63, size=longest, dtype=np.uint64) * 2 + 1
    forward, backward = np.empty(len(lengths), dtype=np.uint64), np.empty(len(lengths), dtype=np.uint64)
    for rows in _chunks(np.argsort(lengths, kind="stable"), lengths):
        codes = gather(store.codes, starts[rows], lengths[rows])
        flipped = reverse_complement(torch.from_numpy(codes), torch.from_numpy(lengths[rows])).numpy()
        real = np.arange(codes.shape[1]) < lengths[rows][:, None]
        for strand, hashes in ((codes, forward), (flipped, backward)):
            hashes[rows] = ((strand.astype(np.uint64) + 1) * real) @ weights[: codes.shape[1]]
    return forward, backward


def record_digests(store: Store, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n,) rows -> (n,) uint64 twice: digests of the records as they stand, and of their reverse complements.

    A digest is the first 64 bits of BLAKE2b over the codes, the same in every version, so it may be kept in a file.
    """
    starts = np.asarray(store.offsets[rows], dtype=np.int64)
    lengths = np.asarray(store.offsets[rows + 1], dtype=np.int64) - starts
    forward, backward = np.empty(len(rows), dtype=np.uint64), np.empty(len(rows), dtype=np.uint64)
    for some in _chunks(np.argsort(lengths, kind="stable"), lengths):
        codes = gather(store.codes, starts[some], lengths[some])
        flipped = reverse_complement(torch.from_numpy(codes), torch.from_numpy(lengths[some])).numpy()
        for strand, digests in ((codes, forward), (flipped, backward)):
            digests[some] = [_digest(one[:n]) for one, n in zip(strand, lengths[some], strict=True)]
    return forward, backward


def _digest(codes: np.ndarray) -> int:
    return int.from_bytes(hashlib.blake2b(codes.tobytes(), digest_size=8).digest(), "little")


def _chunks(order: np.ndarray, lengths: np.ndarray) -> Iterable[np.ndarray]:
    at = 0
    while at < len(order):
        # lengths ascend along the order, so the last record of a chunk is its widest
        size = RECORDS_AT_ONCE
        while size > 1 and lengths[order[min(at + size, len(order)) - 1]] * size > BASES_AT_ONCE:
            size //= 2
        yield order[at : at + size]
        at += size
