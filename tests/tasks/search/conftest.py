"""Folders in memory where there are such: SQLite waits for the disk after every step."""

import tempfile
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")


@pytest.fixture(scope="module")
def memory():
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture
def folder(memory):
    return Path(tempfile.mkdtemp(dir=memory))
