"""Blocks of any size to blocks of a fixed size, so that batches are cut alike however the input arrives."""

from collections.abc import Iterable, Iterator

import numpy as np

from dnaseq.io.reading import Block

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
                yield _joined(pending)
                pending, records, bases = [], 0, 0
    if records:
        yield _joined(pending)


def _room(block: Block, records: int, bases: int, empty: bool) -> int:
    """How many records of the block still go in; at least one into an empty block."""
    fit = int(np.searchsorted(block.offsets, bases, side="right")) - 1
    return max(min(records, fit, len(block.headers)), int(empty))


def part(block: Block, first: int, last: int) -> Block:
    """The records [first, last) of a block; their codes are not copied."""
    offsets = block.offsets[first : last + 1]
    return Block(
        block.source,
        block.headers[first:last],
        block.codes[offsets[0] : offsets[-1]],
        offsets - offsets[0],
        block.lines[first:last],
        _between(block.rejected, first, last),
    )


def _between(rejected: dict[int, str], first: int, last: int) -> dict[int, str]:
    """Those of [first, last), counted from there. Of a block of many parts, each looks at its own only."""
    if len(rejected) < last - first:
        return {i - first: why for i, why in rejected.items() if first <= i < last}
    return {i - first: rejected[i] for i in range(first, last) if i in rejected}


def _joined(blocks: list[Block]) -> Block:
    if len(blocks) == 1:
        return blocks[0]
    counts = np.cumsum([0] + [len(b.headers) for b in blocks])
    bases = np.cumsum([0] + [len(b.codes) for b in blocks])
    offsets = [np.zeros(1, dtype=np.int64)] + [
        b.offsets[1:] + at for b, at in zip(blocks, bases, strict=False)
    ]
    return Block(
        blocks[0].source if len({b.source for b in blocks}) == 1 else "",
        [header for b in blocks for header in b.headers],
        np.concatenate([b.codes for b in blocks]),
        np.concatenate(offsets),
        np.concatenate([b.lines for b in blocks]),
        {at + i: why for b, at in zip(blocks, counts, strict=False) for i, why in b.rejected.items()},
    )
