"""bigWig holds what was written, and never goes beyond a sequence."""

import sys

import numpy as np
import pyBigWig
import pytest

from dnaseq.errors import ConfigError, FileAccessError, InputError
from dnaseq.io.tracks.bigwig import open_bigwig, read_intervals
from dnaseq.io.tracks.track import Track

VALUES = np.array([0.1, np.nan, 0.3, 0.4], dtype=np.float32)
TRACK = Track("chr1", 37, 10, VALUES)


def write(path, *tracks, overwrite=False):
    with open_bigwig(str(path), overwrite) as writer:
        for track in tracks:
            writer.add(track)


def test_bins_come_back(tmp_path):
    write(tmp_path / "a.bw", TRACK, TRACK._replace(name="chr2", length=40))
    found = read_intervals(str(tmp_path / "a.bw"))
    numbers = VALUES.astype(float).tolist()
    expected = ((0, 10, numbers[0]), (20, 30, numbers[2]), (30, 37, numbers[3]))
    assert found == {"chr1": expected, "chr2": (*expected[:2], (30, 40, numbers[3]))}


def test_many_bins_come_back(tmp_path):
    values = np.random.default_rng(1).random(200_001).astype(np.float32)
    write(tmp_path / "a.bw", Track("c", 1_000_003, 5, values))
    found = np.array(read_intervals(str(tmp_path / "a.bw"))["c"])
    np.testing.assert_array_equal(found[:, 2], values)
    assert found[-1, 1] == 1_000_003


def test_a_track_without_numbers_is_refused(tmp_path):
    with pytest.raises(InputError, match="no window has a number"):
        write(tmp_path / "a.bw", TRACK._replace(values=np.full(4, np.nan, dtype=np.float32)))
    assert not list(tmp_path.iterdir())


def test_a_file_that_does_not_hold_what_was_written_gets_no_name(tmp_path, monkeypatch):
    original = pyBigWig.open

    class Other:
        """A bigWig whose lengths are others than those that were written."""

        def __init__(self, path, mode):
            self._file = original(path, mode)

        def __getattr__(self, name):
            return getattr(self._file, name)

        def chroms(self):
            return {"chr1": 36}

    monkeypatch.setattr(pyBigWig, "open", Other)
    with pytest.raises(FileAccessError, match=r"a\.bw: does not hold what was written"):
        write(tmp_path / "a.bw", TRACK)
    assert not list(tmp_path.iterdir())


def test_a_file_that_exists_stays(tmp_path):
    (tmp_path / "a.bw").write_text("old")
    with pytest.raises(ConfigError, match="exists"):
        write(tmp_path / "a.bw", TRACK)
    write(tmp_path / "a.bw", TRACK, overwrite=True)
    assert len(read_intervals(str(tmp_path / "a.bw"))["chr1"]) == 3


def test_without_the_package_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyBigWig", None)
    with pytest.raises(ConfigError, match=r"pip install 'dnaseq\[tracks\]'"):
        write(tmp_path / "a.bw", TRACK)
