"""A file appears whole or not at all."""

import json
import os
from pathlib import Path

import pytest

from dnaseq.errors import ConfigError, FileAccessError
from dnaseq.io.atomic import atomic_file, check_writable, is_device, write_json, write_text


def write_half(path, error, **options):
    with atomic_file(path, **options) as file:
        file.write(b"half")
        raise error("broken")


def fail(path, error=KeyError, **options):
    with pytest.raises(error, match="broken"):
        write_half(path, error, **options)


def test_what_is_written_has_its_name_after_the_end(tmp_path):
    with atomic_file(tmp_path / "a") as file:
        file.write(b"all")
        assert not (tmp_path / "a").exists()
    assert (tmp_path / "a").read_bytes() == b"all"


@pytest.mark.parametrize("error", [KeyError, KeyboardInterrupt])
def test_after_an_error_nothing_is_left(error, tmp_path):
    fail(tmp_path / "a", error)
    assert os.listdir(tmp_path) == []


def test_after_an_error_the_old_file_is_as_it_was(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    fail(tmp_path / "a", overwrite=True)
    assert ((tmp_path / "a").read_bytes(), os.listdir(tmp_path)) == (b"old", ["a"])


def test_an_existing_file_is_refused_before_any_work(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    manager = atomic_file(tmp_path / "a")
    with pytest.raises(ConfigError, match=r"a exists\. Choose another name or overwrite=true"):
        manager.__enter__()
    assert os.listdir(tmp_path) == ["a"]


def write_while_another_does(path):
    with atomic_file(path) as file:
        file.write(b"mine")
        path.write_bytes(b"theirs")


def test_a_file_that_another_made_meanwhile_is_not_replaced(tmp_path):
    with pytest.raises(ConfigError, match="a exists"):
        write_while_another_does(tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"theirs"


def test_a_missing_folder_is_named(tmp_path):
    with (
        pytest.raises(FileAccessError, match=f"there is no folder {tmp_path}/x"),
        atomic_file(tmp_path / "x" / "a"),
    ):
        pass


def test_a_folder_is_no_place_for_a_file(tmp_path):
    with pytest.raises(FileAccessError, match="is a folder, not a file"):
        check_writable(tmp_path, overwrite=True)


def test_a_full_device_cannot_be_written():
    with pytest.raises(FileAccessError, match="/dev/full: No space left"), atomic_file("/dev/full") as file:
        file.write(b"x")


def test_a_device_is_written_and_not_replaced():
    before = os.stat("/dev/null").st_ino
    with atomic_file("/dev/null") as file:
        file.write(b"x")
    assert os.stat("/dev/null").st_ino == before


def test_what_lies_under_dev_may_be_a_file(tmp_path):
    path = Path("/dev/shm") / f"dnaseq-{os.getpid()}"
    try:
        fail(path)
        assert not path.exists()
        write_text(path, "new")
        assert path.read_text() == "new"
        assert not is_device(path)
    finally:
        path.unlink(missing_ok=True)


def test_a_name_of_an_own_output_is_a_device_even_if_that_is_a_file(tmp_path):
    with open(tmp_path / "a", "w") as file:
        (tmp_path / "link").symlink_to(f"/dev/fd/{file.fileno()}")
        names = [f"/dev/fd/{file.fileno()}", f"/proc/self/fd/{file.fileno()}", tmp_path / "link", "/dev/null"]
        assert all(map(is_device, names))
    os.mkfifo(tmp_path / "pipe")
    assert is_device(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    assert not any(map(is_device, [tmp_path / "a", tmp_path / "nothing", tmp_path / "loop"]))


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    def full(fd):
        raise OSError(28, "No space left on device")

    (tmp_path / "a").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    with (
        pytest.raises(FileAccessError, match="a: No space left"),
        atomic_file(tmp_path / "a", overwrite=True) as file,
    ):
        file.write(b"new")
    assert ((tmp_path / "a").read_bytes(), os.listdir(tmp_path)) == (b"old", ["a"])


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    write_text(tmp_path / "link", "new")
    assert ((tmp_path / "link").is_symlink(), (tmp_path / "real").read_text()) == (True, "new")


def test_whoever_reads_the_old_file_goes_on_reading_it(tmp_path):
    write_text(tmp_path / "a", "old")
    with open(tmp_path / "a") as old:
        write_text(tmp_path / "a", "new")
        assert old.read() == "old"


def test_a_file_has_the_rights_that_any_new_file_has(tmp_path):
    write_text(tmp_path / "a", "")
    (tmp_path / "b").write_text("")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


def test_json_ends_in_a_newline_and_reads_back(tmp_path):
    write_json(tmp_path / "a", {"x": [1, "ä"]})
    text = (tmp_path / "a").read_text()
    assert (json.loads(text), text[:5], text[-2:]) == ({"x": [1, "ä"]}, '{\n  "', "}\n")


def test_json_refuses_what_it_cannot_hold(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "a", {"x": float("nan")})
    assert os.listdir(tmp_path) == []
