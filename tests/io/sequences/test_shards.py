"""A file in parts: every record once and in order, wherever it is cut."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnaseq.errors import InputError
from dnaseq.io.sequences.reading import Reading, read_blocks
from dnaseq.io.sequences.shards import Shard, in_file, shard_blocks, shards_of

READING = Reading()


def records(blocks):
    return [
        (header, block.codes[a:b].tolist())
        for block in blocks
        for header, a, b in zip(block.headers, block.offsets[:-1], block.offsets[1:], strict=True)
    ]


def in_shards(path, size):
    return [
        record
        for shard in shards_of([str(path)], size, READING)
        for record in records(shard_blocks(shard, READING))
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("shards")


@given(
    lengths=st.lists(st.integers(1, 30), min_size=1, max_size=12),
    width=st.integers(1, 12),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    size=st.integers(1, 200),
)
def test_every_record_is_in_one_shard_and_in_order(folder, lengths, width, end, size):
    lines = []
    for i, length in enumerate(lengths):
        sequence = ("ACGT" * 8)[i % 4 :][:length]
        lines += [f">r{i} a>b", *(sequence[at : at + width] for at in range(0, length, width))]
    path = folder / "a.fa"
    path.write_bytes((end.join(lines) + end).encode())
    assert in_shards(path, size) == records(read_blocks(path))


def test_a_shard_in_which_no_record_begins_is_empty(folder):
    path = folder / "long.fa"
    path.write_text(">one\n" + "A" * 100 + "\n>two\nC\n")
    shards = shards_of([str(path)], 20, READING)
    sizes = [len(records(shard_blocks(shard, READING))) for shard in shards]
    assert sizes == [1, 0, 0, 0, 0, 1]
    assert shards[1] == Shard(str(path), 20, 40)


def test_what_is_compressed_or_not_fasta_is_one_shard(folder):
    (folder / "a.fa.gz").write_bytes(gzip.compress(b">a\nACGT\n" * 5))
    (folder / "a.fq").write_text("@a\nAC\n+\n>>\n" * 5)
    for name in ("a.fa.gz", "a.fq"):
        path = str(folder / name)
        assert shards_of([path], 4, READING) == [Shard(path)]
        assert in_shards(path, 4) == records(read_blocks(path))


def test_an_error_names_the_line_of_the_file(folder):
    path = folder / "bad.fa"
    path.write_bytes(b">a\r\nACGT\r\n" * 10 + b">b\r\nAC!T\r\n")
    shard = shards_of([str(path)], 50, READING)[2]
    assert shard.begin == 100
    with pytest.raises(InputError) as found:
        list(shard_blocks(shard, READING))
    with pytest.raises(InputError) as expected:
        list(read_blocks(path))
    assert str(in_file(found.value, shard)) == str(expected.value)
    assert ":22: record 'b'" in str(expected.value)
