"""A folder of results appears whole or not at all."""

import os

import pytest

from dnaseq.errors import ConfigError, FileAccessError
from dnaseq.io.atomic_folder import atomic_folder


def write(path, text, error=None, **options):
    with atomic_folder(path, ("a", "b"), **options) as folder:
        (folder / "a").write_text(text)
        if error:
            raise error


def test_a_folder_has_its_name_after_the_end(tmp_path):
    with atomic_folder(tmp_path / "why", ("a",)) as folder:
        (folder / "a").write_text("all")
        assert not (tmp_path / "why").exists()
    assert (tmp_path / "why" / "a").read_text() == "all"
    assert os.listdir(tmp_path) == ["why"]


@pytest.mark.parametrize("error", [KeyError(), KeyboardInterrupt()])
def test_after_an_error_nothing_is_left_and_an_older_folder_is_as_it_was(tmp_path, error):
    write(tmp_path / "why", "old")
    with pytest.raises(type(error)):
        write(tmp_path / "why", "new", error, overwrite=True)
    assert os.listdir(tmp_path) == ["why"]
    assert (tmp_path / "why" / "a").read_text() == "old"


def test_an_older_folder_is_replaced_only_if_told_so(tmp_path):
    write(tmp_path / "why", "old")
    with pytest.raises(ConfigError, match=r"why exists\. Choose another name or overwrite=true"):
        write(tmp_path / "why", "new")
    write(tmp_path / "why", "new", overwrite=True)
    assert (tmp_path / "why" / "a").read_text() == "new"
    assert os.listdir(tmp_path) == ["why"]


def test_a_folder_with_files_of_others_is_never_replaced(tmp_path):
    (tmp_path / "why").mkdir()
    (tmp_path / "why" / "thesis.txt").write_text("precious")
    with pytest.raises(ConfigError, match=r"why holds thesis\.txt, which dnaseq did not write"):
        write(tmp_path / "why", "new", overwrite=True)
    assert (tmp_path / "why" / "thesis.txt").read_text() == "precious"


def test_an_empty_folder_is_taken(tmp_path):
    (tmp_path / "why").mkdir()
    write(tmp_path / "why", "all")
    assert (tmp_path / "why" / "a").read_text() == "all"


def test_a_place_without_room_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileAccessError, match="file: is a file, not a folder"):
        write(tmp_path / "file", "all")
    with pytest.raises(FileAccessError, match=r"there is no folder .*/none"):
        write(tmp_path / "none" / "why", "all")
