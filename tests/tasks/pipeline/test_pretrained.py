"""Vectors of a file into the network that a training begins with."""

import numpy as np
import pytest
import torch
from omegaconf import OmegaConf

from dnaseq.encode.kmer import Kmer
from dnaseq.errors import ConfigError, InputError
from dnaseq.models.embed import Lookup
from dnaseq.tasks.pipeline.factories import take_vectors
from dnaseq.tasks.pipeline.pretrained import fill, kmer_vectors

TWO = "AA 1 2\nGT 3 6\n"


@pytest.fixture
def file(tmp_path):
    def make(text):
        path = tmp_path / "v.txt"
        path.write_text(text)
        return str(path)

    return make


def configuration(path, k=None, d_out=None, freeze=False):
    encoding = {"_target_": "dnaseq.encode.kmer.Kmer", "vectors": path, "freeze": freeze, "k": k, "stride": 1}
    embed = {"_target_": "dnaseq.models.embed.Lookup", "d_out": d_out, "freeze": "${encoding.freeze}"}
    cfg = OmegaConf.create({"encoding": encoding, "model": {"embed": embed}})
    OmegaConf.set_struct(cfg, True)
    return cfg


def filled(path, k):
    net = torch.nn.Sequential(Lookup(4**k + 2, d_out=2))
    fill(net, kmer_vectors(path), k)
    return net[0].table.weight.detach()


def test_rows_are_those_of_the_ids_of_the_encoding(file):
    ids = Kmer(2)(torch.tensor([[0, 0], [2, 3]], dtype=torch.uint8))[0]  # AA, GT
    assert filled(file(TWO), 2)[ids].tolist() == [[1, 2], [3, 6]]


def test_absent_kmers_and_the_unknown_one_get_the_mean_and_padding_zeros(file):
    table = filled(file(TWO), 2)
    rest = np.setdiff1d(np.arange(17), [0, 11])
    assert (table[rest] == torch.tensor([2.0, 4.0])).all()
    assert table[17].tolist() == [0, 0]


@pytest.mark.parametrize("word", ["<unk>", "UNK", "[UNK]"])
def test_absent_kmers_get_the_vector_of_the_word_for_them(file, word):
    assert filled(file(f"{word} 9 8\n{TWO}"), 2)[1].tolist() == [9, 8]


def test_other_words_of_text_programs_are_passed_over(file):
    assert filled(file(f"</s> 9 8\n[PAD] 7 7\n{TWO}"), 2)[1].tolist() == [2, 4]


def test_lower_case_and_u_read_as_in_sequences(file):
    assert list(kmer_vectors(file("aa 1 2\ngu 3 6\n")).rows) == ["AA", "GT"]


def test_one_of_several_lengths_can_be_chosen(file):
    found = kmer_vectors(file("AA 1\nAAA 5\nAAC 7\n"), 3)
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
def test_what_is_no_file_of_kmers_of_one_length_is_refused(file, text, k, kind, message):
    with pytest.raises(kind) as raised:
        kmer_vectors(file(text), k)
    assert message in str(raised.value)


@pytest.mark.parametrize("freeze", [True, False])
def test_the_configuration_ends_as_one_that_opens_no_file(file, freeze):
    cfg = configuration(file(TWO), freeze=freeze)
    take_vectors(cfg)
    whole = OmegaConf.to_container(cfg, resolve=True)
    assert whole["encoding"] == {"_target_": "dnaseq.encode.kmer.Kmer", "k": 2, "stride": 1}
    assert whole["model"]["embed"] == {"_target_": "dnaseq.models.embed.Lookup", "d_out": 2, "freeze": freeze}
    assert whole["pretrained"]["file"] == "v.txt"
    assert len(whole["pretrained"]["sha256"]) == 64


def test_another_width_than_that_of_the_file_is_refused(file):
    with pytest.raises(ConfigError, match=r"v\.txt has vectors of 2 numbers. Leave model.embed.d_out=16 out"):
        take_vectors(configuration(file(TWO), d_out=16))


def test_no_file_says_which_key_is_needed():
    with pytest.raises(ConfigError, match=r"encoding.vectors must be given: encoding.vectors=FILE"):
        take_vectors(configuration("???"))


def test_the_width_of_the_file_may_be_given(file):
    assert take_vectors(configuration(file(TWO), k=2, d_out=2)).vectors.shape == (2, 2)


def test_other_encodings_have_no_vectors():
    cfg = OmegaConf.create({"encoding": {"k": 3}})
    assert take_vectors(cfg) is None
    assert cfg == {"encoding": {"k": 3}}
