"""Vectors of words as text, written and read."""

import gzip

import numpy as np
import pytest
from gensim.models import KeyedVectors
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dnaseq.errors import ConfigError, FileAccessError, InputError
from dnaseq.io.tables.vectors import open_vectors, read_vectors

VECTORS = np.array([[0.5, -1.0], [2.0, 1e-7]], dtype=np.float32)
finite = st.floats(allow_nan=False, allow_infinity=False, width=32)
named = st.integers(1, 5).flatmap(
    lambda n: st.tuples(
        st.lists(st.text("ACGTacgt<>/é", min_size=1, max_size=6), min_size=n, max_size=n, unique=True),
        st.integers(1, 4).flatmap(lambda d: arrays(np.float32, (n, d), elements=finite)),
    )
)


def write_vectors(path, words, vectors, format="word2vec", overwrite=False):
    with open_vectors(path, format, overwrite) as write:
        write(words, vectors)


def read(tmp_path, content, name="v.txt"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    words, vectors = read_vectors(path)
    return words, vectors.tolist()


@given(named, st.sampled_from(["word2vec", "glove"]), st.sampled_from(["v.txt", "v.txt.gz"]))
def test_what_is_written_is_read_again(tmp_path_factory, word_vectors, format, name):
    words, vectors = word_vectors
    path = tmp_path_factory.mktemp("vectors") / name
    write_vectors(path, words, vectors, format)
    found, numbers = read_vectors(path)
    assert found == words
    assert numbers.dtype == np.float32
    assert np.array_equal(numbers, vectors)


def test_word2vec_begins_with_count_and_dimensions(tmp_path):
    write_vectors(tmp_path / "v.txt", ["AC", "CG"], VECTORS)
    assert (tmp_path / "v.txt").read_text() == "2 2\nAC 0.5 -1.0\nCG 2.0 1e-07\n"


def test_glove_has_no_first_line(tmp_path):
    write_vectors(tmp_path / "v.txt", ["AC", "CG"], VECTORS, "glove")
    assert (tmp_path / "v.txt").read_text() == "AC 0.5 -1.0\nCG 2.0 1e-07\n"


def test_a_compressed_file_repeats_byte_for_byte(tmp_path):
    for name in "ab":
        write_vectors(tmp_path / f"{name}.txt.gz", ["AC", "CG"], VECTORS)
    first = (tmp_path / "a.txt.gz").read_bytes()
    assert first == (tmp_path / "b.txt.gz").read_bytes()
    assert first[4:8] == bytes(4)  # the time
    assert gzip.decompress(first).startswith(b"2 2\n")


def test_gensim_reads_what_is_written(tmp_path):
    vectors = np.random.default_rng(1).normal(size=(3, 5)).astype(np.float32)
    write_vectors(tmp_path / "v.txt", ["AC", "CG", "GG"], vectors)
    found = KeyedVectors.load_word2vec_format(tmp_path / "v.txt")
    assert found.index_to_key == ["AC", "CG", "GG"]
    assert np.array_equal(found.vectors, vectors)


@pytest.fixture
def of_gensim():
    vectors = KeyedVectors(vector_size=20)
    vectors.add_vectors(["AC", "CG"], np.random.default_rng(2).normal(size=(2, 20)).astype(np.float32))
    return vectors


@pytest.mark.parametrize("write_header", [True, False])
def test_what_gensim_writes_is_read(tmp_path, of_gensim, write_header):
    of_gensim.save_word2vec_format(tmp_path / "v.txt", write_header=write_header)
    words, vectors = read_vectors(tmp_path / "v.txt")
    assert words == ["AC", "CG"]
    assert np.array_equal(vectors, of_gensim.vectors)


def test_binary_word2vec_says_to_save_it_as_text(tmp_path, of_gensim):
    of_gensim.save_word2vec_format(tmp_path / "v.bin", binary=True)
    with pytest.raises(InputError, match=r"v\.bin:\d: .*text\. .*save the vectors as text"):
        read_vectors(tmp_path / "v.bin")


def test_blank_lines_tabs_and_blanks_at_the_end_of_a_line_are_no_fault(tmp_path):
    assert read(tmp_path, "2 2 \nAC\t1 2 \n\nCG 3 4") == (["AC", "CG"], [[1, 2], [3, 4]])


def test_a_first_line_of_a_word_and_one_number_is_a_vector(tmp_path):
    assert read(tmp_path, "AC 2\nCG 3\n") == (["AC", "CG"], [[2], [3]])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "v.txt: no vectors"),
        ("\n \n", "v.txt: no vectors"),
        ("0 5\n", "v.txt: no vectors"),
        ("AC 1 2\nCG 1\n", "v.txt:2: record 'CG': 1 numbers, but the first vector has 2"),
        ("1 3\nAC 1 2\n", "v.txt:2: record 'AC': 2 numbers, but the first line says 3"),
        ("AC\n", "v.txt:1: record 'AC': no numbers after the word"),
        ("3 1\nAC 1\nCG 2\n", "v.txt: 2 vectors, but the first line says 3. It may be cut: copy it again"),
        ("1 1\nAC 1\nCG 2\n", "v.txt: 2 vectors, but the first line says 1"),
        ("AC 1 x\n", "v.txt:1: record 'AC': 'x' is no finite number"),
        ("AC 1\nCG nan\n", "v.txt:2: record 'CG': 'nan' is no finite number"),
        ("AC inf\n", "v.txt:1: record 'AC': 'inf' is no finite number"),
        ("AC 1 1e39\n", "v.txt:1: record 'AC': '1e39' is no finite number"),
        ("AC 1_0\n", "v.txt:1: record 'AC': '1_0' is no finite number"),
        ("AC 1\nCG 2\n\nAC 3\n", "v.txt:4: record 'AC': this word is in line 1 too"),
        (b"\xff\xfeA\0C\0 1\0\n", "v.txt:1: not UTF-8 text"),
        (b"1 1\nAC \x01\x02\x03\x04\n", "v.txt:2: not text"),
    ],
)
def test_every_fault_is_told_with_its_line(tmp_path, content, message):
    with pytest.raises(InputError) as raised:
        read(tmp_path, content)
    assert message in str(raised.value)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(FileAccessError, match=r"no\.txt"):
        read_vectors(tmp_path / "no.txt")


def test_another_format_is_refused_before_a_file_is_made(tmp_path):
    with pytest.raises(ConfigError, match="format must be one of word2vec, glove; got 'csv'"):
        write_vectors(tmp_path / "v.txt", ["AC", "CG"], VECTORS, "csv")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "vectors"),
    [
        (["AC"], VECTORS),
        (["AC", "AC"], VECTORS),
        (["AC", "C G"], VECTORS),
        (["AC", ""], VECTORS),
        (["AC", "CG"], VECTORS * np.nan),
        (["AC", "CG"], np.full((2, 2), 1e39)),
        ([], np.zeros((0, 2))),
    ],
)
@pytest.mark.filterwarnings("ignore:overflow")
def test_vectors_that_could_not_be_read_again_leave_no_file(tmp_path, words, vectors):
    with pytest.raises(ValueError, match=r"word|number"):
        write_vectors(tmp_path / "v.txt", words, vectors)
    assert not list(tmp_path.iterdir())


def test_an_existing_file_is_replaced_only_when_asked(tmp_path):
    (tmp_path / "v.txt").write_text("precious")
    with pytest.raises(ConfigError, match="overwrite=true"), open_vectors(tmp_path / "v.txt"):
        pass
    write_vectors(tmp_path / "v.txt", ["AC", "CG"], VECTORS, overwrite=True)
    assert read_vectors(tmp_path / "v.txt")[0] == ["AC", "CG"]
