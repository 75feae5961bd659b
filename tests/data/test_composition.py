"""Counts by class, against counting letter by letter."""

from collections import Counter

import numpy as np
import pytest
from msgspec import to_builtins

from dnaseq.data import composition
from dnaseq.data.composition import (
    describe_records,
    gc_shares,
    kmer_contrasts,
    letter_counts,
    measure_composition,
    position_contrasts,
    spread,
)
from dnaseq.data.dataset import parse_source
from dnaseq.data.sources.files import Fasta
from dnaseq.encode.alphabet import LETTERS
from dnaseq.io.sequences.reading import Reading


@pytest.fixture
def stored(tmp_path):
    """stored(sequences, labels) -> store, y; labels are numbered in the order in which they come."""

    def make(sequences: list[str], labels: str):
        lines = [f">r{i} label={c}\n{s}\n" for i, (s, c) in enumerate(zip(sequences, labels, strict=True))]
        (tmp_path / "train.fa").write_text("".join(lines))
        store, _ = parse_source(Fasta(str(tmp_path / "train.fa")), Reading())
        return store, np.array(["xyz".index(c) for c in labels])

    return make


SOME = ["ACGTNACGR", "A", "GGGCCNNY", "TTTTTTAT", "CG"]


@pytest.mark.parametrize("at_once", [3, 250_000])
def test_letters_are_counted_record_by_record(stored, monkeypatch, at_once):
    monkeypatch.setattr(composition, "BASES_AT_ONCE", at_once)
    store, _ = stored(SOME, "xyxyx")
    rows = np.array([3, 0, 4])
    for counts, row in zip(letter_counts(store, rows), rows, strict=True):
        assert {LETTERS[c]: n for c, n in enumerate(counts) if n} == Counter(SOME[row])
    kinds = np.array([2, 0, 2, 1, 0])
    found = measure_composition(store, kinds.__getitem__, 4)
    for kind, counts in enumerate(found.letters):
        of_kind = [s for s, k in zip(SOME, kinds, strict=True) if k == kind]
        assert {LETTERS[c]: n for c, n in enumerate(counts) if n} == Counter("".join(of_kind))
    assert np.array_equal(found.gc, gc_shares(letter_counts(store, np.arange(5))))


def test_gc_is_a_share_of_the_unambiguous_bases(stored):
    store, _ = stored(["GCNN", "ATGC", "A"], "xyx")
    assert gc_shares(letter_counts(store, np.arange(3))).tolist() == [1, 0.5, 0]
    assert np.isnan(gc_shares(np.eye(1, 16, 4, dtype=np.int32)))[0]  # N alone


def test_a_class_in_a_part_is_described(stored):
    store, _ = stored(["GCNN", "AT"], "xy")
    found = measure_composition(store, lambda some: np.zeros(some.stop - some.start, dtype=int), 1)
    told = to_builtins(describe_records(store.lengths, found.gc, found.letters[0]))
    assert told["records"] == 2
    assert told["letters"] == {"A": 1, "C": 1, "G": 1, "T": 1, "N": 2}
    assert told["n_share"] == pytest.approx(1 / 3, abs=1e-6)
    assert (told["gc"]["mean"], told["gc"]["sd"]) == (0.5, 0.5)
    assert (told["lengths"]["min"], told["lengths"]["median"], told["lengths"]["max"]) == (2, 3, 4)


def test_the_spread_of_nothing_is_not_known():
    assert set(to_builtins(spread(np.array([np.nan]))).values()) == {None}


@pytest.mark.parametrize("at_once", [3, 250_000])
@pytest.mark.parametrize("k", [1, 2, 3])
def test_kmers_are_counted_by_class_and_never_across_records(stored, monkeypatch, k, at_once):
    monkeypatch.setattr(composition, "BASES_AT_ONCE", at_once)
    store, y = stored(SOME, "xyxyx")
    expected = np.zeros((2, 4**k), dtype=int)
    for sequence, c in zip(SOME, y, strict=True):
        for window in (sequence[i : i + k] for i in range(len(sequence) - k + 1)):
            if set(window) <= set("ACGT"):
                expected[c, int("".join(str("ACGT".index(base)) for base in window), 4)] += 1
    assert (composition._kmer_counts(store, y, 2, k) == expected).all()


def test_the_most_different_kmer_comes_first(stored):
    store, y = stored(["AAAAAAAA", "AAAACGCG", "AAAATAAA"], "xyx")
    told = to_builtins(kmer_contrasts(store, y, ("x", "y")))
    assert list(told) == ["1", "2", "3"]
    first = told["2"][0]
    assert (first["kmer"], first["class"]) == ("CG", "y")
    assert first["frequency"] == pytest.approx(
        3 / (7 + 16), abs=1e-5
    )  # two of seven, one added to each of 16
    assert first["elsewhere"] == pytest.approx(1 / (14 + 16), abs=1e-5)
    assert first["log2_ratio"] == pytest.approx(np.log2(3 / 23 * 30), abs=1e-3)


def test_of_three_classes_each_is_held_against_the_others(stored):
    store, y = stored(["AAAA", "CCCC", "GGGG"], "xyz")
    named = {(k.kmer, k.class_) for k in kmer_contrasts(store, y, ("x", "y", "z"))["1"][:3]}
    assert named == {("A", "x"), ("C", "y"), ("G", "z")}


@pytest.mark.parametrize("at_once", [5, 250_000])
def test_the_position_where_classes_differ_most_is_found(stored, monkeypatch, at_once):
    monkeypatch.setattr(composition, "BASES_AT_ONCE", at_once)
    store, y = stored(["ACGT", "ACTT", "ACGA", "ACTA"], "xyxy")
    told = to_builtins(position_contrasts(store, y, ("x", "y")))
    assert told["greatest"] == {"position": 3, "distance": 1.0, "classes": ["x", "y"]}
    assert told["shares"]["x"] == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0.5, 0, 0, 0.5]]


def test_positions_are_not_compared_where_lengths_differ(stored):
    store, y = stored(["ACGT", "ACG"], "xy")
    assert position_contrasts(store, y, ("x", "y")) is None
