"""Blocks of any size to blocks of a fixed size: batches are cut alike however the input arrives."""

from collections.abc import Iterable, Iterator

import numpy as np

from dnaseq.io.sequences.reading import Block

# Positions of a batch, padding included; a network keeps numbers for each. Measured with the cnn model on a CPU,
# 24 records of 100,000 bases in batches of 256: a peak of 0.53 GB, 0.30 of which is the program itself; 0.84 GB
# with twice as many positions and 2.8 GB without a limit, which is also four times slower. 1000 records of 200
# bases still are one batch.
MOST_POSITIONS = 1 << 18

# With fewer rows, matrix kernels of another kind are used, whose rounding 200 steps of a simple RNN amplify to 5e-6,
# more than postprocess.SAME_WITHIN. From this many on, the difference between batch sizes depends on processor and
# network: none for RNN, LSTM and BiLSTM on one Intel CPU, 3e-7 for a transformer there, 1.5e-8 for a dilated
# convolution on one AMD CPU.
FEWEST_ROWS = 16


def batches(lengths: np.ndarray, most_records: int) -> Iterator[slice]:
    """(n,) lengths in ascending order -> consecutive slices of them, one a batch.

    A batch has at most `most_records` records and count x longest <= MOST_POSITIONS, but at least one record.
    It follows from the lengths alone, so the same records are always batched alike.
    """
    at = 0
    while at < len(lengths):
        longest = lengths[at : at + most_records].astype(np.int64)  # of a batch that ends with each record
        padded = longest * np.arange(1, len(longest) + 1)
        count = max(int(np.searchsorted(padded, MOST_POSITIONS, side="right")), 1)
        yield slice(at, at + count)
        at += count


MOST_BASES = 16_000_000  # a block ends before this many bases, so that long records do not pile up in memory


def regroup(blocks: Iterable[Block], size: int) -> Iterator[Block]:
    """The same records in blocks of exactly `size` (the last one shorter, as are those of very long records).

    Where a block is cut depends on the records alone: not on file boundaries, compression or pipe reads. A block
    of records from several files has no source.
    """
    pending: list[Block] = []
    records = bases = 0
    for block in blocks:
        while len(block.headers):
            room = _room(block, size - records, MOST_BASES - bases, empty=not records)
            if room:
                pending.append(part(block, 0, room))
            records, bases = records + room, bases + int(block.offsets[room])
            block = part(block, room, len(block.headers))
            if len(block.headers):
                yield _join(pending)
                pending, records, bases = [], 0, 0
    if records:
        yield _join(pending)


def _room(block: Block, records: int, bases: int, empty: bool) -> int:
    """Count the records of the block that still fit; at least one into an empty block."""
    fit = int(np.searchsorted(block.offsets, bases, side="right")) - 1
    return max(min(records, fit, len(block.headers)), int(empty))


def part(block: Block, first: int, last: int) -> Block:
    """The records [first, last) of a block; their codes are not copied."""
    offsets = block.offsets[first : last + 1]
    return block._replace(
        headers=block.headers[first:last],
        codes=block.codes[offsets[0] : offsets[-1]],
        offsets=offsets - offsets[0],
        lines=block.lines[first:last],
        rejected=_slice_rejected(block.rejected, first, last),
        kept=block.kept[first:last],
    )


def _slice_rejected(rejected: dict[int, str], first: int, last: int) -> dict[int, str]:
    """Return the rejected records of [first, last), counted from `first`, in time linear in those records."""
    if len(rejected) < last - first:
        return {i - first: why for i, why in rejected.items() if first <= i < last}
    return {i - first: rejected[i] for i in range(first, last) if i in rejected}


def _join(blocks: list[Block]) -> Block:
    if len(blocks) == 1:
        return blocks[0]
    counts = np.cumsum([0] + [len(b.headers) for b in blocks])
    bases = np.cumsum([0] + [len(b.codes) for b in blocks])
    offsets = [np.zeros(1, dtype=np.int64)] + [
        b.offsets[1:] + at for b, at in zip(blocks, bases, strict=False)
    ]
    return blocks[0]._replace(
        source=blocks[0].source if len({b.source for b in blocks}) == 1 else "",
        headers=[header for b in blocks for header in b.headers],
        codes=np.concatenate([b.codes for b in blocks]),
        offsets=np.concatenate(offsets),
        lines=np.concatenate([b.lines for b in blocks]),
        rejected={
            at + i: why for b, at in zip(blocks, counts, strict=False) for i, why in b.rejected.items()
        },
        kept=[cells for b in blocks for cells in b.kept],
    )
