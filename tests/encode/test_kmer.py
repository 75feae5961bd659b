"""Codes to k-mer ids."""

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dnaseq.encode.alphabet import PAD, N, to_codes
from dnaseq.encode.kmer import LONGEST_K, Kmer


def codes_of(*sequences):
    return torch.tensor(np.stack([to_codes(s) for s in sequences]))


def plain_ids(row, k, stride):
    """Ids of one record's codes by a plain loop."""
    ids = []
    for start in range(0, len(row) - k + 1, stride):
        window = row[start : start + k]
        if PAD in window:
            ids.append(4**k + 1)
        elif max(window) >= N:
            ids.append(4**k)
        else:
            ids.append(sum(code * 4 ** (k - 1 - j) for j, code in enumerate(window)))
    return ids


batches = st.integers(0, 14).flatmap(
    lambda n: st.lists(st.lists(st.integers(0, 5), min_size=n, max_size=n), min_size=1, max_size=4)
)


def test_worked_example():
    # ACG = 0*16 + 1*4 + 2, CGT = 1*16 + 2*4 + 3, GTA = 2*16 + 3*4 + 0
    assert Kmer(3)(codes_of("ACGTA"))[:, 0].tolist() == [6, 27, 44]


def test_stride_takes_every_so_many_windows():
    assert Kmer(3, stride=2)(codes_of("ACGTA"))[:, 0].tolist() == [6, 44]


@pytest.mark.parametrize("k", [1, 2, 3])
def test_ids_are_alphabetical(k):
    words = ["".join(letters) for letters in product("ACGT", repeat=k)]
    assert Kmer(k)(codes_of(*words))[0].tolist() == list(range(4**k))


def test_window_with_an_ambiguous_letter_is_unknown():
    assert Kmer(2)(codes_of("ANAAR"))[:, 0].tolist() == [16, 16, 0, 16]


def test_window_that_reaches_into_padding_is_pad():
    codes = codes_of("ACGTN")
    codes[0, 3:] = PAD
    assert Kmer(2)(codes)[:, 0].tolist() == [1, 6, 17, 17]


def test_padding_outranks_an_ambiguous_letter():
    assert Kmer(2)(torch.tensor([[N, PAD]], dtype=torch.uint8)).item() == 17


def test_position_comes_first():
    assert Kmer(3)(codes_of("ACGTA", "TTTTT")).shape == (3, 2)


@given(batches, st.integers(1, 4), st.integers(1, 5))
def test_ids_match_a_plain_loop(batch, k, stride):
    codes = torch.tensor(batch, dtype=torch.uint8).view(len(batch), -1)
    assert Kmer(k, stride)(codes).t().tolist() == [plain_ids(row, k, stride) for row in batch]


@given(st.integers(1, 40), st.integers(1, 6), st.integers(1, 7))
def test_length_is_the_number_of_windows(n, k, stride):
    codes = torch.zeros(1, max(n, k), dtype=torch.uint8)
    length = torch.tensor([codes.shape[1]])
    assert Kmer(k, stride).lengths(length).item() == len(Kmer(k, stride)(codes))


@given(st.integers(1, 20), st.integers(0, 20), st.integers(1, 5), st.integers(1, 5))
def test_windows_beyond_the_length_are_pad_and_no_others(n, padding, k, stride):
    n = max(n, k)
    codes = torch.tensor([[0] * n + [PAD] * padding], dtype=torch.uint8)
    kmer = Kmer(k, stride)
    real = (kmer(codes)[:, 0] != kmer.pad).tolist()
    length = kmer.lengths(torch.tensor([n])).item()
    assert real == [i < length for i in range(len(real))]


def test_longest_k_does_not_overflow():
    k = LONGEST_K
    assert Kmer(k)(codes_of("T" * k)).item() == 4**k - 1


def test_symbols_are_the_kmers_then_unknown_then_pad():
    kmer = Kmer(3)
    assert (kmer.unknown, kmer.pad, kmer.n_symbols) == (64, 65, 66)


def test_shortest_record_is_one_window():
    assert Kmer(5, stride=3).lengths(torch.tensor([Kmer(5).shortest])).item() == 1


def test_record_shorter_than_k_has_no_ids():
    assert Kmer(5)(codes_of("ACG")).shape == (0, 1)


@pytest.mark.parametrize("k", [0, -1, 13])
def test_k_outside_its_range_is_refused(k):
    with pytest.raises(ValueError, match=f"^k must be from 1 to 12; got {k}$"):
        Kmer(k)


def test_stride_below_one_is_refused():
    with pytest.raises(ValueError, match=r"^stride must be at least 1; got 0$"):
        Kmer(3, stride=0)


def test_unknown_policy_is_refused():
    with pytest.raises(ValueError, match=r"^ambiguous must be one of unknown, error; got 'expected'$"):
        Kmer(3, ambiguous="expected")
