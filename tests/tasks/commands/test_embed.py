"""dnaseq embed, and training with its vectors."""

import gzip
import json
import os

import numpy as np
import pytest
from interruption import interrupted
from safetensors.numpy import load_file

from dnaseq.io.tables.vectors import read_vectors

SMALL = ("vector_size=8", "epochs=1", "encoding.k=3")
TRAIN = (
    "recipe=none",
    "model=gru",
    "trainer=debug",
    "max_epochs=1",
    "model.encoder.hidden=8",
    "encoding=kmer_pretrained",
)


@pytest.fixture
def embed(run, easy_fasta):
    """embed("output=v.txt", ...) -> (exit code, stdout, stderr): small vectors of 3-mers."""

    def call(*arguments, source=f"{easy_fasta}/train.fa"):
        return run("embed", f"input={source}", *SMALL, *arguments)

    return call


def test_every_kmer_of_the_input_has_a_vector(embed, tmp_path):
    code, out, err = embed("output=v.txt")
    assert code == 0, err
    assert out == ""
    assert "read 7,296 3-mers, 1 times" in err  # 96 records, 38 k-mers each, two strands
    assert "vectors of 64 of 64 3-mers" in err
    assert "k-mers a second" in err
    words, vectors = read_vectors(tmp_path / "v.txt")
    assert len(words) == 64
    assert vectors.shape == (64, 8)
    assert (tmp_path / "v.txt").read_text().startswith("64 8\n")


def test_the_same_input_gives_the_same_bytes(embed, tmp_path):
    for name in ("a.txt", "b.txt", "c.txt.gz"):
        assert embed(f"output={name}")[0] == 0
    text = (tmp_path / "a.txt").read_bytes()
    assert (tmp_path / "b.txt").read_bytes() == text
    assert gzip.decompress((tmp_path / "c.txt.gz").read_bytes()) == text


def test_glove_is_the_same_without_the_first_line(embed, tmp_path):
    for format in ("word2vec", "glove"):
        assert embed(f"output={format}.txt", f"format={format}")[0] == 0
    glove = (tmp_path / "glove.txt").read_text()
    assert (tmp_path / "word2vec.txt").read_text() == f"64 8\n{glove}"


def test_one_strand_has_half_as_many_kmers(embed):
    assert "read 3,648 3-mers" in embed("output=v.txt", "strands=one")[2]


def test_records_that_cannot_be_used_are_counted_and_the_rest_is_learnt(embed, tmp_path):
    (tmp_path / "a.fa").write_text(">r\nAC*GT\n>s\nACGTACGT\n")
    code, _, err = embed("output=v.txt", "bad_records=keep", source="a.fa")
    assert code == 7
    assert "1 records could not be used and were left out" in err
    assert sorted(read_vectors(tmp_path / "v.txt")[0]) == ["ACG", "CGT", "GTA", "TAC"]


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (("output=v.txt", "input=-"), 2, "input=- is read once an epoch, so it must be a file"),
        (("output=v.txt", "input=no.fa"), 5, "no.fa: does not exist"),
        (("output=a.fa", "input=a.fa", "overwrite=true"), 2, "output=a.fa is also an input"),
        (("output=taken.txt",), 2, "taken.txt exists. Choose another name or overwrite=true"),
        (("output=no/v.txt",), 5, "no/v.txt: there is no folder no"),
        (
            ("input=a.fa", "output=v.txt", "encoding.k=6"),
            3,
            "a.fa: no record has 6 letters A, C, G, T in a row",
        ),
        (("output=v.txt", "encoding.k=11"), 2, "encoding.k must be a whole number from 1 to 10; got 11"),
        (("output=v.txt", "algorithm=bert"), 2, "algorithm must be skipgram or cbow; got 'bert'"),
        (("output=v.txt", "format=bin"), 2, "format must be word2vec or glove; got 'bin'"),
        (("output=v.txt", "min_count=100000"), 2, "min_count=100000, but no k-mer occurs so often"),
        ((), 2, "output must be given: output=..."),
    ],
)
def test_a_mistake_gives_one_line_and_no_file(run, easy_fasta, tmp_path, arguments, code, line):
    (tmp_path / "a.fa").write_text(">r\nACGTA\n>s\nACNTGT\n")
    (tmp_path / "taken.txt").write_text("precious")
    if not any(argument.startswith("input=") for argument in arguments):
        arguments = (f"input={easy_fasta}/train.fa", *arguments)
    settings = [s for s in SMALL if s.split("=")[0] not in {a.split("=")[0] for a in arguments}]
    got, out, err = run("embed", *settings, *arguments)
    assert (got, out) == (code, ""), err
    assert len(err.splitlines()) == 1
    assert line in err
    assert sorted(os.listdir(tmp_path)) == ["a.fa", "taken.txt"]
    assert (tmp_path / "taken.txt").read_text() == "precious"


@pytest.fixture
def data(easy_fasta):
    return ("data=fasta", f"data.train={easy_fasta}/train.fa", f"data.test={easy_fasta}/test.fa")


def test_a_bundle_answers_without_the_file_that_its_vectors_came_from(embed, run, data, easy_fasta, tmp_path):
    assert embed("output=v.txt")[0] == 0
    _, _, err = run("train", *TRAIN, *data, "encoding.vectors=v.txt", "run_dir=run")
    assert "v.txt: vectors of 64 of 64 3-mers" in err
    (tmp_path / "v.txt").unlink()
    code, _, err = run(
        "predict", "bundle=run/bundle", f"input={easy_fasta}/test.fa", "output=p.tsv", "device=cpu"
    )
    assert code == 0, err
    spec = json.loads((tmp_path / "run/bundle/spec.json").read_text())
    assert spec["encoding"]["k"] == 3
    assert "v.txt" not in json.dumps([spec["encoding"], spec["architecture"]])
    assert spec["training"]["pretrained"]["file"] == "v.txt"


@pytest.mark.parametrize("freeze", [True, False])
def test_frozen_vectors_are_in_the_bundle_as_they_were_in_the_file(embed, run, data, tmp_path, freeze):
    assert embed("output=v.txt")[0] == 0
    arguments = ("encoding.vectors=v.txt", f"encoding.freeze={str(freeze).lower()}", "run_dir=run")
    assert run("train", *TRAIN, *data, *arguments)[0] == 0
    words, vectors = read_vectors(tmp_path / "v.txt")
    table = load_file(tmp_path / "run/bundle/model.safetensors")["embed.table.weight"]
    order = np.argsort(words)
    assert np.array_equal(table[:64], vectors[order]) is freeze


def test_a_training_that_is_told_no_file_says_which_key_is_needed(run, data):
    code, _, err = run("train", *TRAIN, *data, "run_dir=run")
    assert code == 2
    assert "encoding.vectors must be given: encoding.vectors=FILE" in err


def test_a_run_goes_on_with_the_vectors_that_it_began_with_or_not_at_all(embed, run, data, tmp_path):
    assert embed("output=a.txt")[0] == 0
    with interrupted():
        arguments = ("encoding=kmer_pretrained", "encoding.vectors=a.txt", "run_dir=halved", "max_epochs=2")
        assert run("train", "recipe=none", "model=cnn", *data, *arguments)[0] == 130
    lines = (tmp_path / "a.txt").read_text().splitlines()
    (tmp_path / "a.txt").write_text("\n".join([lines[0], *lines[:0:-1]]) + "\n")  # in another order
    code, _, err = run("train", "resume=halved")
    assert code == 2
    assert "the data have changed since the run began" in err
