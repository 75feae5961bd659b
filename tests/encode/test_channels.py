"""Codes to one-hot of the base beside one-hot of the k-mer."""

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dnaseq.encode.alphabet import EXPECTED_BASE, PAD, to_codes
from dnaseq.encode.kmer import Kmer
from dnaseq.encode.onehot import OneHot, OneHotKmer

ROWS = st.lists(st.integers(0, 15), max_size=8)


def codes_of(*sequences):
    return torch.tensor(np.stack([to_codes(s) for s in sequences]))


def shares(row, start, k):
    """The share of every k-mer at one position of one record, by a plain loop."""
    window = row[start : start + k]
    if len(window) < k:
        return [0.0] * 4**k
    return [
        np.prod([EXPECTED_BASE[code][base] for code, base in zip(window, kmer, strict=True)])
        for kmer in product(range(4), repeat=k)
    ]


def test_worked_example():
    x = OneHotKmer(2)(codes_of("CAT"))[:, 0]
    assert x.shape == (3, 20)
    # C and CA = 4; A and AT = 3; T and nothing, for the record ends
    assert [row.nonzero()[:, 0].tolist() for row in x] == [[1, 4 + 4], [0, 4 + 3], [3]]
    assert x.max() == 1


def test_a_letter_that_stands_for_all_bases_gives_a_quarter_of_four_kmers():
    kmers = OneHotKmer(3)(codes_of("ACN"))[0, 0, 4:]
    assert kmers.nonzero()[:, 0].tolist() == [4, 5, 6, 7]  # ACA, ACC, ACG, ACT
    assert kmers[4:8].tolist() == [0.25] * 4


@given(st.lists(ROWS, min_size=1, max_size=3), st.integers(1, 3))
def test_every_number_is_the_product_of_the_shares_of_its_bases(batch, k):
    longest = max(map(len, batch))
    batch = [row + [PAD] * (longest - len(row)) for row in batch]
    x = OneHotKmer(k)(torch.tensor(batch, dtype=torch.uint8).view(len(batch), -1))
    assert x.shape == (longest, len(batch), 4 + 4**k)
    for b, row in enumerate(batch):
        for start in range(longest):
            assert x[start, b, :4].tolist() == EXPECTED_BASE[row[start]].tolist()
            np.testing.assert_allclose(x[start, b, 4:], shares(row, start, k), atol=1e-6)


@given(st.text("ACGT", min_size=3, max_size=20))
def test_the_kmers_of_plain_bases_are_those_of_the_ids(sequence):
    codes = codes_of(sequence)
    ids = Kmer(3)(codes)[:, 0]
    assert torch.equal(OneHotKmer(3)(codes)[: len(ids), 0, 4:].argmax(-1), ids)


@given(st.text("ACGTN", min_size=1, max_size=10), st.integers(1, 5))
def test_padding_changes_no_number_and_is_zeros(sequence, padding):
    codes = codes_of(sequence)
    padded = torch.cat([codes, torch.full((1, padding), PAD, dtype=torch.uint8)], dim=1)
    x, longer = OneHotKmer(3)(codes), OneHotKmer(3)(padded)
    assert torch.equal(longer[: len(x)], x)
    assert not longer[len(x) :].any()


def test_a_record_of_one_base_has_no_kmer():
    x = OneHotKmer(3)(codes_of("G"))
    assert x[0, 0].nonzero()[:, 0].tolist() == [2]


def test_zero_makes_every_kmer_with_an_ambiguous_letter_zeros():
    x = OneHotKmer(2, ambiguous="zero")(codes_of("ANA"))[:, 0]
    assert [row.nonzero()[:, 0].tolist() for row in x] == [[0], [], [0]]


def test_with_k_of_one_both_parts_are_the_bases():
    x, bases = OneHotKmer(1)(codes_of("ACRN")), OneHot()(codes_of("ACRN"))
    assert torch.equal(x, torch.cat([bases, bases], dim=2))


def test_lengths_stay_as_they_are():
    assert OneHotKmer().lengths(torch.tensor([3, 1])).tolist() == [3, 1]


def test_symbols_are_the_bases_and_the_kmers():
    assert OneHotKmer(5).n_symbols == 4 + 1024


@pytest.mark.parametrize("k", [0, 6])
def test_k_outside_its_range_is_refused(k):
    with pytest.raises(ValueError, match=f"^k must be from 1 to 5; got {k}$"):
        OneHotKmer(k)


def test_unknown_policy_is_refused():
    with pytest.raises(ValueError, match="ambiguous must be one of"):
        OneHotKmer(3, ambiguous="unknown")
