"""Vectors of a file into the network that a training begins with."""

import numpy as np
import pytest
import torch

from dnaseq.encode.kmer import Kmer
from dnaseq.errors import ConfigError, InputError
from dnaseq.models.embed import Lookup
from dnaseq.training.pretrained import fill, kmer_vectors

TWO = "AA 1 2\nGT 3 6\n"


def filled(path, k):
    net = torch.nn.Sequential(Lookup(4**k + 2, d_out=2))
    fill(net, kmer_vectors(path), k)
    return net[0].table.weight.detach()


def test_rows_are_those_of_the_ids_of_the_encoding(vector_file):
    ids = Kmer(2)(torch.tensor([[0, 0], [2, 3]], dtype=torch.uint8))[0]  # AA, GT
    assert filled(vector_file(TWO), 2)[ids].tolist() == [[1, 2], [3, 6]]


def test_absent_kmers_and_the_unknown_one_get_the_mean_and_padding_zeros(vector_file):
    table = filled(vector_file(TWO), 2)
    rest = np.setdiff1d(np.arange(17), [0, 11])
    assert (table[rest] == torch.tensor([2.0, 4.0])).all()
    assert table[17].tolist() == [0, 0]


@pytest.mark.parametrize("word", ["<unk>", "UNK", "[UNK]"])
def test_absent_kmers_get_the_vector_of_the_word_for_them(vector_file, word):
    assert filled(vector_file(f"{word} 9 8\n{TWO}"), 2)[1].tolist() == [9, 8]


def test_other_words_of_text_programs_are_passed_over(vector_file):
    assert filled(vector_file(f"</s> 9 8\n[PAD] 7 7\n{TWO}"), 2)[1].tolist() == [2, 4]


def test_lower_case_and_u_read_as_in_sequences(vector_file):
    assert list(kmer_vectors(vector_file("aa 1 2\ngu 3 6\n")).rows) == ["AA", "GT"]


def test_one_of_several_lengths_can_be_chosen(vector_file):
    found = kmer_vectors(vector_file("AA 1\nAAA 5\nAAC 7\n"), 3)
    assert list(found.rows) == ["AAA", "AAC"]
    assert found.absent.tolist() == [6]


@pytest.mark.parametrize(
    ("text", "k", "kind", "message"),
    [
        ("AA 1\nAN 2\n", None, InputError, "v.txt: record 'AN': this word is no k-mer of A, C, G and T"),
        ("the 1\n", None, InputError, "record 'the': this word is no k-mer"),
        ("AA 1\naa 2\n", None, InputError, "record 'aa': this k-mer is there twice, in other letters"),
        ("<unk> 1\n", None, InputError, "v.txt: no k-mers"),
        ("AA 1\nAAA 2\n", None, ConfigError, "v.txt has k-mers of 2, 3 bases. Choose one: encoding.k=2"),
        ("AA 1\n", 3, ConfigError, "encoding.k=3, but "),
    ],
)
def test_what_is_no_file_of_kmers_of_one_length_is_refused(vector_file, text, k, kind, message):
    with pytest.raises(kind) as raised:
        kmer_vectors(vector_file(text), k)
    assert message in str(raised.value)
