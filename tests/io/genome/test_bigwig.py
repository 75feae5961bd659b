"""Signals of bigWig files over windows."""

import numpy as np
import pyBigWig
import pytest

from dnaseq.errors import InputError
from dnaseq.io.genome.bigwig import BigWig


@pytest.fixture
def signal(tmp_path):
    """chr1 of 100 bases: 2 on bases 10 to 20, 4 on bases 20 to 25."""
    with pyBigWig.open(str(tmp_path / "x.bw"), "w") as file:
        file.addHeader([("chr1", 100)])
        file.addEntries(["chr1", "chr1"], [10, 20], ends=[20, 25], values=[2.0, 4.0])
    return BigWig(str(tmp_path / "x.bw"))


def test_bases_without_a_value_count_as_0(signal):
    starts, ends = np.array([0, 15, 10, 30, 19]), np.array([100, 22, 20, 40, 21])
    assert signal.sums("chr1", starts, ends).tolist() == [40, 18, 20, 0, 6]


@pytest.mark.parametrize(
    ("name", "end", "what"),
    [("1", 50, "no contig '1'; there is chr1"), ("chr1", 101, "100 bases, and a window ends at 101")],
)
def test_what_is_not_in_the_file_is_named(signal, name, end, what):
    with pytest.raises(InputError, match=what):
        signal.sums(name, np.array([0]), np.array([end]))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_another_file_is_refused(tmp_path):
    (tmp_path / "x.bw").write_text("chr1\t0\t10\t2.5\n" * 50)
    with pytest.raises(InputError, match="bigWig"):
        BigWig(str(tmp_path / "x.bw"))
