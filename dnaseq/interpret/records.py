"""The records that are explained, read once into a file, so that memory does not grow with their bases."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dnaseq.bundle.predictor import Advice
from dnaseq.data.records.batching import gather
from dnaseq.errors import InputError
from dnaseq.interpret.logit import Logit
from dnaseq.io.os_errors import access
from dnaseq.io.sequences.block import Block, text_of

LABEL = re.compile(rb"label=(\S+)")  # in a header, as data=fasta has it
LEAVE_OUT = "which leaves such records out"
ADVICE = Advice("Choose length_policy=trim or tile", LEAVE_OUT)
MOST_NUMBERS = 1 << 31  # bases of all records, each as long as the longest: a table of 8 GB


class Records(NamedTuple):
    """n usable records: record i is codes[offsets[i]:offsets[i + 1]]."""

    ids: list[str]
    offsets: np.ndarray  # (n + 1,) int64
    codes: np.ndarray  # (total,) uint8, a map of a file
    rejected: int  # records of the input that could not be used
    labels: list[str]  # label=... of the headers, "" without one

    @property
    def lengths(self) -> np.ndarray:
        return np.diff(self.offsets)

    def padded(self, rows: np.ndarray) -> np.ndarray:
        """(n,) row numbers -> (n, longest of them) codes."""
        return gather(self.codes, self.offsets[rows], self.offsets[rows + 1] - self.offsets[rows])

    def some(self, rows: np.ndarray) -> "Records":
        """Return these rows, in ascending order, as records of the same file."""
        pieces = [self.codes[self.offsets[row] : self.offsets[row + 1]] for row in rows]
        offsets = np.concatenate([[0], np.cumsum(self.lengths[rows])])
        ids, labels = ([names[row] for row in rows] for names in (self.ids, self.labels))
        return Records(ids, offsets, np.concatenate(pieces), self.rejected, labels)


def read_records(logit: Logit, blocks: Iterable[Block], bad_records: str, file: Path) -> Records:
    """Write the codes of all usable records into `file` and map it.

    With bad_records="keep" others are counted, else the first of them is an InputError. So is an input without usable
    records.
    """
    ids: list[str] = []
    labels: list[str] = []
    lengths: list[np.ndarray] = []
    rejected = 0
    with access(file), file.open("wb") as handle:
        for block in logit.predictor.pieces(blocks, bad_records, ADVICE):
            used, codes = _usable(logit, block, bad_records)
            rejected += len(block.headers) - len(used)
            names = block.ids
            ids += [text_of(names[i]) for i in used.tolist()]
            labels += [_label(block.headers[i]) for i in used.tolist()]
            lengths.append(np.diff(block.offsets)[used])
            handle.write(np.ascontiguousarray(codes).data)
    if not ids:
        raise InputError("no record can be used")
    offsets = np.concatenate([[0], np.cumsum(np.concatenate(lengths), dtype=np.int64)])
    return Records(ids, offsets, np.memmap(file, np.uint8, mode="r"), rejected, labels)


def _label(header: bytes) -> str:
    found = LABEL.search(header)
    return text_of(found[1]) if found else ""


def _usable(logit: Logit, block: Block, bad_records: str) -> tuple[np.ndarray, np.ndarray]:
    """Find the usable records of a block, and their codes."""
    sizes = np.diff(block.offsets)
    usable = np.ones(len(sizes), dtype=bool)
    usable[list(block.rejected)] = False
    if logit.position is not None:
        short = usable & (sizes <= logit.position)
        if short.any() and bad_records != "keep":
            row = int(np.flatnonzero(short)[0])
            what = f"{sizes[row]} bases, and position={logit.position} (0-based) is beyond them"
            raise InputError(what, file=block.source, record=block.id(row), fix="Choose another position")
        usable &= ~short
    return np.flatnonzero(usable), block.codes[np.repeat(usable, sizes)]


def choose_records(records: Records, most: int | None, rng: np.random.Generator) -> Records:
    """Draw `most` records, in the order of the input; all of them where there are no more, or without a number.

    Raises InputError for more bases than a table of attributions may have.
    """
    n = len(records.ids)
    if most is not None and most < n:
        records = records.some(np.sort(rng.choice(n, most, replace=False)))
        n = most
    longest = int(records.lengths.max())
    if n * longest > MOST_NUMBERS:
        what = f"{n:,} records of up to {longest:,} bases are more than one table can hold"
        raise InputError(what, fix=f"Explain fewer, such as records={max(MOST_NUMBERS // longest, 1)}")
    return records
