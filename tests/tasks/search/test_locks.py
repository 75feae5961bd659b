"""Locks say which processes live, however they end."""

import signal
import subprocess
import sys

import pytest

from dnaseq.errors import FileAccessError
from dnaseq.tasks.search.locks import hold_lock, is_alive, register_process

CHILD = "import sys, time; from pathlib import Path; from dnaseq.tasks.search.locks import register_process\n"
CHILD += "with register_process(Path(sys.argv[1])) as name:\n    print(name, flush=True); time.sleep(60)"


def test_a_process_is_present_until_it_is_killed(tmp_path):
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        name = child.stdout.readline().strip()
        assert is_alive(tmp_path, name)
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert not is_alive(tmp_path, name)
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def test_one_that_ended_is_not_present_and_leaves_nothing(tmp_path):
    with register_process(tmp_path) as name:
        assert is_alive(tmp_path, name)
    assert not is_alive(tmp_path, name)
    assert list((tmp_path / "processes").iterdir()) == []


def test_a_lock_is_held_by_one_at_a_time(tmp_path):
    with hold_lock(tmp_path / "a") as first, hold_lock(tmp_path / "a", wait=False) as second:
        assert (first, second) == (True, False)
    with hold_lock(tmp_path / "a", wait=False) as again:
        assert again


def test_what_cannot_be_locked_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileAccessError, match="cannot be locked"), hold_lock(tmp_path / "file" / "lock"):
        pass
