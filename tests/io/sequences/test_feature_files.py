"""Features are intervals that count from 0 and leave out the end, whatever the file counts from."""

import gzip
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnaseq.errors import InputError
from dnaseq.io.sequences.feature_files import read_features

GFF = """##gff-version 3
c1\tx\tgene\t3\t8\t.\t+\t.\tID=g1
c1\tx\tCDS\t3\t8\t.\t+\t0\tParent=g1

c2\tx\tCDS\t1\t1\t.\t?\t0\tParent=g3
# a comment
c1\tx\tCDS\t1\t2\t.\t-\t0\tParent=g2
"""


@pytest.fixture
def read(tmp_path):
    """read(text, name, type) -> {sequence: [(start, end, strand, line), ...]}."""

    def _read(text, name="a.gff", feature_type=None):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        found = read_features(tmp_path / name, feature_type)
        return {
            key: list(zip(*(a.tolist() for a in arrays[:4]), strict=True)) for key, arrays in found.items()
        }

    _read.folder = tmp_path
    return _read


@pytest.fixture
def log(caplog, monkeypatch):
    """The notes of the program."""
    logger = logging.getLogger("dnaseq")
    monkeypatch.setattr(logger, "propagate", True)
    caplog.set_level(logging.INFO, "dnaseq")
    return caplog


def test_gff_counts_from_one_and_features_are_sorted_by_start(read):
    assert read(GFF, feature_type="CDS") == {"c1": [(0, 2, -1, 7), (2, 8, 1, 3)], "c2": [(0, 1, 0, 5)]}


def test_without_a_type_every_line_counts(read):
    assert read(GFF)["c1"] == [(0, 2, -1, 7), (2, 8, 1, 2), (2, 8, 1, 3)]


def test_gtf_reads_as_gff_does(read):
    text = 'c1\tx\tCDS\t3\t8\t.\t-\t0\tgene_id "a"; transcript_id "b";\n'
    assert read(text, "a.gtf", "CDS") == {"c1": [(2, 8, -1, 1)]}


def test_bed_counts_from_zero_and_has_no_types(read):
    text = "track name=x\nbrowser position c1\nc1\t2\t8\tone\t0\t-\nc1 0 2\nc1\t5\t5\n"
    assert read(text, "a.bed", "CDS") == {"c1": [(0, 2, 0, 4), (2, 8, -1, 3), (5, 5, 0, 5)]}


def test_where_the_suffix_says_nothing_the_first_line_does(read):
    assert read("#x\nc1\t2\t8\n", "a.txt") == {"c1": [(2, 8, 0, 2)]}
    assert read(GFF, "b.txt", "CDS")["c2"] == [(0, 1, 0, 5)]


def test_a_compressed_file_with_other_line_ends_reads_like_a_plain_one(read):
    data = gzip.compress(GFF.replace("\n", "\r\n").encode())
    assert read(data, "a.gff.gz", "CDS") == read(GFF, feature_type="CDS")


BED12 = "c1\t100\t1000\tt1\t0\t-\t100\t1000\t0\t3\t100,150,100,\t0,400,800,\n"


def test_the_blocks_of_bed12_are_features_and_that_is_said_once(read, log):
    found = read(BED12 + BED12.replace("c1", "c2") + "c3\t1\t5\n", "a.bed")
    assert found["c1"] == [(100, 200, -1, 1), (500, 650, -1, 1), (900, 1000, -1, 1)]
    assert (len(found["c2"]), found["c3"]) == (3, [(1, 5, 0, 3)])
    assert [line for line in log.messages if "blocks" in line] == [
        f"note: {read.folder / 'a.bed'}: of 2 lines with several blocks (BED12) the blocks are used,"
        " not the bases between them"
    ]


def test_other_columns_in_the_place_of_blocks_are_not_blocks(read):
    narrow_peak = "c1\t1\t9\tp\t0\t.\t5.1\t3.2\t-1\t4\n"
    wide = "c1\t20\t29\tp\t0\t.\t0\t0\t0\t2\tgene\t7.5\n"
    assert read(narrow_peak + wide, "a.bed")["c1"] == [(1, 9, 0, 1), (20, 29, 0, 2)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.bed", "chr\tstart\tend\tpeak_signal\nc1\t2\t8\n"),
        ("a.bed", "chrom chromStart chromEnd\nc1 2 8\n"),
        ("a.txt", "#x\n\nseqnames\tstart\tend\twidth\tstrand\ta\tb\tc\td\nc1\t2\t8\n"),
        (
            "a.gtf",
            "seqname\tsource\tfeature\tstart\tend\tscore\tstrand\tframe\tgroup\nc1\tx\tCDS\t3\t8\t.\t+\t0\t.\n",
        ),
    ],
)
def test_names_of_columns_are_skipped_with_a_note(read, log, name, text):
    assert [row[:2] for row in read(text, name)["c1"]] == [(2, 8)]
    assert "has the names of columns and is skipped" in log.text


def test_names_of_columns_further_down_are_a_fault(read):
    with pytest.raises(InputError, match=r"a\.bed:2: 'start' is not a position"):
        read("c1\t2\t8\nchr\tstart\tend\n", "a.bed")


@pytest.mark.parametrize("end", ["##FASTA\n>c1\nACGT\n", ">c1\nACGT\n"])
def test_sequences_after_the_features_are_not_read(read, end):
    assert read(GFF + end, feature_type="CDS") == read(GFF, feature_type="CDS")


def test_a_sequence_is_circular_where_gff_says_so(tmp_path):
    (tmp_path / "a.gff").write_text(
        "c1\tx\tregion\t1\t9\t.\t+\t.\tID=r;Is_circular=true\nc1\tx\tCDS\t8\t12\t.\t+\t0\t.\n"
        "c2\tx\tCDS\t1\t2\t.\t+\t0\tNote=Is_circular=true\n"
    )
    found = read_features(tmp_path / "a.gff", "CDS")
    assert (found["c1"].circular, found["c2"].circular) == (True, False)


@pytest.mark.parametrize(
    ("name", "row", "what"),
    [
        ("a.gff", "c1\tx\tCDS\t3\t8\t.\t+\t0", "8 columns between tabs, but GFF has 9"),
        ("a.gff", "c1 x CDS 3 8 . + 0 .", "1 columns between tabs, but GFF has 9"),
        ("a.gff", "c1\tx\tCDS\t8\t3\t.\t+\t0\t.", "start 8 is after end 3"),
        ("a.gff", "c1\tx\tCDS\t0\t3\t.\t+\t0\t.", "start 0, but GFF counts from 1"),
        ("a.gff", "c1\tx\tCDS\t-1\t3\t.\t+\t0\t.", "'-1' is not a position"),
        ("a.gff", "c1\tx\tCDS\t1\t3.5\t.\t+\t0\t.", r"'3\.5' is not a position"),
        ("a.gff", f"c1\tx\tCDS\t1\t{'9' * 19}\t.\t+\t0\t.", "'9+' is not a position"),
        ("a.gff", "c1\tx\tCDS\t1\t3\t.\tplus\t0\t.", "'plus' is not a strand"),
        ("a.bed", "c1\t2", "2 columns, but BED has at least 3"),
        (
            "a.bed",
            "c1\t100.0\t4",
            r"'100\.0' is not a position. Write positions as whole numbers, such as 100",
        ),
        ("a.bed", BED12.replace("100,150,100,", "100,150,"), "3 blocks with 2 lengths and 3 starts"),
        (
            "a.bed",
            BED12.replace("400,800", "400,900"),
            "a block ends at 1100, after the end 1000 of its line",
        ),
        ("a.bed", "c1\t5\t4", "start 5 is after end 4"),
        ("a.bed", "c1\tx\t4", "'x' is not a position"),
        ("a.bed", "c1\t1\t4\tn\t0\t*", r"'\*' is not a strand"),
    ],
)
def test_a_bad_line_is_named(read, name, row, what):
    with pytest.raises(InputError, match=rf"{name}:3: {what}"):
        read(f"# one\n\n{row.rstrip()}\n", name)


def test_a_bad_line_of_another_type_is_a_fault_too(read):
    with pytest.raises(InputError, match=r"a\.gff:8: start 8 is after end 3"):
        read(GFF + "c1\tx\tgene\t8\t3\t.\t+\t0\t.\n", feature_type="CDS")


def test_a_type_that_is_not_there_is_answered_with_those_that_are(read):
    with pytest.raises(
        InputError, match=r"a\.gff: no feature of type 'exon'; there are CDS \(3\), gene \(1\)"
    ):
        read(GFF, feature_type="exon")


@pytest.mark.parametrize("name", ["a.gff", "a.bed", "a.txt"])
def test_a_file_without_features_is_refused(read, name):
    with pytest.raises(InputError, match="no features"):
        read("##gff-version 3\n", name)


rows = st.tuples(st.sampled_from("ab"), st.integers(0, 50), st.integers(1, 9), st.sampled_from("+-."))


@given(st.lists(rows, min_size=1))
def test_gff_and_bed_of_the_same_features_read_alike(tmp_path_factory, features):
    folder = tmp_path_factory.mktemp("same")
    gff = [f"{s}\tx\tt\t{a + 1}\t{a + n}\t.\t{strand}\t.\t." for s, a, n, strand in features]
    bed = [f"{s}\t{a}\t{a + n}\tn\t0\t{strand}" for s, a, n, strand in features]
    (folder / "a.gff").write_text("\n".join(gff))
    (folder / "a.bed").write_text("\n".join(bed) + "\n")
    one, other = read_features(folder / "a.gff"), read_features(folder / "a.bed")
    assert one.keys() == other.keys() == {s for s, *_ in features}
    for name, found in one.items():
        assert all((a == b).all() for a, b in zip(found[:4], other[name][:4], strict=True))
