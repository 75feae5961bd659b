"""BGZF that is written here is what bgzip and Python's gzip read."""

import gzip
import io
import random

import pysam
import pytest
from Bio import bgzf

from dnaseq.io.bgzip import BgzipWriter, is_bgzip
from dnaseq.io.compress import chunks

TEXT = bytes(random.Random(1).choices(b"ACGT\n", k=200_000))


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "a.gz"
    with path.open("wb") as handle:
        writer = BgzipWriter(handle)
        for start in range(0, len(TEXT), 30_001):
            writer.write(TEXT[start : start + 30_001])
        writer.close()
    return path


def test_every_reader_gives_the_text(written):
    assert is_bgzip(written)
    assert gzip.decompress(written.read_bytes()) == TEXT
    assert b"".join(chunks(written)) == TEXT
    with bgzf.BgzfReader(str(written), "rb") as handle:
        handle.seek(bgzf.make_virtual_offset(0, 5))
        assert handle.read(10) == TEXT[5:15]
    with pysam.BGZFile(str(written)) as handle:
        assert handle.read() == TEXT


def test_an_empty_text_is_the_end_marker_alone():
    file = io.BytesIO()
    BgzipWriter(file).close()
    assert len(file.getvalue()) == 28
    assert gzip.decompress(file.getvalue()) == b""
