"""Every base of a window carries the label that the annotation gives it, and no base is in two stretches."""

import logging
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnaseq.data.dataset import parse_source
from dnaseq.data.sources.annotation import FORWARD, REVERSE, Annotation, beyond, covered, windows
from dnaseq.data.splits.chromosomes import Chromosome
from dnaseq.data.splits.splits import TEST, VAL, Facts
from dnaseq.errors import ConfigError, InputError
from dnaseq.io.sequences.feature_files import Features
from dnaseq.io.sequences.reading import Reading

FORWARD_GENE, REVERSE_GENE = "c1\t2\t5\tg\t0\t+\n", "c1\t4\t7\th\t0\t-\n"
STRANDED = {"stranded": True, "strands": "forward"}


@pytest.fixture
def source(tmp_path, random_sequence):
    """source(bed, genome, **settings): 10 bases of c1 in windows of 10, unless it is said otherwise."""

    def make(bed: str, genome: str | None = None, name: str = "a.bed", **settings) -> Annotation:
        (tmp_path / "g.fa").write_text(genome or f">c1 a contig\n{random_sequence(10)}\n")
        (tmp_path / name).write_text(bed)
        files = {"train": str(tmp_path / "g.fa"), "features": str(tmp_path / name)}
        return Annotation(**files | {"window": 10, "stretch": None} | settings)

    return make


def read(source: Annotation, **reading) -> list[tuple[str, str, str]]:
    """(id, label, chromosome) of every window; their letters are as many as their labels."""
    found = []
    for part, labelled in source.read(Reading(**reading)):
        assert part == "train"
        assert np.diff(labelled.block.offsets).tolist() == [len(label) for label in labelled.labels]
        names = [name.decode() for name in labelled.block.ids]
        found += zip(names, labelled.labels, labelled.chromosomes, strict=True)
    return found


def features(rows: list[tuple[int, int, int]], circular: bool = False) -> Features:
    starts, ends, strands = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return Features(starts, ends, strands, np.arange(1, len(rows) + 1), circular)


def test_bases_of_a_feature_are_inside(source):
    assert read(source(FORWARD_GENE)) == [("c1:0-10", "NNCCCNNNNN", "c1")]


def test_a_gene_on_the_minus_strand_is_labelled_where_it_lies(source):
    assert read(source(REVERSE_GENE))[0][1] == "NNNNCCCNNN"


@pytest.mark.parametrize(
    ("strands", "labels", "expected"),
    [
        ("any", "NC", "NNCCCCCNNN"),
        ("any", [0, 1], "0011111000"),
        ("forward", "NC", "NNCCCNNNNN"),
        ("both", "NFRB", "NNFFBRRNNN"),
    ],
)
def test_overlapping_genes_of_both_strands(source, strands, labels, expected):
    settings = {"strands": strands, "labels": labels, "stranded": strands != "any"}
    assert read(source(FORWARD_GENE + REVERSE_GENE, **settings))[0][1] == expected


def test_a_gene_across_a_border_of_windows_is_cut_there(source):
    assert [row[:2] for row in read(source(FORWARD_GENE + REVERSE_GENE, window=4))] == [
        ("c1:0-4", "NNCC"),
        ("c1:4-8", "CCCN"),
        ("c1:8-10", "NN"),  # half a window is enough
    ]


def test_a_window_shorter_than_the_shortest_is_left_out(source):
    assert [name for name, *_ in read(source(FORWARD_GENE, window=4, shortest=3))] == ["c1:0-4", "c1:4-8"]


def test_windows_overlap_where_the_step_is_shorter(source):
    assert [name for name, *_ in read(source(FORWARD_GENE, window=6, step=2))] == [
        "c1:0-6",
        "c1:2-8",
        "c1:4-10",
    ]


def test_a_window_holds_the_bases_that_its_id_names(source):
    blocks = [
        labelled.block for _, labelled in source(FORWARD_GENE, ">c1\nAACCGGTTAC\n", window=4).read(Reading())
    ]
    codes, offsets = blocks[0].codes.tolist(), blocks[0].offsets.tolist()
    assert [codes[a:b] for a, b in pairwise(offsets)] == [
        [0, 0, 1, 1],
        [2, 2, 3, 3],
        [0, 1],
    ]


def test_stretches_are_named_and_cut_on_their_own(source):
    assert read(source(FORWARD_GENE, window=3, stretch=5)) == [
        ("c1:0-3", "NNC", "c1:0-5"),
        ("c1:3-5", "CC", "c1:0-5"),
        ("c1:5-8", "NNN", "c1:5-10"),
        ("c1:8-10", "NN", "c1:5-10"),
    ]


def test_windows_of_nothing_but_n_are_left_out(source):
    found = read(source(FORWARD_GENE, ">c1\nACNNNNNNNR\n", window=3, shortest=1))
    assert [name for name, *_ in found] == ["c1:0-3"]


def test_sequences_without_features_are_outside_and_told(source, caplog):
    genome = ">c1\nACGTACGT\n>c2\nACGTACGT\n"
    with caplog.at_level(logging.INFO, "dnaseq"):
        assert [label for _, label, _ in read(source(FORWARD_GENE, genome))] == ["NNCCCNNN", "NNNNNNNN"]
    assert "sequences without features, all 'N': c2" in caplog.text


def test_features_of_other_sequences_are_told(source, caplog):
    read(source(FORWARD_GENE + "c9\t0\t2\n"))
    assert "features of sequences that are not in the data: c9" in caplog.text


def test_ids_that_never_meet_are_an_error(source):
    with pytest.raises(
        InputError, match=r"a\.bed: features of 1, but the sequences are c1\. The ids must be"
    ):
        read(source("1\t0\t2\n"))


def test_a_feature_past_the_end_is_named_by_its_line(source):
    with pytest.raises(
        InputError, match=r"a\.bed:2: record 'c1': ends at 11, after the last base of its sequence, 10"
    ):
        read(source(FORWARD_GENE + "c1\t8\t11\n" + "c1\t3\t12\n"))


def test_on_a_circular_sequence_a_feature_goes_on_at_the_beginning(source):
    gff = "c1\tx\tregion\t1\t10\t.\t+\t.\tIs_circular=true\nc1\tx\tCDS\t9\t12\t.\t+\t0\t.\n"
    assert read(source(gff, name="a.gff"))[0][1] == "CCNNNNNNCC"


@pytest.mark.parametrize("row", [(10, 12, 1), (3, 21, 1)])
def test_a_feature_that_no_circle_can_hold_is_a_fault(row):
    assert beyond(features([(2, 12, 1), row], circular=True), 10)[0] == 2


def test_features_without_strand_cannot_be_told_apart(source):
    with pytest.raises(InputError, match=r"a\.bed:2: a feature without strand\. Set data\.strands=any"):
        read(source(FORWARD_GENE + "c1\t0\t2\n", **STRANDED))


def test_a_sequence_in_two_annotations_is_an_error(source, tmp_path):
    (tmp_path / "b.bed").write_text(FORWARD_GENE)
    twice = source(FORWARD_GENE)
    twice.side_files.append(str(tmp_path / "b.bed"))
    with pytest.raises(
        InputError, match=r"b\.bed: record 'c1': the file .*a\.bed has features of this sequence too"
    ):
        read(twice)


def test_a_sequence_that_cannot_be_used_is_counted(source, tmp_path):
    genome = ">c1\nACGTACGTAC\n>c2\nAC!\n"
    with pytest.raises(InputError, match=r"g\.fa:4: record 'c2'"):
        read(source(FORWARD_GENE, genome))
    store, _ = parse_source(source(FORWARD_GENE, genome), Reading(bad_records="keep"), tmp_path / "cache")
    assert (len(store), store.rejected["train"]) == (1, 1)


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"labels": None}, r"got \[\]"),
        ({"labels": "N"}, r"data\.labels must be 2 different letters with data\.strands=any; got \[N\]"),
        ({"labels": ["N", "N"]}, "must be 2 different letters"),
        ({"labels": ["N", "CDS"]}, "must be 2 different letters"),
        ({"labels": ["N", " "]}, "must be 2 different letters"),
        ({"strands": "both", "stranded": True}, "must be 4 different letters"),
        ({"strands": "minus"}, r"data\.strands must be one of any, forward, both; got 'minus'"),
        ({"strands": "forward"}, r"data\.strands=forward tells strands apart\. Set data\.stranded=true"),
        ({"window": 0}, r"data\.window must be a whole number of at least 1; got 0"),
        ({"window": "x"}, r"data\.window must be a whole number"),
        ({"step": 0}, r"data\.step must be a whole number of at least 1; got 0"),
        ({"shortest": 11}, r"data\.shortest=11 is longer than data\.window=10"),
        ({"stretch": 9}, r"data\.stretch must be null or at least data\.window=10; got 9"),
        ({"features": None}, r"Give them with data\.train=GENOME\.fa data\.features=GENES\.gff"),
    ],
)
def test_settings_that_cannot_be_are_refused(source, settings, what):
    with pytest.raises(ConfigError, match=what):
        source(FORWARD_GENE, **settings)


@pytest.mark.parametrize(
    "change",
    [
        {"window": 5},
        {"step": 3},
        {"shortest": 2},
        {"stretch": 10},
        {"labels": "XC"},
        STRANDED,
        {"feature_type": "x"},
    ],
)
def test_every_setting_makes_another_store(source, change):
    assert source(FORWARD_GENE, **change).settings != source(FORWARD_GENE).settings


def test_split_chromosome_deals_whole_stretches(source, random_sequence, tmp_path):
    data = source(FORWARD_GENE, f">c1\n{random_sequence(3000)}\n", window=20, stretch=300)
    store, _ = parse_source(data, Reading(), tmp_path / "cache")
    split = Chromosome(pattern="(x)", val=["c1:300-600"], test=0.2, seed=0)
    rows = np.arange(len(store))
    dealt = split.assign(Facts(store.parts, store.labels, rows, lambda: store.ids(rows), store.chromosomes))
    for place in np.unique(store.chromosomes):
        assert len(set(dealt[store.chromosomes == place])) == 1
    assert set(dealt[store.chromosomes == "c1:300-600"]) == {VAL}
    assert (dealt == TEST).sum() == 2 * 15


intervals = st.tuples(st.integers(0, 40), st.integers(0, 60), st.sampled_from([-1, 0, 1]))


@given(st.lists(intervals.filter(lambda row: row[0] <= row[1])), st.integers(1, 60))
def test_covered_is_what_a_loop_over_bases_finds(rows, length):
    rows = [row for row in rows if row[0] < length and row[1] <= 2 * length]
    expected = np.zeros(length, dtype=np.uint8)
    for start, end, strand in rows:
        for at in range(start, end):
            expected[at % length] |= {1: FORWARD, 0: FORWARD, -1: REVERSE}[strand]
    assert beyond(features(rows, circular=True), length) is None
    assert covered(features(rows), length).tolist() == expected.tolist()


sizes = st.integers(1, 30)


@given(st.integers(0, 200), sizes, sizes, sizes, st.integers(0, 100))
def test_windows_are_what_walking_along_the_sequence_finds(length, window, step, shortest, more):
    stretch, expected = window + more, []
    for begin in range(0, length, stretch):
        border = min(begin + stretch, length)
        for start in range(begin, border, step):
            end = min(start + window, border)
            if end - start >= shortest:
                expected.append([start, end, begin])
            if end == border:
                break
    assert windows(length, window, step, shortest, stretch).tolist() == expected


def test_gaps_are_not_left_out_of_an_annotated_sequence(source):
    with pytest.raises(ConfigError, match="gaps=drop would move bases"):
        read(source(FORWARD_GENE), gaps="drop")
