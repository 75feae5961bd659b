"""The chromosome of a record is that of its coordinates, whatever else its header names."""

import pytest

from dnaseq.data.splits.chromosome_names import find_chromosomes, spelling_key


@pytest.mark.parametrize(
    ("header", "chromosome"),
    [
        ("chr4_peak1::chr1:0-60", "chr1"),
        ("Chrna1_1::chr1:0-60(-)", "chr1"),
        ("Chrm3::chr11:0-60(+) muscarinic receptor", "chr11"),
        ("hg38_ct_1_x range=chr1:1-60 5'pad=0 3'pad=0 strand=+ repeatMasking=none", "chr1"),
        ("ENST01.1 cdna chromosome:GRCh38:14:22438547:22438554:1 gene:ENSG01.1", "14"),
        ("ENSX dna scaffold:Assembly1:KI270711.1:1:500:-1", "KI270711.1"),
        ("FBgn01 type=gene; loc=2L:7529..9484; name=CG11023", "2L"),
        ("chr1:1,000-2,000", "chr1"),
        ("NC_000913.3:c255-190 thrL", "NC_000913.3"),
        ("peak_chr3:5-9", "chr3"),
        ("chr1_KI270706v1_random:5-9", "chr1"),
        ("chr1:0-60 copy of chr1:70-130", "chr1"),
        ("peak7 chrIV", "chrIV"),
        ("peak7 chr2L x", "chr2L"),
        ("a|chr1A|b chr1a", "chr1A"),
    ],
)
def test_one_chromosome_is_found(header, chromosome):
    assert list(find_chromosomes(header)) == [chromosome]


@pytest.mark.parametrize("header", ["seq1", "Chrna1", "Chrac1 Chrdl1", "", "time 12:30", "label=pos"])
def test_none_is_found_where_there_is_none(header):
    assert find_chromosomes(header) == {}


def test_two_are_told_with_their_places():
    assert find_chromosomes("chr4:5-65::scaffold_7:0-60(-)") == {
        "chr4": "chr4:5-65",
        "scaffold_7": "scaffold_7:0-60",
    }


@pytest.mark.parametrize(
    "names", [("chr1", "Chr1", "CHR1", "1"), ("chrX", "x"), ("chrM", "MT", "chrMT", "M"), ("chr", "CHR")]
)
def test_spellings_have_one_key(names):
    assert len({spelling_key(name) for name in names}) == 1


def test_other_chromosomes_have_other_keys():
    assert len({spelling_key(name) for name in ("chr1", "chr11", "chr1A", "chrX", "chrM")}) == 5
