"""The other strand."""

import torch
from Bio.Seq import reverse_complement as biopython
from hypothesis import given
from hypothesis import strategies as st

from dnaseq.encode.alphabet import LETTERS, PAD, to_codes, to_letters
from dnaseq.encode.kmer import Kmer
from dnaseq.encode.onehot import OneHot
from dnaseq.encode.revcomp import reverse_complement

records = st.lists(st.text(LETTERS.replace("-", ""), max_size=12), min_size=1, max_size=5)


def padded(sequences, extra=0):
    """Codes (B, L) of sequences of unequal length, and their lengths."""
    lengths = torch.tensor([len(s) for s in sequences])
    codes = torch.full((len(sequences), int(lengths.max()) + extra), PAD, dtype=torch.uint8)
    for row, sequence in zip(codes, sequences, strict=True):
        row[: len(sequence)] = torch.tensor(to_codes(sequence))
    return codes, lengths


def test_worked_example():
    codes, lengths = reverse_complement(*padded(["AACGN", "RT"])), [5, 2]
    assert [to_letters(row[:n].numpy()) for row, n in zip(codes, lengths, strict=True)] == ["NCGTT", "AY"]


@given(records, st.integers(0, 3))
def test_strand_is_that_of_biopython(sequences, extra):
    codes, lengths = padded(sequences, extra)
    other = reverse_complement(codes, lengths)
    found = [to_letters(row[:n].numpy()) for row, n in zip(other, lengths.tolist(), strict=True)]
    assert found == [biopython(sequence) for sequence in sequences]


@given(records, st.integers(0, 3))
def test_padding_stays_at_the_end(sequences, extra):
    codes, lengths = padded(sequences, extra)
    padding = torch.arange(codes.shape[1]) >= lengths[:, None]
    assert torch.equal(reverse_complement(codes, lengths) == PAD, padding)


@given(records, st.integers(0, 3))
def test_other_strand_of_the_other_strand_is_the_record(sequences, extra):
    codes, lengths = padded(sequences, extra)
    assert torch.equal(reverse_complement(reverse_complement(codes, lengths), lengths), codes)


def test_codes_stay_one_byte():
    assert reverse_complement(*padded(["ACGT"])).dtype == torch.uint8


@given(records)
def test_one_hot_of_the_other_strand_is_flipped_in_positions_and_bases(sequences):
    codes = padded([sequences[0]])[0]
    lengths = torch.tensor([codes.shape[1]])
    other = OneHot()(reverse_complement(codes, lengths))
    assert torch.equal(other, OneHot()(codes).flip(0, 2))


@given(st.lists(st.text("ACGT", min_size=3, max_size=12), min_size=1, max_size=4), st.integers(0, 2))
def test_other_strand_has_as_many_real_kmers(sequences, extra):
    codes, lengths = padded(sequences, extra)
    kmer = Kmer(3)
    counts = (kmer(reverse_complement(codes, lengths)) < kmer.unknown).sum(0)
    assert torch.equal(counts, kmer.lengths(lengths))


def test_without_lengths_no_record_has_padding():
    codes = torch.randint(0, 5, (3, 7), dtype=torch.uint8)
    assert torch.equal(reverse_complement(codes, None), reverse_complement(codes, torch.full((3,), 7)))
