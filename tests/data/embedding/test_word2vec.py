"""Vectors of words by gensim."""

import numpy as np
import pytest

from dnaseq.data.embedding import word2vec
from dnaseq.data.embedding.word2vec import Word2VecOptions, train_vectors
from dnaseq.errors import ConfigError, InputError

SENTENCES = [["AC", "CG", "GT"], ["AC", "CG"]] * 5
COUNTS = {"AC": 10, "CG": 10, "GT": 5}
SMALL = {"vector_size": 4, "epochs": 2}


def trained(sentences=SENTENCES, counts=COUNTS, **options):
    return train_vectors(sentences, counts, len(SENTENCES), Word2VecOptions(**SMALL | options))


def test_every_word_has_a_vector():
    words, vectors = trained()
    assert sorted(words) == ["AC", "CG", "GT"]
    assert vectors.shape == (3, 4)
    assert vectors.dtype == np.float32


def test_the_same_seed_gives_the_same_vectors_and_another_one_others():
    assert np.array_equal(trained()[1], trained()[1])
    assert not np.array_equal(trained()[1], trained(seed=2)[1])


@pytest.mark.parametrize("option", [{"algorithm": "cbow"}, {"window": 1}, {"negative": 1}, {"epochs": 3}])
def test_every_option_reaches_the_training(option):
    assert not np.array_equal(trained()[1], trained(**option)[1])


def test_rare_words_get_no_vector():
    assert sorted(trained(min_count=6)[0]) == ["AC", "CG"]


def test_words_among_the_same_neighbours_become_alike():
    sentences = [["AA", "CC", "TT"], ["AA", "GG", "TT"], ["CT", "TC", "CA"]] * 300
    counts = {"AA": 600, "TT": 600, "CC": 300, "GG": 300, "CT": 300, "TC": 300, "CA": 300}
    options = Word2VecOptions(vector_size=8, epochs=10, window=1)
    words, vectors = train_vectors(sentences, counts, len(sentences), options)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cc, gg, tc = (unit[words.index(word)] for word in ("CC", "GG", "TC"))
    assert cc @ gg > cc @ tc + 0.2


def test_progress_is_told_of_every_word_of_every_epoch():
    told = []
    train_vectors(SENTENCES, COUNTS, len(SENTENCES), Word2VecOptions(**SMALL), told.append)
    assert sum(told) == 2 * 25


def test_too_high_a_count_leaves_no_word():
    with pytest.raises(ConfigError, match="min_count=11, but no k-mer occurs so often"):
        trained(min_count=11)


class Failing:
    """Sentences that cannot be read to the end the second time."""

    def __init__(self):
        self.times = 0

    def __iter__(self):
        self.times += 1
        yield from SENTENCES[:3]
        if self.times == 2:
            raise InputError("compressed file ends early", file="a.fa.gz")
        yield from SENTENCES[3:]


def test_an_error_while_gensim_reads_comes_out_instead_of_waiting_for_ever():
    with pytest.raises(InputError, match="ends early"):
        trained(Failing())


def test_input_that_changes_between_two_epochs_is_an_error():
    with pytest.raises(InputError, match="10 k-mers where there were 25: the input has changed"):
        trained(SENTENCES[:4])


@pytest.mark.parametrize(
    ("key", "value"),
    [(key, 0) for key in ("vector_size", "window", "negative", "epochs", "min_count", "workers")]
    + [("algorithm", "glove")],
)
def test_a_value_out_of_range_is_refused(key, value):
    with pytest.raises(ConfigError, match=f"^{key} must be"):
        Word2VecOptions(**{key: value})


def test_without_gensim_the_way_to_install_it_is_said(monkeypatch):
    monkeypatch.setattr(word2vec, "Word2Vec", None)
    with pytest.raises(ConfigError, match=r"pip install 'dnaseq\[embed\]'"):
        trained()
