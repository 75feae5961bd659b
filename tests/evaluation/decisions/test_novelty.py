from collections import Counter

import numpy as np
import pytest

from dnaseq.encode import counting
from dnaseq.evaluation.decisions.novelty import N_FEATURES, Novelty, NoveltyReference, composition


def features(*sequences: str, **options) -> np.ndarray:
    codes = [["ACGTN-R".index(letter) for letter in s] for s in sequences]
    lengths = np.array([len(s) for s in sequences])
    return composition(
        np.array([code for each in codes for code in each], dtype=np.uint8),
        np.cumsum(lengths) - lengths,
        lengths,
        **options,
    )


def described(whitening: np.ndarray, mean: np.ndarray, cut_off: float) -> Novelty:
    rows = [whitening[i, : i + 1].tolist() for i in range(N_FEATURES)]
    return Novelty(
        NoveltyReference(rate=0.1, cut_off=cut_off, n=9, n_train=9, mean=mean.tolist(), whitening=rows)
    )


def test_a_record_is_32_shares_and_the_logarithm_of_its_length():
    # AAAC: AAA (or TTT) and AAC (or GTT)
    (found,) = features("AAAC")
    assert sorted(found[:-1])[-3:] == [0, 0.5, 0.5]
    assert found[-1] == pytest.approx(np.log(4))


def test_both_strands_are_alike():
    forward, reverse = features("ACCGTTAGGN", "NCCTAACGGT")
    np.testing.assert_array_equal(forward, reverse)


def test_every_pair_has_a_column_of_its_own():
    kmers = [
        f"{a}{b}{c}" for a in "AC" for b in "ACGT" for c in "ACGT"
    ]  # one of each pair: A and C come before
    columns = features(*kmers)[:, :-1].argmax(axis=1)
    others = features(*(k[::-1].translate(str.maketrans("ACGT", "TGCA")) for k in kmers))[:, :-1].argmax(
        axis=1
    )
    assert (columns == others).all()
    all_kmers = [f"{a}{b}{c}" for a in "ACGT" for b in "ACGT" for c in "ACGT"]
    assert sorted(features(*all_kmers)[:, :-1].argmax(axis=1).tolist()) == sorted(list(range(32)) * 2)


@pytest.mark.parametrize("at_once", [5, 64, 1 << 16])
def test_counts_are_those_of_a_plain_loop_whatever_the_lengths(monkeypatch, at_once, random_sequence):
    monkeypatch.setattr(counting, "WINDOWS_AT_ONCE", at_once)
    sequences = [random_sequence(n, n, "ACGTNR") for n in (0, 1, 2, 3, 40, 0, 5, 2, 90, 1, 1)]
    for sequence, found in zip(sequences, features(*sequences), strict=True):
        kmers = [sequence[i : i + 3] for i in range(len(sequence) - 2)]
        pairs = Counter(
            min(k, k[::-1].translate(str.maketrans("ACGT", "TGCA"))) for k in kmers if set(k) <= set("ACGT")
        )
        expected = sorted(count / pairs.total() for count in pairs.values())
        assert sorted(found[:-1][found[:-1] > 0]) == pytest.approx(expected)


def test_a_record_does_not_count_what_lies_between_stretches():
    codes = np.array([3, 3, 0, 0, 0, 3, 3, 1, 1, 1, 3], dtype=np.uint8)
    found = composition(codes, np.array([2, 7]), np.array([3, 3]))
    np.testing.assert_array_equal(found, features("AAA", "CCC"))


def test_no_3_mer_is_no_share():
    assert (features("A", "", "NNNN", "ANNCA")[:, :-1] == 0).all()
    assert features("")[0, -1] == 0


def test_a_length_can_be_capped():
    assert features("ACGTACGT", longest=4)[0, -1] == pytest.approx(np.log(4))


def test_no_records_have_no_features():
    assert composition(np.zeros(0, np.uint8), np.zeros(0, int), np.zeros(0, int)).shape == (0, N_FEATURES)


def test_a_distance_is_that_of_mahalanobis():
    rng = np.random.default_rng(0)
    root = np.tril(rng.normal(size=(N_FEATURES, N_FEATURES)))
    mean, x = rng.normal(size=N_FEATURES), rng.normal(size=(5, N_FEATURES))
    inverse = root.T @ root  # of the covariance
    expected = [np.sqrt((row - mean) @ inverse @ (row - mean)) for row in x]
    cut_off = float(np.mean(expected))
    judge = described(root, mean, cut_off)
    np.testing.assert_allclose(judge.distances(x), expected)
    assert judge.is_novel(x).tolist() == [e > cut_off for e in expected]
