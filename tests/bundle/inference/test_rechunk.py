import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnaseq.bundle.inference import rechunk as module
from dnaseq.bundle.inference.rechunk import regroup
from dnaseq.io.sequences.reading import Block


def blocks_of(lengths: list[int], sizes: list[int]) -> list[Block]:
    """Records of these lengths, cut into blocks of these sizes (the rest in one)."""
    blocks, at = [], 0
    for size in [*sizes, len(lengths)]:
        part = lengths[at : at + size]
        if part:
            offsets = np.concatenate([[0], np.cumsum(part)])
            headers = [str(i).encode() for i in range(at, at + len(part))]
            codes = np.concatenate([np.full(n, i % 4, dtype=np.uint8) for i, n in enumerate(part, start=at)])
            rejected = {i: "empty" for i, n in enumerate(part) if n == 0}
            blocks.append(Block("x", headers, codes, offsets, np.arange(at, at + len(part)), rejected))
        at += size
    return blocks


def told(blocks) -> list[tuple]:
    return [
        (h, b.codes[b.offsets[i] : b.offsets[i + 1]].tolist(), int(b.lines[i]), b.rejected.get(i))
        for b in blocks
        for i, h in enumerate(b.headers)
    ]


@given(st.lists(st.integers(0, 5), max_size=40), st.lists(st.integers(1, 9), max_size=8), st.integers(1, 12))
def test_every_record_once_in_order_whatever_the_blocks(lengths, sizes, size):
    assert told(regroup(blocks_of(lengths, sizes), size)) == told(blocks_of(lengths, []))


@given(st.lists(st.integers(0, 5), max_size=40), st.lists(st.integers(1, 9), max_size=8), st.integers(1, 12))
def test_where_a_block_is_cut_depends_on_the_records_alone(lengths, sizes, size):
    counts = [len(b.headers) for b in regroup(blocks_of(lengths, sizes), size)]
    assert counts == [len(b.headers) for b in regroup(blocks_of(lengths, []), size)]
    assert all(count == size for count in counts[:-1])


@pytest.mark.parametrize("sizes", [[], [1], [3, 1]])
def test_long_records_end_a_block_early(monkeypatch, sizes):
    monkeypatch.setattr(module, "MOST_BASES", 10)
    counts = [len(b.headers) for b in regroup(blocks_of([4, 4, 4, 30, 1, 1], sizes), 100)]
    assert counts == [2, 1, 1, 2]


def test_a_block_of_several_files_names_none():
    a, b = blocks_of([3, 2], [1])
    assert [block.source for block in regroup([a, b._replace(source="y")], 1)] == ["x", "y"]
    assert [block.source for block in regroup([a, b._replace(source="y")], 2)] == [""]
