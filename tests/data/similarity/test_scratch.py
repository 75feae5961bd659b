import errno
import os

import numpy as np
import pytest

from dnaseq.data.similarity import packed as module
from dnaseq.data.similarity.packed import scratch


@pytest.fixture
def small_memory(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "IN_MEMORY", 100)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_what_is_large_is_mapped_from_a_file_that_leaves_nothing(small_memory):
    large, small = scratch(1000, np.int32), scratch(20, np.int32)
    assert isinstance(large, np.memmap)
    assert not isinstance(small, np.memmap)
    assert not large.any()
    large[:] = np.arange(1000)
    assert large.sum() == 999 * 500
    assert not list(small_memory.iterdir())


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="the system has no such call")
def test_where_the_disk_is_full_it_is_in_memory(small_memory, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    found = scratch(1000, np.int32)
    assert not isinstance(found, np.memmap)
    assert found.shape == (1000,)
