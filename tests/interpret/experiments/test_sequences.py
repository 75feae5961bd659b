"""Backgrounds of experiments, and motifs as they are typed."""

from itertools import pairwise

import numpy as np
import pytest
from specs import make_spec

from dnaseq.encode.alphabet import to_codes, to_letters
from dnaseq.errors import ConfigError, InputError
from dnaseq.evaluation.decisions.novelty import composition, novelty_reference
from dnaseq.interpret.experiments.sequences import (
    motif_codes,
    pad_sequences,
    random_backgrounds,
    scores_of,
    shuffled_backgrounds,
)


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def test_shuffled_backgrounds_have_the_pairs_of_their_records():
    records = [to_codes("ACGATTACAGATTACA"), to_codes("GGGCGCGATC")]
    found = shuffled_backgrounds(records, 5, rng())
    assert found.groups.tolist() == [0, 0, 0, 1, 1]
    assert found.lengths.tolist() == [16, 16, 16, 10, 10]
    for row, group, length in zip(found.codes, found.groups, found.lengths, strict=True):
        own, other = records[group], row[:length]
        pairs = [sorted(pairwise(one)) for one in (own.tolist(), other.tolist())]
        assert pairs[0] == pairs[1]
        assert (row[length:] == 5).all()
    assert shuffled_backgrounds(iter(records * 4), 3, rng()).groups.tolist() == [0, 1, 2]
    with pytest.raises(InputError, match="no records"):
        shuffled_backgrounds([], 3, rng())


def test_backgrounds_are_of_records_from_the_whole_file():
    records = [np.full(3, i // 100 % 4, dtype=np.uint8) for i in range(400)]  # all A, then all C, ...
    found = shuffled_backgrounds(iter(records), 80, rng())
    counts = np.bincount(found.codes[:, 0], minlength=4)
    assert counts.min() > 8
    again = shuffled_backgrounds(iter(records), 80, rng())
    np.testing.assert_array_equal(found.codes, again.codes)


def test_random_backgrounds_have_the_length_and_the_composition_of_the_training():
    records = rng().choice(4, size=(200, 50), p=[0.4, 0.1, 0.1, 0.4]).astype(np.uint8)
    features = composition(records.ravel(), np.arange(200) * 50, np.full(200, 50))
    reference = novelty_reference(features, features, 0.05)
    found = random_backgrounds(make_spec(novelty=reference), 300, rng())
    assert found.codes.shape == (300, 50)
    shares = composition(found.codes.ravel(), np.arange(300) * 50, np.full(300, 50)).mean(axis=0)
    assert np.abs(shares - features.mean(axis=0)).max() < 0.02
    assert len({to_letters(row) for row in found.codes}) == 300


def test_a_bundle_without_a_composition_has_even_backgrounds_and_without_a_length_none():
    spec = make_spec(lengths={"policy": "trim", "length": 80})
    counts = np.bincount(random_backgrounds(spec, 100, rng()).codes.ravel(), minlength=4)
    assert (np.abs(counts - 2000) < 250).all()
    with pytest.raises(ConfigError, match="input=FILE"):
        random_backgrounds(make_spec(), 10, rng())


def test_variants_are_scored_in_their_order_many_at_once():
    calls = []

    def score(codes, lengths):
        calls.append(len(codes))
        return codes[:, 0] + 0.1 * lengths

    sequences = pad_sequences(["a", "b"], [np.array([1, 2], np.uint8), np.array([3], np.uint8)])
    variants = [sequences.codes, np.zeros((2, 2), np.uint8), sequences.codes]
    told = []
    found = scores_of(score, iter(variants), sequences.lengths, told.append)
    np.testing.assert_allclose(found, [[1.2, 3.1], [0.2, 0.1], [1.2, 3.1]])
    assert (calls, told) == ([6], [6])


@pytest.mark.parametrize(
    ("text", "what"),
    [("ACXT", "letter 'X' at position 3"), ("", "got nothing"), ("NACG", "leave it out at the ends")],
)
def test_a_motif_that_is_none_is_told(text, what):
    with pytest.raises(ConfigError, match=f"motif.*{what}"):
        motif_codes("motif", text)
    assert to_letters(motif_codes("motif", "tgaNrca")) == "TGANRCA"
