import numpy as np
import pytest
import torch

from dnaseq.data.records.hashing import strand_hashes
from dnaseq.data.records.lengths import LengthPolicy
from dnaseq.data.records.store import open_store
from dnaseq.data.records.store_writer import LabelledBlock, StoreWriter
from dnaseq.data.splits.leaks import Leak, find_leaks, rows_to_drop, strands
from dnaseq.data.splits.splits import ALL
from dnaseq.encode.alphabet import to_codes, to_letters
from dnaseq.encode.revcomp import reverse_complement
from dnaseq.errors import InputError
from dnaseq.io.sequences.reading import Block


def other_strand(letters: str) -> str:
    codes = torch.from_numpy(to_codes(letters))[None]
    return to_letters(reverse_complement(codes, torch.tensor([len(letters)]))[0].numpy())


@pytest.fixture
def store_of(tmp_path):
    def make(*sequences: str):
        codes = [to_codes(s) for s in sequences]
        offsets = np.concatenate([[0], np.cumsum([len(c) for c in codes])])
        headers = [f"r{i}".encode() for i in range(len(codes))]
        writer = StoreWriter(tmp_path)
        lines = np.arange(len(codes))
        block = Block("x.fa", headers, np.concatenate(codes), offsets, lines, {})
        writer.append(LabelledBlock(block, ["a"] * len(codes)), "train")
        writer.finish("key")
        return open_store(tmp_path)

    return make


def whole(store):
    return LengthPolicy().windows(store.lengths)


def in_parts(*names: str) -> np.ndarray:
    return np.array([ALL.index(name) for name in names], dtype=np.int8)


def hashes(store):
    return strand_hashes(store, whole(store))


def groups(store, stranded):
    return strands(store, whole(store), stranded).group


A, B, C = "ACGTTGCAAC", "GGGTTTAAACAC", "TTTTTTTTTTAC"


def test_the_hash_of_the_other_strand_is_the_hash_of_the_reverse_complement(store_of):
    forward, backward = hashes(store_of(A, other_strand(A), B))
    assert backward[0] == forward[1]
    assert backward[1] == forward[0]
    assert len({*forward.tolist()}) == 3


def test_padding_is_not_part_of_a_hash(store_of):
    forward, _ = hashes(store_of(A, A + "A", A + "AA"))
    assert len(set(forward.tolist())) == 3


def test_copies_and_reverse_complements_share_a_group(store_of):
    group = groups(store_of(A, B, A, other_strand(B), C), stranded=False)
    assert group[0] == group[2]
    assert group[1] == group[3]
    assert len(set(group.tolist())) == 3


def test_of_stranded_data_the_other_strand_is_another_sequence(store_of):
    group = groups(store_of(A, other_strand(A)), stranded=True)
    assert group[0] != group[1]


def test_each_kind_of_leak_is_found_and_named(store_of):
    store = store_of(A, B, C, A, other_strand(B))
    split = in_parts("train", "val", "train", "test", "test")
    found = {
        (k.row, k.part, k.kind, k.held_out_row)
        for k in find_leaks(store, strands(store, whole(store), False), split, False)
    }
    assert found == {(0, "train", "exact", 3), (1, "val", "reverse_complement", 4)}


def test_a_copy_within_one_part_is_no_leak(store_of):
    store = store_of(A, A, B)
    assert (
        find_leaks(store, strands(store, whole(store), False), in_parts("train", "train", "test"), False)
        == []
    )


def test_only_the_training_side_is_dropped(store_of):
    store = store_of(A, A)
    leaks = find_leaks(store, strands(store, whole(store), False), in_parts("train", "test"), False)
    assert rows_to_drop(leaks, "drop", 1).tolist() == [0]
    assert rows_to_drop(leaks, "keep", 1).tolist() == []


def test_fail_refuses_a_data_set_with_leaks(store_of):
    store = store_of(A, A)
    leaks = find_leaks(store, strands(store, whole(store), False), in_parts("train", "test"), False)
    with pytest.raises(InputError, match="1 training records are copies or near-duplicates of test records"):
        rows_to_drop(leaks, "fail", 9)


@pytest.mark.parametrize(
    ("handling", "n_train", "warned"), [("auto", 20, 0), ("auto", 10, 1), ("drop", 3, 1)]
)
def test_more_than_a_tenth_of_the_training_part_is_said(caplog, handling, n_train, warned):
    leaks = [Leak(row, "train", "near", 9, "test") for row in (0, 0, 1)]
    assert rows_to_drop(leaks, handling, n_train).tolist() == [0, 1]
    assert len(caplog.messages) == warned
    assert f"2 of {n_train} training records" in "".join(caplog.messages) or not warned


def test_more_than_half_of_the_training_part_is_dropped_only_on_request():
    leaks = [Leak(row, "train", "near", 9, "test") for row in (0, 1)]
    with pytest.raises(
        InputError, match=r"2 of 3 training records \(67%\).*leaks=drop.*leaks=keep.*split=grouped"
    ):
        rows_to_drop(leaks, "auto", 3)


def test_what_is_compared_is_what_the_model_sees(store_of):
    store = store_of("AAAA" + A + "CCCC", "GGTT" + A + "TGTG", C)
    split = in_parts("train", "test", "test")
    middles = LengthPolicy("trim", 10).windows(store.lengths)
    assert find_leaks(store, strands(store, whole(store), False), split, False) == []
    assert [k.held_out_row for k in find_leaks(store, strands(store, middles, False), split, False)] == [1]


def test_a_record_that_leaks_into_two_parts_counts_once(store_of):
    store = store_of(A, A, A)
    leaks = find_leaks(store, strands(store, whole(store), False), in_parts("train", "val", "test"), False)
    assert len(leaks) == 3
    assert rows_to_drop(leaks, "drop", 9).tolist() == [0, 1]
    with pytest.raises(InputError, match="2 training records"):
        rows_to_drop(leaks, "fail", 9)
