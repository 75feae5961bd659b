"""Files by address: what fsspec opens is read as a path is."""

from pathlib import Path

import fsspec
import pytest

from dnaseq.errors import ConfigError, FileAccessError
from dnaseq.io.address import expand, version_of
from dnaseq.io.sequences.reading import read_blocks


@pytest.fixture
def store():
    """A file system in memory with two FASTA files."""
    files = fsspec.filesystem("memory")
    for name, text in (("a.fa", b">a\nACGT\n"), ("b.fa", b">b\nGG\n>c\nTT\n")):
        files.pipe(f"/reads/{name}", text)
    yield files
    files.rm("/reads", recursive=True)


def test_an_address_is_read_like_a_path(store):
    blocks = list(read_blocks(["memory://reads/b.fa", "memory://reads/a.fa"]))
    assert [header for block in blocks for header in block.headers] == [b"b", b"c", b"a"]


def test_a_pattern_stands_for_what_it_matches_sorted(store):
    found = expand("memory://reads/*.fa")
    assert [name.rpartition("/")[2] for name in found] == ["a.fa", "b.fa"]
    assert sum(len(block.headers) for block in read_blocks("memory://reads/*.fa")) == 3


def test_an_address_of_a_folder_stands_for_its_files(store):
    assert expand("memory://reads") == expand("memory://reads/") == expand("memory://reads/*.fa")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("memory://reads/c.fa", "does not exist"),
        ("memory://reads/*.gz", "matches no file"),
    ],
)
def test_what_is_not_there_is_named(store, name, message):
    with pytest.raises(FileAccessError, match=message):
        expand(name)


def test_an_address_of_no_kind_that_is_known_is_an_error_of_the_setting():
    with pytest.raises(ConfigError, match=r"nowhere://x.fa cannot be opened"):
        expand("nowhere://x.fa")


def test_a_file_that_is_replaced_has_another_version(store, tmp_path):
    for name, write in (
        ("memory://reads/a.fa", lambda text: store.pipe("/reads/a.fa", text)),
        (tmp_path / "a.fa", (tmp_path / "a.fa").write_bytes),
    ):
        write(b">a\nA\n")
        before = version_of(name)
        assert before == version_of(name)
        write(b">a\nAC\n")
        assert before != version_of(name)


def test_shipped_data_are_found_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (found,) = expand("shipped:enhancers/test.fa")
    assert Path(found).read_text().startswith(">enh_test_strong_0001")
    with pytest.raises(FileAccessError, match=r"test\.fasta: does not exist. Did you mean .*test\.fa"):
        expand("shipped:enhancers/test.fasta")
