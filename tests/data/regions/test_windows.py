"""Windows lie where the region, its summit and its strand say."""

import numpy as np
import pytest

from dnaseq.data.regions.intervals import Intervals
from dnaseq.data.regions.windows import Cutting, number_contigs
from dnaseq.errors import ConfigError, InputError
from dnaseq.io.genome.bed import NO_SUMMIT, Regions


class Contigs:
    names = ("chr1", "chr2")

    def length(self, name: str) -> int:
        return {"chr1": 100, "chr2": 50}[name]

    def describe_absence(self, name: str) -> str:
        return f"no {name!r} here"


def regions(*rows: tuple) -> Regions:
    """Rows of contig, start, end, and then strand, score, summit and label."""
    usual = (0, np.nan, NO_SUMMIT, "a")
    filled = [(*row, *usual[len(row) - 3 :]) for row in rows]
    contigs, starts, ends, strands, scores, summits, labels = (list(c) for c in zip(*filled, strict=True))
    numbers = [np.array(column) for column in (starts, ends, strands, scores, summits)]
    return Regions(contigs, *numbers, labels, np.arange(1, len(rows) + 1), "r.bed")


def cut(*files: Regions, excluded=None, **settings) -> list[tuple]:
    """(contig, start, end, label) of each window."""
    numbers = number_contigs(files, Contigs(), {"chr1": "chr1", "chr2": "chr2", "chr3": "chr3"})
    found = Cutting(**settings).cut(files, Contigs(), numbers, excluded or {})
    names = [Contigs.names[number] for number in found.contigs]
    return list(zip(names, found.starts.tolist(), found.ends.tolist(), found.labels, strict=True))


def places(*rows: tuple, **settings) -> list[tuple[int, int]]:
    return [row[1:3] for row in cut(regions(*rows), **settings)]


def test_without_a_width_a_region_is_the_window():
    assert cut(regions(("chr2", 5, 9), ("chr1", 0, 100))) == [("chr1", 0, 100, "a"), ("chr2", 5, 9, "a")]


@pytest.mark.parametrize(
    ("start", "end", "width", "expected"),
    [
        (40, 50, 10, (40, 50)),
        (40, 51, 11, (40, 51)),
        (40, 50, 4, (43, 47)),
        (40, 50, 20, (35, 55)),
        (45, 45, 4, (43, 47)),  # a place between two bases
    ],
)
def test_a_window_has_the_middle_of_its_region(start, end, width, expected):
    assert places(("chr1", start, end), width=width) == [expected]


@pytest.mark.parametrize(
    ("width", "start", "end", "summit"), [(7, 20, 31, 24), (8, 20, 30, 24), (8, 20, 31, 29)]
)
@pytest.mark.parametrize("at_summit", [True, False])
def test_on_the_other_strand_a_window_lies_as_if_the_contig_were_turned(width, start, end, summit, at_summit):
    settings = {"width": width, "summit": at_summit, "strands": True}
    [(begin, stop)] = places(("chr1", start, end, 1, 0.0, summit), **settings)
    turned = ("chr1", 100 - end, 100 - start, -1, 0.0, 99 - summit)
    assert places(turned, **settings) == [(100 - stop, 100 - begin)]
    if at_summit:
        assert summit - begin == width // 2


def test_a_peak_without_summit_has_its_middle():
    rows = ("chr1", 20, 40, 0, 1.0, 22), ("chr1", 60, 80, 0, 1.0, NO_SUMMIT)
    assert places(*rows, width=4, summit=True) == [(20, 24), (68, 72)]


def test_a_window_beyond_a_contig_is_cut_or_an_error():
    rows = ("chr1", 0, 4), ("chr1", 96, 100)
    assert places(*rows, width=10) == [(0, 7), (93, 100)]
    with pytest.raises(InputError, match=r"r\.bed:1: the window from -3 to 7 is beyond its contig of 100"):
        places(*rows, width=10, cut_at_ends=False)


def test_windows_that_share_bases_are_kept_merged_or_dropped():
    rows = (
        ("chr1", 10, 20, 0, 1.0),
        ("chr1", 18, 28, 0, 9.0),
        ("chr1", 26, 36, 0, 2.0),
        ("chr1", 36, 46, 0, 0.0),
    )
    assert len(places(*rows)) == 4
    assert places(*rows, overlaps="merge") == [(10, 36), (36, 46)]
    assert places(*rows, overlaps="merge", width=10) == [(18, 28), (36, 46)]
    assert places(*rows, overlaps="drop") == [(18, 28), (36, 46)]


def test_of_merged_peaks_the_strongest_gives_the_summit():
    rows = ("chr1", 10, 20, 0, 1.0, 12), ("chr1", 15, 25, 0, 9.0, 17)
    assert places(*rows, overlaps="merge", width=10, summit=True) == [(12, 22)]


def test_a_chain_is_dropped_from_the_strongest_on():
    rows = [("chr1", 5 * i, 5 * i + 8, 0, score) for i, score in enumerate([3.0, 5.0, 4.0, 1.0])]
    assert places(*rows, overlaps="drop") == [(5, 13), (15, 23)]


def test_on_two_strands_windows_do_not_overlap():
    rows = ("chr1", 10, 20, 1), ("chr1", 10, 20, -1)
    assert len(places(*rows, overlaps="merge", strands=True)) == 2
    assert len(places(*rows, overlaps="merge")) == 1


def test_merged_windows_have_a_set_of_labels_or_are_an_error():
    first, second = (
        regions(("chr1", 10, 20)),
        regions(("chr1", 15, 25, 0, 0.0, -1, "b"), ("chr1", 50, 60, 0, 0.0, -1, "b")),
    )
    assert cut(first, second, overlaps="merge", sets=True) == [("chr1", 10, 25, "a;b"), ("chr1", 50, 60, "b")]
    with pytest.raises(InputError, match=r"overlaps one of another label \(a, b\)"):
        cut(first, second, overlaps="merge")


def test_windows_in_what_is_excluded_are_left_out():
    excluded = {0: Intervals(np.array([20]), np.array([30]))}
    assert cut(regions(("chr1", 10, 20), ("chr1", 29, 35), ("chr2", 20, 30)), excluded=excluded) == [
        ("chr1", 10, 20, "a"),
        ("chr2", 20, 30, "a"),
    ]


@pytest.mark.parametrize(
    ("row", "settings", "what"),
    [
        (("chr3", 0, 5), {}, "r.bed:1: no 'chr3' here. chrom_map= maps names"),
        (("chr2", 0, 51), {}, "r.bed:1: the region ends at 51, past the end of chr2, 50"),
        (("chr1", 5, 5), {}, "r.bed:1: a region without bases"),
        (("chr1", 5, 9), {"strands": True}, "r.bed:1: a region without strand"),
        (("chr1", 5, 9), {"summit": True, "width": 4}, "r.bed:1: no summit"),
    ],
)
def test_a_region_that_cannot_be_used_is_named(row, settings, what):
    with pytest.raises(InputError, match=what):
        cut(regions(row), **settings)


@pytest.mark.parametrize("settings", [{"overlaps": "join"}, {"width": 0}, {"width": 2.5}, {"summit": True}])
def test_settings_that_cannot_be_are_refused(settings):
    with pytest.raises(ConfigError):
        Cutting(**settings)
