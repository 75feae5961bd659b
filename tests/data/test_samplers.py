import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnaseq.data.samplers import (
    BlockBatches,
    ShuffledBatches,
    balanced_order,
    check_sampling,
    choose_shuffle,
    shared_batches,
)
from dnaseq.errors import ConfigError


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60), st.integers(0, 150), st.integers(0, 9))
def test_every_class_is_drawn_alike_and_no_member_twice_before_all_are_drawn(y, n, seed):
    y = np.array(y)
    order = balanced_order(y, n, np.random.default_rng(seed))
    assert len(order) == n
    drawn = np.bincount(order, minlength=len(y))
    of_class = np.array([drawn[y == c].sum() for c in np.unique(y)])
    assert of_class.max() - of_class.min() <= 1
    for c in np.unique(y):
        assert np.ptp(drawn[y == c]) <= 1


def test_the_order_is_that_of_the_random_numbers():
    y = np.array([0] * 90 + [1] * 10)
    orders = [balanced_order(y, 100, np.random.default_rng(seed)).tolist() for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]
    assert len(set(y[orders[0]][:20].tolist())) == 2  # shuffled, not class by class


def test_of_nothing_nothing_can_be_drawn():
    with pytest.raises(ValueError, match="nothing to draw from"):
        balanced_order(np.array([]), 3, np.random.default_rng(0))


def test_the_order_depends_on_seed_and_epoch_alone():
    batches = ShuffledBatches(20, 6, seed=1)
    first = [(b.windows.tolist(), b.seed) for b in batches]
    assert first == [(b.windows.tolist(), b.seed) for b in ShuffledBatches(20, 6, seed=1)]
    batches.set_epoch(1)
    second = [(b.windows.tolist(), b.seed) for b in batches]
    assert [len(windows) for windows, _ in first] == [6, 6, 6, 2]
    assert first[0][0] != second[0][0]
    assert len({seed for _, seed in first + second}) == 8


def test_processes_share_an_epoch_in_equal_parts(monkeypatch):
    shares = []
    for rank in range(3):
        monkeypatch.setattr("dnaseq.data.samplers.rank_and_size", lambda rank=rank: (rank, 3))
        shares.append(np.concatenate([batch.windows for batch in ShuffledBatches(20, 6, seed=1)]))
    assert [len(share) for share in shares] == [7, 7, 7]
    assert set(np.concatenate(shares).tolist()) == set(range(20))


def shares_of(batches, monkeypatch, ranks: int) -> list[np.ndarray]:
    """The windows of an epoch that each process sees, in order."""
    shares = []
    for rank in range(ranks):
        monkeypatch.setattr("dnaseq.data.samplers.rank_and_size", lambda rank=rank: (rank, ranks))
        drawn = [batch.windows for batch in batches]
        assert len(drawn) == len(batches)
        assert {len(windows) for windows in drawn[:-1]} <= {batches.batch_size}
        shares.append(np.concatenate(drawn))
    return shares


@pytest.mark.parametrize(("n", "ranks"), [(1, 1), (1, 3), (10, 3), (100, 1), (1000, 2), (1003, 4), (4096, 3)])
def test_in_blocks_every_window_is_seen_once_by_all_processes_together(monkeypatch, n, ranks):
    batches = BlockBatches(n, 7, seed=1, mean_length=200)
    batches.block = 16
    shares = shares_of(batches, monkeypatch, ranks)
    assert {len(share) for share in shares} == {-(-n // ranks)}
    times = np.bincount(np.concatenate(shares), minlength=n)
    assert times.min() >= 1
    assert times.sum() - n == -n % ranks  # repeated, so that all take as many steps


def test_in_blocks_the_order_depends_on_seed_and_epoch_alone():
    orders = []
    for seed, epoch in ((1, 0), (1, 0), (1, 1), (2, 0)):
        batches = BlockBatches(500, 8, seed, mean_length=1 << 16)
        batches.set_epoch(epoch)
        orders.append(np.concatenate([batch.windows for batch in batches]).tolist())
    assert orders[0] == orders[1]
    assert orders[0] != orders[2] != orders[3]


def test_neighbours_of_a_file_end_up_a_third_of_64_blocks_apart(monkeypatch):
    n = 128 * 4096
    batches = BlockBatches(n, 256, seed=1, mean_length=200)
    (order,) = shares_of(batches, monkeypatch, 1)
    place_of = np.empty(n, dtype=np.int64)
    place_of[order] = np.arange(n)
    apart = np.abs(np.diff(place_of))
    assert 80_000 < apart.mean() < 95_000
    assert (apart < 1000).mean() < 0.02  # of a full shuffle 0.003


def test_a_process_reads_its_own_blocks(monkeypatch):
    batches = BlockBatches(64 * 4096, 256, seed=1, mean_length=200)
    blocks = [set((share // 4096).tolist()) for share in shares_of(batches, monkeypatch, 4)]
    assert [len(own) for own in blocks] == [16] * 4
    assert len(set().union(*blocks)) == 64


def test_a_block_of_long_windows_is_no_more_than_a_mebibyte():
    assert BlockBatches(10, 2, 1, mean_length=200).block == 4096
    assert BlockBatches(10, 2, 1, mean_length=1 << 17).block == 8
    assert BlockBatches(10, 2, 1, mean_length=1 << 22).block == 1


def test_blocks_are_chosen_for_data_larger_than_half_of_the_memory():
    assert choose_shuffle(1000, "none") == "full"
    assert choose_shuffle(1 << 60, "none") == "blocks"
    assert choose_shuffle(1 << 60, "balanced") == "full"


@pytest.mark.parametrize(
    ("sampler", "shuffle", "told"),
    [
        ("some", "full", "sampler must be"),
        ("none", "no", "shuffle must be"),
        ("balanced", "blocks", "Use shuffle=full"),
    ],
)
def test_a_sampling_that_there_is_not_is_refused(sampler, shuffle, told):
    with pytest.raises(ConfigError, match=told):
        check_sampling(sampler, shuffle)


@given(st.integers(0, 50), st.integers(1, 9), st.integers(1, 8))
def test_validation_is_shared_out_without_repeats_in_as_many_batches(n, batch_size, ranks):
    shares = [shared_batches(n, batch_size, rank, ranks) for rank in range(ranks)]
    assert len({len(batches) for batches in shares}) == 1
    counted = [batch.windows for batches in shares for batch in batches if batch.counted]
    assert sorted(np.concatenate([np.empty(0, int), *counted]).tolist()) == list(range(n))
    assert all(1 <= len(batch.windows) <= batch_size for batches in shares for batch in batches)
