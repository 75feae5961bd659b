"""Files of profiles: formats, damage, and what is shipped."""

import numpy as np
import pytest

from dnaseq.errors import ConfigError, InputError
from dnaseq.interpret.motifs.profiles import GROUPS, Profile, check_source, meme_text, read_profiles

JASPAR = (
    ">MA1.1\tArnt\nA  [ 4 19 0 ]\nC  [16 0 20 ]\nG  [ 0 1 0 ]\nT  [ 0 0 0 ]\n>MA2.1\tB\n1 2\n3 4\n5 6\n7 8\n"
)
TRANSFAC = "AC MA1.1\nXX\nID Arnt\nXX\nP0 A C G T\n01 4 16 0 0 C\n02 19 0 1 0 A\n03 0 20 0 0 C\nXX\n//\n"
MEME = """MEME version 4

ALPHABET= ACGT

strands: + -

MOTIF MA1.1 Arnt
letter-probability matrix: alength= 4 w= 3 nsites= 20 E= 0
 0.2 0.8 0.0 0.0
 0.95 0.0 0.05 0.0
 0.0 1.0 0.0 0.0
URL http://somewhere
"""


@pytest.mark.parametrize("text", [JASPAR, TRANSFAC, MEME], ids=["jaspar", "transfac", "meme"])
def test_the_formats_say_the_same(text, tmp_path):
    path = tmp_path / "profiles.txt"
    path.write_text(text)
    profile = read_profiles(str(path))[0]
    assert profile[:2] == ("MA1.1", "Arnt")
    np.testing.assert_allclose(profile.counts, [[4, 16, 0, 0], [19, 0, 1, 0], [0, 20, 0, 0]], atol=1e-9)


def test_rows_without_letters_are_in_the_order_of_the_bases(tmp_path):
    path = tmp_path / "profiles.txt"
    path.write_text(JASPAR)
    assert read_profiles(str(path))[1].counts.tolist() == [[1, 3, 5, 7], [2, 4, 6, 8]]


def test_what_is_written_as_meme_is_read_again(tmp_path):
    counts = np.random.default_rng(0).integers(1, 50, (7, 4)).astype(float)
    counts *= 60 / counts.sum(axis=1, keepdims=True)
    path = tmp_path / "motifs.meme"
    path.write_text(meme_text([Profile("motif_1", "ACGTACG", counts)] * 2, np.full(4, 0.25)))
    read = read_profiles(str(path))
    assert [one[:2] for one in read] == [("motif_1", "ACGTACG")] * 2
    np.testing.assert_allclose(read[1].counts, counts, atol=1e-3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is empty"),
        ("hello\n", ":1: 'hello' begins no file of profiles"),
        ("MEME version 4\n", "holds no profile, though it begins as MEME"),
        (MEME.replace("ACGT\n", "ACDEFGHIKLMNPQRSTVWY\n", 1), ":3: the alphabet is not that of DNA"),
        (MEME.replace("0.95 0.0", "0.5 0.0"), ":10: the shares of a position must be 0 or more and sum to 1"),
        (MEME.replace("0.95 0.0", "0.95 x"), ":10: row 2 of a matrix must be four numbers"),
        (MEME[: MEME.index(" 0.0 1.0")], ":10: a matrix of 3 rows ends after 2. The file may be truncated"),
        (MEME.replace("w= 3", "w= many"), ":8: w= many is no number"),
        (MEME.replace("MOTIF MA1.1 Arnt", ""), ":8: a matrix without a line MOTIF"),
        (JASPAR.replace("T  [ 0 0 0 ]\n", ""), ":1: record 'MA1.1': a profile has four rows"),
        (JASPAR.replace("[ 0 1 0 ]", "[ 0 1 ]"), ":4: record 'MA1.1': a row of 2 numbers"),
        (JASPAR.replace("[ 0 1 0 ]", "[ 0 one 0 ]"), ":4: record 'MA1.1': the row of G must be its counts"),
        (JASPAR.replace("C  [16", "G  [16"), ":3: record 'MA1.1': the row of C"),
        (JASPAR.replace("[ 4 19 0 ]", "[ 4 -19 0 ]"), "'MA1.1': a count below 0"),
        (JASPAR.replace("20 ]", "0 ]"), "'MA1.1': position 3 has no counts"),
        (JASPAR.replace("MA1.1\tArnt", ""), ":1: a profile without an id"),
        (TRANSFAC.replace("//", ""), ":5: a profile without // at its end"),
        (TRANSFAC.replace("19 0 1 0 A", "19 0"), ":7: a position must have four counts"),
    ],
)
def test_damage_is_told_with_its_line(text, message, tmp_path):
    path = tmp_path / "profiles.txt"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        read_profiles(str(path))
    assert message in str(error.value).replace(str(path), "")


def test_every_cut_of_a_file_gives_whole_profiles_or_an_error(tmp_path):
    path = tmp_path / "profiles.txt"
    for text in (JASPAR, TRANSFAC, MEME):
        for end in range(0, len(text), 3):
            path.write_text(text[:end])
            try:
                profiles = read_profiles(str(path))
            except InputError:
                continue
            assert all(one.counts.shape[1] == 4 and one.counts.sum(axis=1).min() > 0 for one in profiles)


def test_jaspar_is_shipped_by_groups_of_species():
    names = {one.name for one in read_profiles("jaspar")}
    assert {"CTCF", "GATA1", "JUNB", "ELK1"} <= names
    assert len(read_profiles("jaspar_all")) == sum(len(read_profiles(f"jaspar_{group}")) for group in GROUPS)


def test_a_set_that_is_not_shipped_is_told():
    with pytest.raises(ConfigError, match="motifs must be a file, none or one of jaspar, jaspar_vertebrates"):
        check_source("jaspar_bacteria")
    check_source("jaspar_mine.meme")
