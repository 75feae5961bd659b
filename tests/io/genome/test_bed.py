"""Files of regions: what a line means, and what is wrong with one."""

import gzip

import numpy as np
import pytest

from dnaseq.errors import InputError
from dnaseq.io.genome.bed import NO_SUMMIT, read_regions

NARROW = "chr1\t100\t200\tpeak1\t900\t.\t7.5\t3.1\t2.2\t40\n"


@pytest.fixture
def file(tmp_path):
    def make(text: str, name: str = "r.bed") -> str:
        path = tmp_path / name
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return str(path)

    return make


def test_three_columns_are_enough(file):
    found = read_regions(file("track name=x\n# a comment\nchr1\t5\t9\n\nchr2 0 3\n"))
    assert (found.contigs, found.starts.tolist(), found.ends.tolist()) == (["chr1", "chr2"], [5, 0], [9, 3])
    assert found.lines.tolist() == [3, 5]
    assert np.isnan(found.scores).all()
    assert (found.strands.tolist(), found.summits.tolist()) == ([0, 0], [NO_SUMMIT] * 2)


def test_strand_and_score_are_read_and_a_score_in_words_is_none(file):
    found = read_regions(file("c\t0\t3\ta\t12\t-\nc\t0\t3\tb\tcnnprom\t+\n"))
    assert found.strands.tolist() == [-1, 1]
    assert found.scores[0] == 12
    assert np.isnan(found.scores[1])


@pytest.mark.parametrize("name", ["p.narrowPeak", "p.bed", "p.narrowPeak.gz"])
def test_a_narrow_peak_has_a_summit_and_its_signal_is_the_score(file, name):
    found = read_regions(file(NARROW + NARROW.replace("\t40\n", "\t-1\n"), name))
    assert found.summits.tolist() == [140, NO_SUMMIT]
    assert found.scores[0] == 7.5


def test_a_broad_peak_has_its_signal(file):
    assert read_regions(file(NARROW.replace("\t40\n", "\n"), "p.broadPeak")).scores.tolist() == [7.5]


@pytest.mark.parametrize("label", [4, "4", "kind"])
def test_labels_are_those_of_a_column_by_number_or_name(file, label):
    text = "#chrom\tstart\tend\tkind\nc\t0\t3\tstrong\nc\t4\t9\tweak\n"
    assert read_regions(file(text), label).labels == ["strong", "weak"]
    assert read_regions(file(text.replace("#", "")), label).labels == ["strong", "weak"]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("c\t0\t3\nc\t5\n", 2, "2 columns, but BED has at least 3"),
        ("c\t0\t3\nc\tx\t5\n", 2, "'x' is not a position"),
        ("c\t-1\t5\n", 1, "'-1' is not a position"),
        ("c\t1.5\t5\n", 1, "'1.5' is not a position"),
        ("c\t9\t5\n", 1, "start 9 is after end 5"),
        ("c\t0\t5\tn\t0\tforward\n", 1, "'forward' is not a strand"),
        ("chr1\tabc\tdef\n", 1, "'abc' is not a position"),
        (NARROW.replace("\t40\n", "\t100\n"), 1, "100 bases from the start, is not in the region of 100"),
        ("chr\tstart\tend\nchr\tstart\tend\n", 2, "'start' is not a position"),
    ],
)
def test_a_wrong_line_is_named(file, text, line, what):
    with pytest.raises(InputError, match=what) as caught:
        read_regions(file(text))
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("label", "what"),
    [(4, "no label in column 4"), ("kind", "no column is named 'kind'"), (0, "no column is named")],
)
def test_a_missing_label_is_named(file, label, what):
    with pytest.raises(InputError, match=what):
        read_regions(file("c\t0\t3\n"), label)


def test_a_file_without_regions_is_refused(file):
    with pytest.raises(InputError, match="no regions"):
        read_regions(file("# nothing\n"))
