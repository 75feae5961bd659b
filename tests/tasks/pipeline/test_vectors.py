"""A configuration that names a file of vectors becomes one that needs no file."""

import pytest
from omegaconf import OmegaConf

from dnaseq.errors import ConfigError
from dnaseq.tasks.pipeline.factories import take_vectors

TWO = "AA 1 2\nGT 3 6\n"


def configuration(path, k=None, d_out=None, freeze=False):
    encoding = {"_target_": "dnaseq.encode.kmer.Kmer", "vectors": path, "freeze": freeze, "k": k, "stride": 1}
    embed = {"_target_": "dnaseq.models.embed.Lookup", "d_out": d_out, "freeze": "${encoding.freeze}"}
    cfg = OmegaConf.create({"encoding": encoding, "model": {"embed": embed}})
    OmegaConf.set_struct(cfg, True)
    return cfg


@pytest.mark.parametrize("freeze", [True, False])
def test_the_configuration_ends_as_one_that_opens_no_file(vector_file, freeze):
    cfg = configuration(vector_file(TWO), freeze=freeze)
    take_vectors(cfg)
    whole = OmegaConf.to_container(cfg, resolve=True)
    assert whole["encoding"] == {"_target_": "dnaseq.encode.kmer.Kmer", "k": 2, "stride": 1}
    assert whole["model"]["embed"] == {"_target_": "dnaseq.models.embed.Lookup", "d_out": 2, "freeze": freeze}
    assert whole["pretrained"]["file"] == "v.txt"
    assert len(whole["pretrained"]["sha256"]) == 64


def test_another_width_than_that_of_the_file_is_refused(vector_file):
    with pytest.raises(ConfigError, match=r"v\.txt has vectors of 2 numbers. Leave model.embed.d_out=16 out"):
        take_vectors(configuration(vector_file(TWO), d_out=16))


def test_no_file_says_which_key_is_needed():
    with pytest.raises(ConfigError, match=r"encoding.vectors must be given: encoding.vectors=FILE"):
        take_vectors(configuration("???"))


def test_the_width_of_the_file_may_be_given(vector_file):
    assert take_vectors(configuration(vector_file(TWO), k=2, d_out=2)).vectors.shape == (2, 2)


def test_other_encodings_have_no_vectors():
    cfg = OmegaConf.create({"encoding": {"k": 3}})
    assert take_vectors(cfg) is None
    assert cfg == {"encoding": {"k": 3}}
