"""Counts of k-mers beside a network."""

from collections import Counter

import pytest
import torch

from dnaseq.encode.alphabet import to_codes
from dnaseq.encode.kmer import Kmer
from dnaseq.encode.onehot import OneHot, OneHotKmer
from dnaseq.models.kmer_counts import KmerCounts, kmers, single_bases

RECORDS = ["ACGTACGTTTGACNACGATT", "GGGRCCTAT--", "AC"]


def codes(records):
    longest = max(map(len, records))
    padded = [to_codes(r.replace("-", "")).tolist() for r in records]
    return torch.tensor([row + [5] * (longest - len(row)) for row in padded])


def with_weights(model):
    torch.manual_seed(0)
    for bag in model.weights:
        torch.nn.init.normal_(bag.weight)
    return model


def by_counting(model, record, k, bag):
    """The sum of each k-mer's weights times its count, over the square root of the number of k-mers."""
    windows = [record[i : i + k] for i in range(len(record) - k + 1)]
    counts = Counter(w for w in windows if set(w) <= set("ACGT"))
    places = {w: sum(4 ** (k - 1 - i) * "ACGT".index(c) for i, c in enumerate(w)) for w in counts}
    total = sum((n * bag.weight[places[w]] for w, n in counts.items()), torch.zeros(2))
    return model.gain * total / max(counts.total(), 1) ** 0.5


def test_logits_are_those_of_counting_by_hand():
    model = with_weights(KmerCounts(4, 2, k=[2, 3]))
    said = model(OneHot()(codes(RECORDS)))
    for row, record in zip(said, RECORDS, strict=True):
        record = record.replace("-", "")
        counted = [by_counting(model, record, k, bag) for k, bag in zip((2, 3), model.weights, strict=True)]
        torch.testing.assert_close(row, sum(counted))


def test_ids_are_in_alphabetical_order_and_no_window_with_another_letter_has_one():
    assert kmers(single_bases(OneHot()(codes(["ACGNT", "TTTT-"]))), range(2)).tolist() == [
        [1, 6, 16, 16],
        [15, 15, 15, 16],
    ]


def test_ids_of_an_encoding_are_counted_as_they_are():
    of_bases, of_ids = with_weights(KmerCounts(4, 2, k=[3])), KmerCounts(66, 2)
    of_ids.load_state_dict(of_bases.state_dict())
    torch.testing.assert_close(of_ids(Kmer(3)(codes(RECORDS))), of_bases(OneHot()(codes(RECORDS))))


def test_channels_of_kmers_beside_the_bases_change_nothing():
    beside, alone = with_weights(KmerCounts(68, 2)), with_weights(KmerCounts(4, 2))
    assert torch.equal(beside(OneHotKmer(3)(codes(RECORDS))), alone(OneHot()(codes(RECORDS))))


def test_it_says_nothing_before_it_is_trained():
    assert not KmerCounts(4, 2)(OneHot()(codes(RECORDS))).any()


@pytest.mark.parametrize("wrong", [{"k": []}, {"k": [0]}, {"k": [9]}, {"gain": 0.0}])
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match="must be"):
        KmerCounts(4, 2, **wrong)
