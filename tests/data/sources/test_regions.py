"""Regions of a genome become the records that pysam cuts out, with their labels, and negatives beside them."""

import logging
from collections import Counter
from itertools import pairwise

import numpy as np
import pyBigWig
import pysam
import pytest

from dnaseq.data.dataset import parse_source
from dnaseq.data.regions.settings import Negatives
from dnaseq.data.sources.regions import Regions
from dnaseq.data.splits.chromosomes import Chromosome
from dnaseq.data.splits.splits import Facts
from dnaseq.encode.alphabet import COMPLEMENT, to_codes, to_letters
from dnaseq.errors import ConfigError, InputError
from dnaseq.io.sequences.reading import Reading

NO_NEGATIVES = Negatives("none")
PEAKS = "chr1\t100\t130\na\nchr2\t20\t60".replace("\na\n", "\tx\t5\t-\n") + "\ty\t9\t+\n"


@pytest.fixture
def folder(tmp_path, random_sequence):
    """A folder with a genome of two contigs, soft-masked in part, and a file of regions."""
    one, two = random_sequence(2000), random_sequence(600)
    text = f">chr1 first\n{one[:500].lower()}{one[500:]}\n>chr2\n{two[:300]}{'N' * 60}{two[360:]}\n"
    (tmp_path / "g.fa").write_text(text)
    (tmp_path / "p.bed").write_text(PEAKS)
    return tmp_path


@pytest.fixture
def source(folder):
    """source(train=names of files, **settings): regions of the genome, without negatives unless it is said."""

    def make(train="p.bed", **settings) -> Regions:
        names = [train] if isinstance(train, str) else train
        usual = {"genome": str(folder / "g.fa"), "negatives": NO_NEGATIVES}
        return Regions([str(folder / name) for name in names], **usual | settings)

    return make


def read(source: Regions) -> list[tuple[str, str, str, str]]:
    """(header, label, chromosome, letters) of every record."""
    found = []
    for _, (block, labels, chromosomes, *_) in source.read(Reading()):
        for i, header in enumerate(block.headers):
            letters = to_letters(block.codes[block.offsets[i] : block.offsets[i + 1]])
            found.append((header.decode(), labels[i], chromosomes[i], letters))
    return found


def pysam_letters(folder, name: str, start: int, end: int) -> str:
    with pysam.FastaFile(str(folder / "g.fa")) as genome:
        return genome.fetch(name, start, end).upper()


def test_windows_are_those_of_pysam(source, folder):
    header, label, chromosome, letters = read(source(width=40))[0]
    assert (header, label, chromosome) == ("chr1:95-135 masked=1.0000", "positive", "chr1")
    assert letters == pysam_letters(folder, "chr1", 95, 135)


def test_a_thousand_windows_are_those_of_pysam(source, folder):
    rng = np.random.default_rng(1)
    starts, lengths = rng.integers(0, 1900, 1000), rng.integers(1, 100, 1000)
    lines = [f"chr1\t{a}\t{a + n}\tx\t0\t{'+-'[n % 2]}\n" for a, n in zip(starts, lengths, strict=True)]
    (folder / "many.bed").write_text("".join(lines))
    found = read(source("many.bed", strands=True))
    assert len(found) > 990
    for header, _, _, letters in found:
        place, strand = header.split()[0].split(":")[1].split("(")
        start, end = map(int, place.split("-"))
        expected = to_codes(pysam_letters(folder, "chr1", start, end))
        expected = expected if strand == "+)" else COMPLEMENT[expected[::-1]]
        assert letters == to_letters(expected)


def test_with_strands_the_reverse_one_is_read_on_it(source, folder):
    (header, _, _, letters), *_ = read(source(strands=True))
    assert header.startswith("chr1:100-130(-) ")
    assert letters == to_letters(COMPLEMENT[to_codes(pysam_letters(folder, "chr1", 100, 130))[::-1]])


def test_windows_of_nothing_but_n_are_left_out(source, folder):
    (folder / "n.bed").write_text("chr2\t300\t350\nchr2\t340\t361\n")
    assert [header for header, *_ in read(source("n.bed"))] == ["chr2:340-361 masked=0.0000"]


def test_labels_are_of_a_column_or_the_names_of_files(source, folder):
    (folder / "q.bed").write_text("chr1\t300\t330\n")
    assert [label for _, label, *_ in read(source(label=4))] == ["x", "y"]
    assert [label for _, label, *_ in read(source(["p.bed", "q.bed"]))] == ["p", "q", "p"]


def test_of_label_sets_windows_that_share_bases_have_all(source, folder):
    (folder / "q.bed").write_text("chr1\t120\t150\nchr1\t900\t930\n")
    found = read(source(["p.bed", "q.bed"], label_sets=True, negatives=Negatives("matched")))
    labels = {header.split()[0]: label for header, label, *_ in found if "negative" not in header}
    assert labels == {"chr1:100-150": "p;q", "chr1:900-930": "q", "chr2:20-60": "p"}
    assert [label for header, label, *_ in found if "negative" in header] == ["-"] * 3


def test_one_label_gets_matched_negatives_and_several_none(source, folder, caplog):
    (folder / "q.bed").write_text("chr1\t300\t330\n")
    with caplog.at_level(logging.INFO, "dnaseq"):
        assert Counter(row[1] for row in read(source(negatives=Negatives()))) == {
            "positive": 2,
            "negative": 2,
        }
    assert "negatives are drawn (negatives=matched)" in caplog.text
    assert Counter(row[1] for row in read(source(["p.bed", "q.bed"], negatives=Negatives()))) == {
        "p": 2,
        "q": 1,
    }


def test_shuffled_negatives_keep_dinucleotides_and_follow_their_region(source):
    found = read(source(negatives=Negatives("shuffled", 1.5)))
    assert Counter(row[1] for row in found) == {"positive": 2, "negative": 3}
    letters = {header.split()[0]: text for header, _, _, text in found}
    for header, label, chromosome, text in found:
        if label == "negative":
            name, _, place = header.split()[0].partition(":")
            assert name in ("shuffled1", "shuffled2")
            assert header.endswith(" negative=shuffled")
            assert place.startswith(chromosome)
            pairs = [Counter(pairwise(one)) for one in (text, letters[place])]
            assert pairs[0] == pairs[1]
            assert text != letters[place]


def test_negatives_of_a_file_are_cut_like_regions_and_away_from_them(source, folder, caplog):
    (folder / "n.bed").write_text("chr1\t110\t120\nchr1\t600\t700\n")
    given = Negatives("file", path=str(folder / "n.bed"))
    found = read(source(width=40, negatives=given))
    assert [header for header, label, *_ in found if label == "negative"] == [
        "chr1:630-670 masked=0.0000 negative=file"
    ]
    assert "1 negatives share bases with regions" in caplog.text


def test_negatives_may_be_sequences_whose_ids_are_places(source, folder):
    (folder / "n.fa").write_text(">chr1:700-710(-) masked=0.5\nACGTACGTAC\n>else\nACGTAGGTAC\n")
    found = read(source(negatives=Negatives("file", path=str(folder / "n.fa")), stretch=500))
    assert found[-2:] == [
        ("chr1:700-710(-) masked=0.5 negative=file", "negative", "chr1:500-1000", "ACGTACGTAC"),
        ("else negative=file", "negative", "", "ACGTAGGTAC"),
    ]
    assert [label for _, label, *_ in found[:-2]] == ["positive"] * 2


def test_negatives_of_a_file_are_of_one_part(source, folder):
    given = Negatives("file", path=str(folder / "p.bed"))
    with pytest.raises(ConfigError, match="negatives=file gives negatives of one part"):
        source(test=str(folder / "p.bed"), negatives=given)


def test_negatives_of_training_are_away_from_test_regions_and_negatives(source, folder):
    (folder / "t.bed").write_text("".join(f"chr1\t{at}\t{at + 40}\n" for at in range(700, 1900, 80)))
    parts = source(["t.bed"], test=str(folder / "p.bed"), negatives=Negatives("random", 1.0))
    taken = np.zeros((2, 2000), dtype=int)
    for header, *_ in read(parts):
        name, _, place = header.split()[0].partition(":")
        start, end = map(int, place.split("-"))
        taken[int(name == "chr2"), start:end] += 1
    assert taken.max() == 1


def test_what_is_excluded_holds_no_window(source, folder):
    (folder / "x.bed").write_text("chr1\t0\t1700\nchrUn\t0\t9\n")
    (folder / "y.bed").write_text("chr1\t1800\t1830\nchr2\t20\t60\n")
    found = read(source("y.bed", exclude=str(folder / "x.bed"), negatives=Negatives("random")))
    starts = [int(h.split(":")[1].split("-")[0]) for h, _, chromosome, _ in found if chromosome == "chr1"]
    assert len(starts) == 2
    assert min(starts) >= 1700


@pytest.mark.parametrize(("names", "text"), [("add_chr", "1\t5\t9\n"), ("table", "NC_1\t5\t9\n")])
def test_names_are_mapped(source, folder, names, text):
    (folder / "q.bed").write_text(text)
    (folder / "names.tsv").write_text("NC_1\tchr1\n")
    names = names if names == "add_chr" else str(folder / "names.tsv")
    assert read(source("q.bed", names=names))[0][0].startswith("chr1:5-9")


def test_another_spelling_is_named_with_the_key_that_maps_it(source, folder):
    (folder / "q.bed").write_text("chr1\t1\t3\n1\t5\t9\n")
    with pytest.raises(
        InputError, match=r"q\.bed:2: .*g\.fa has no '1', but 'chr1'\. chrom_map= maps names: add_chr"
    ):
        read(source("q.bed"))


def test_signals_are_numbers_of_windows(source, folder):
    for name, value in (("a.bw", 2.0), ("b.bw", 3.0)):
        with pyBigWig.open(str(folder / name), "w") as file:
            file.addHeader([("chr1", 2000), ("chr2", 600)])
            file.addEntries(["chr1", "chr2"], [115, 0], ends=[200, 600], values=[value, value])
    signal = [str(folder / "a.bw"), str(folder / "b.bw")]
    assert [label for _, label, *_ in read(source(signal=signal))] == ["1;1.5", "2;3"]
    assert [label for _, label, *_ in read(source(signal=signal, value="sum"))] == ["30;45", "80;120"]
    with pytest.raises(ConfigError, match="negatives=shuffled have no place"):
        source(signal=signal, negatives=Negatives("shuffled"))


def test_stretches_are_what_a_split_by_chromosome_keeps_together(source, folder, tmp_path):
    (folder / "q.bed").write_text("".join(f"chr1\t{at}\t{at + 20}\n" for at in range(0, 2000, 100)))
    store, _ = parse_source(source("q.bed", stretch=500), Reading(), tmp_path / "cache")
    split = Chromosome(seed=1, pattern=None, val=0.2, test=0.3)
    part = split.assign(
        Facts(store.parts, store.labels, np.arange(20), lambda: store.ids(np.arange(20)), store.chromosomes)
    )
    of_stretch = part.reshape(4, 5)
    assert (of_stretch == of_stretch[:, :1]).all()
    assert set(of_stretch[:, 0]) == {0, 1, 2}


def test_a_window_in_two_parts_keeps_two_ids(source, folder, tmp_path):
    store, _ = parse_source(source(test=str(folder / "p.bed")), Reading(), tmp_path / "cache")
    ids = store.ids(np.arange(len(store)))
    assert len(ids) == len(set(ids)) == 4


def test_equal_lines_are_one_record(source, folder, caplog):
    (folder / "q.bed").write_text("chr1\t5\t9\nchr1\t5\t9\n")
    with caplog.at_level(logging.INFO, "dnaseq"):
        assert len(read(source("q.bed"))) == 1
    assert "1 windows are there twice" in caplog.text


def test_records_are_the_same_again_and_others_for_another_seed(source):
    first, again, other = (read(source(negatives=Negatives("matched", 3, seed))) for seed in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"genome": None}, "data.genome must be given"),
        ({"value": "max"}, "data.value must be one of"),
        ({"stretch": 0}, "data.stretch must be"),
    ],
)
def test_settings_that_cannot_be_are_refused(source, settings, what):
    with pytest.raises(ConfigError, match=what):
        source(**settings)


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"kind": "like"}, "negatives.kind must be one of"),
        ({"ratio": 0}, "negatives.ratio must be above 0"),
        ({"distance": -1}, "negatives.distance must be a whole number"),
        ({"kind": "file"}, "negatives=file needs the file"),
        ({"path": "n.bed"}, "negatives.path needs negatives=file"),
    ],
)
def test_settings_of_negatives_that_cannot_be_are_refused(settings, what):
    with pytest.raises(ConfigError, match=what):
        Negatives(**settings)


def test_a_label_that_negatives_get_is_refused(source):
    with pytest.raises(
        InputError, match=r"regions have the label 'x' that negatives get\. Write data\.negative=NAME"
    ):
        read(source(label=4, negative="x", negatives=Negatives("matched")))
