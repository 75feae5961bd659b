"""Decompression is exact, and what ends early never looks complete."""

import gzip
import io
import os
import random
import sys
import tracemalloc
import zipfile
from contextlib import suppress

import pytest
import zstandard
from Bio import bgzf
from fed_pipes import fed_pipe

from dnaseq.encode.alphabet import to_codes
from dnaseq.errors import FileAccessError, InputError
from dnaseq.io.compress import CHUNK, chunks
from dnaseq.io.sequences.reading import Reading, read_blocks

LETTERS = random.Random(1)
TEXT = b"".join(b">r%d\n%s\n" % (i, bytes(LETTERS.choices(b"ACGT", k=50))) for i in range(12))
CODES = to_codes("".join(TEXT.decode().split("\n")[1::2])).tobytes()


class Kept(io.BytesIO):
    def close(self):
        pass


def bgzipped(text):
    out = Kept()
    with bgzf.BgzfWriter(fileobj=out) as writer:
        for start in range(0, len(text), 200):  # several blocks
            writer.write(text[start : start + 200])
            writer.flush()
    return out.getvalue()


PACKED = {
    "plain": TEXT,
    "gzip": gzip.compress(TEXT),
    "bgzf": bgzipped(TEXT),
    "zstd": zstandard.compress(TEXT),
}
NAME = {"plain": "a.fa", "gzip": "a.fa.gz", "bgzf": "a.fa.gz", "zstd": "a.fa.zst"}


def read(path, **reading):
    return b"".join(chunks(path, Reading(**reading)))


def n_records(path):
    return sum(len(block.headers) for block in read_blocks(path))


@pytest.fixture(params=PACKED)
def packed(request, tmp_path):
    path = tmp_path / NAME[request.param]
    path.write_bytes(PACKED[request.param])
    return path


def test_every_kind_of_compression_gives_the_same_bytes(packed):
    assert read(packed) == TEXT


@pytest.mark.parametrize("size", [1, 7, 100, 10_000])
def test_chunks_have_exactly_the_size_asked_for(packed, size):
    lengths = [len(chunk) for chunk in chunks(packed, Reading(), size)]
    assert lengths[:-1] == [size] * (len(TEXT) // size if len(TEXT) % size else len(TEXT) // size - 1)


@pytest.mark.parametrize("kind", ["gzip", "bgzf", "zstd"])
def test_two_files_one_after_the_other_give_all_records(kind, tmp_path):
    path = tmp_path / NAME[kind]
    path.write_bytes(PACKED[kind] * 2)
    assert read(path) == TEXT * 2


@pytest.mark.parametrize("kind", ["gzip", "bgzf", "zstd"])
def test_a_compressed_file_cut_anywhere_is_refused(kind, tmp_path):
    path, accepted = tmp_path / NAME[kind], []
    for length in range(1, len(PACKED[kind])):
        path.write_bytes(PACKED[kind][:length])
        try:
            list(read_blocks(path))
            accepted.append(length)
        except InputError:
            pass
    assert not accepted


def test_a_plain_file_cut_anywhere_is_refused_or_warned_about_or_ends_after_a_line(tmp_path, caplog):
    path, silent = tmp_path / "a.fa", []
    for length in range(1, len(TEXT)):
        path.write_bytes(TEXT[:length])
        caplog.clear()
        try:
            list(read_blocks(path))
        except InputError:
            continue
        if not caplog.records:
            silent.append(length)
    assert all(TEXT[:length].endswith(b"\n") for length in silent)


@pytest.mark.parametrize("kind", ["gzip", "bgzf", "zstd"])
def test_records_before_an_early_end_are_given_first(kind, tmp_path):
    path = tmp_path / NAME[kind]
    text = b"".join(b">r%d\n%s\n" % (i, bytes(LETTERS.choices(b"ACGT", k=500))) for i in range(600))
    whole = {"gzip": gzip.compress, "bgzf": bgzipped, "zstd": zstandard.compress}[kind](text)
    path.write_bytes(whole[: len(whole) * 9 // 10])
    with pytest.raises(InputError, match=r"compressed file ends early after record [1-9]\d+"):
        list(read_blocks(path))


@pytest.mark.parametrize("at", range(0, len(PACKED["gzip"]), 5))
def test_a_flipped_bit_of_gzip_is_an_error_or_changes_nothing(at, tmp_path):
    data = bytearray(PACKED["gzip"])
    data[at] ^= 16
    path = tmp_path / "a.fa.gz"
    path.write_bytes(data)
    with suppress(InputError):
        assert b"".join(block.codes.tobytes() for block in read_blocks(path)) == CODES


def test_bgzf_without_its_end_is_refused_at_every_block(tmp_path):
    data, path = PACKED["bgzf"], tmp_path / "a.fa.gz"
    starts = [i for i in range(1, len(data)) if data[i:].startswith(b"\x1f\x8b\x08\x04")]
    path.write_bytes(data[: starts[2]])
    with pytest.raises(InputError, match="no BGZF end marker"):
        read(path)


def test_bgzf_without_its_end_is_read_where_that_is_allowed(tmp_path):
    path = tmp_path / "a.fa.gz"
    path.write_bytes(PACKED["bgzf"][:-28])
    assert read(path, allow_missing_eof=True) == TEXT


@pytest.mark.parametrize("kind", ["gzip", "bgzf", "zstd"])
def test_zero_bytes_at_the_end_of_a_compressed_file_are_accepted(kind, tmp_path):
    path = tmp_path / NAME[kind]
    path.write_bytes(PACKED[kind] + bytes(300_000))
    assert read(path) == TEXT


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_a_bomb_never_takes_the_memory_of_what_is_in_it(kind, tmp_path):
    path = tmp_path / NAME[kind]
    path.write_bytes({"gzip": gzip.compress, "zstd": zstandard.compress}[kind](bytes(200 << 20)))
    tracemalloc.start()
    for chunk in chunks(path):
        assert len(chunk) == CHUNK
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < {"gzip": 8, "zstd": 128}[kind] << 20


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("a.fa", "gzip", "says plain, but its content is gzip"),
        ("a.fa.gz", "plain", "says gzip, but its content is plain"),
    ],
)
def test_a_name_that_disagrees_with_the_content_is_logged(name, kind, said, tmp_path, caplog):
    path = tmp_path / name
    path.write_bytes(PACKED[kind])
    assert n_records(path) == 12
    assert said in caplog.text


def test_a_missing_file_cannot_be_accessed(tmp_path):
    with pytest.raises(FileAccessError, match=r"a\.fa: No such file"):
        read(tmp_path / "a.fa")


def test_a_folder_cannot_be_read(tmp_path):
    with pytest.raises(FileAccessError, match="Is a directory"):
        read(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_cannot_be_accessed(tmp_path):
    path = tmp_path / "a.fa"
    path.write_bytes(TEXT)
    path.chmod(0)
    with pytest.raises(FileAccessError, match="Permission denied"):
        read(path)


@pytest.mark.parametrize("kind", PACKED)
def test_a_pipe_that_gives_a_byte_at_a_time_is_read_whole(kind, tmp_path):
    with fed_pipe(tmp_path / "pipe", PACKED[kind], step=13) as path:
        assert n_records(path) == 12


def test_a_dash_is_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PACKED["gzip"])))
    assert {block.source for block in read_blocks("-")} == {"<stdin>"}


class Dribble(io.BytesIO):
    """A pipe that never has more than one byte ready."""

    @property
    def buffer(self):
        return self

    def read(self, size=-1):
        return super().read(1)


@pytest.mark.parametrize("kind", PACKED)
def test_standard_input_that_gives_single_bytes_is_read_whole(kind, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Dribble(PACKED[kind]))
    assert b"".join(chunks("-")) == TEXT


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path):
    path = tmp_path / "a.fa"
    path.write_bytes(TEXT)
    pieces = chunks(path, Reading(), 100)
    next(pieces)
    with open(path, "ab") as file:
        file.write(b">more\nACGT\n")
    with pytest.raises(InputError, match="file changed while it was read"):
        list(pieces)


def test_a_file_that_is_replaced_while_it_is_read_is_refused(tmp_path):
    path = tmp_path / "a.fa"
    path.write_bytes(TEXT)
    pieces = chunks(path, Reading(), 100)
    next(pieces)
    (tmp_path / "b.fa").write_bytes(TEXT)
    os.utime(tmp_path / "b.fa", ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    os.replace(tmp_path / "b.fa", path)
    with pytest.raises(InputError, match="file changed while it was read"):
        list(pieces)


def test_a_file_that_is_removed_while_it_is_read_is_refused(tmp_path):
    path = tmp_path / "a.fa"
    path.write_bytes(TEXT)
    pieces = chunks(path, Reading(), 100)
    next(pieces)
    path.unlink()
    with pytest.raises(FileAccessError, match="was removed while it was read"):
        list(pieces)


@pytest.mark.parametrize("inside", ["[Content_Types].xml", "xl/workbook.xml", None])
def test_a_workbook_is_no_zip_to_decompress(inside, tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    if inside:
        with zipfile.ZipFile(path, "w") as file:
            file.writestr(inside, "")
    with pytest.raises(InputError, match=r"is an Excel workbook\. Save it as CSV"):
        list(chunks(path))
