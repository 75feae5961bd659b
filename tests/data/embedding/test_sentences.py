"""The k-mers of files as sentences."""

import re

import numpy as np
import pytest
from Bio.Seq import reverse_complement
from hypothesis import given
from hypothesis import strategies as st

from dnaseq.data.embedding.sentences import LONGEST_SENTENCE, Sentences
from dnaseq.errors import ConfigError, InputError
from dnaseq.io.sequences.reading import Reading

records = st.lists(
    st.text("ACGTN", min_size=1, max_size=15).filter(lambda s: s.strip("N")), min_size=1, max_size=5
)


def plain_sentences(sequences, k, stride, strands):
    """Sentences of records by a plain loop, one strand after the other."""
    read = [sequences, [reverse_complement(s) for s in reversed(sequences)]][: 2 if strands == "both" else 1]
    return [
        [part[i : i + k] for i in range(0, len(part) - k + 1, stride)]
        for strand in read
        for sequence in strand
        for part in re.findall("[ACGT]+", sequence)
        if len(part) >= k
    ]


@pytest.fixture
def sentences(tmp_path):
    def make(text, *arguments, **options):
        (tmp_path / "a.fa").write_text(text)
        return Sentences([str(tmp_path / "a.fa")], *arguments, **options)

    return make


def test_worked_example(sentences):
    assert list(sentences(">r\nACGTT\n", 3)) == [["ACG", "CGT", "GTT"], ["AAC", "ACG", "CGT"]]


def test_an_ambiguous_letter_ends_a_sentence(sentences):
    assert list(sentences(">r\nAACNGGTRC\n", 2, strands="one")) == [["AA", "AC"], ["GG", "GT"]]


def test_no_kmer_reaches_from_one_record_into_the_next(sentences):
    assert list(sentences(">r\nAAA\n>s\nCCC\n", 2, strands="one")) == [["AA", "AA"], ["CC", "CC"]]


@given(records, st.integers(1, 4), st.integers(1, 3), st.sampled_from(["one", "both"]))
def test_sentences_are_those_of_a_plain_loop(tmp_path_factory, sequences, k, stride, strands):
    path = tmp_path_factory.mktemp("s") / "a.fa"
    path.write_text("".join(f">r{i}\n{s}\n" for i, s in enumerate(sequences)))
    found = Sentences([str(path)], k, stride, strands)
    expected = plain_sentences(sequences, k, stride, strands)
    assert sorted(found) == sorted(expected)  # how records come in blocks is the reader's business
    assert list(found) == list(found)
    counts, n, _ = found.counts()
    assert n == len(expected)
    words = [word for sentence in expected for word in sentence]
    assert dict(zip(found.words, counts.tolist(), strict=True)) == {w: words.count(w) for w in found.words}


@pytest.mark.parametrize("stride", [1, 3])
def test_a_long_record_is_several_sentences_of_the_same_words(sentences, random_sequence, stride):
    sequence = random_sequence(stride * LONGEST_SENTENCE * 2 + 7)
    found = list(sentences(f">r\n{sequence}\n", 4, stride, "one"))
    assert [len(s) for s in found[:2]] == [LONGEST_SENTENCE] * 2
    words = [sequence[i : i + 4] for i in range(0, len(sequence) - 3, stride)]
    assert [word for sentence in found for word in sentence] == words


def test_rejected_records_are_counted_and_left_out(sentences):
    found = sentences(">r\nAC-G\n>s\nACG\n", 3, strands="one", reading=Reading(bad_records="keep"))
    assert list(found) == [["ACG"]]
    assert found.counts()[2] == 1


def test_words_are_alphabetical(sentences):
    words = sentences(">r\nACG\n", 2).words
    assert words.tolist() == sorted(words)
    assert np.unique(words).size == 16


def test_a_file_without_records_is_an_error(sentences):
    with pytest.raises(InputError, match="no records"):
        list(sentences("", 3))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": 0}, "encoding.k must be from 1 to 10; got 0"),
        ({"k": 11}, "encoding.k must be from 1 to 10; got 11"),
        ({"k": 3, "stride": 0}, "encoding.stride must be at least 1; got 0"),
        ({"k": 3, "strands": "two"}, "strands must be one of one, both; got 'two'"),
    ],
)
def test_a_value_out_of_range_is_refused(options, message):
    with pytest.raises(ConfigError, match=f"^{message}$"):
        Sentences([], **options)
