from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dnaseq.data.records.batching import (
    Places,
    check_resident,
    gather,
    gather_on_device,
    is_resident,
    on_device,
    padded_lengths,
)
from dnaseq.errors import ConfigError


@given(st.lists(st.integers(1, 30), min_size=1, max_size=8), st.integers(0, 9))
def test_what_is_gathered_on_the_device_is_what_is_gathered_from_the_store(lengths, seed):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 16, sum(lengths), dtype=np.uint8)
    starts, lengths = np.cumsum([0, *lengths[:-1]]), np.array(lengths)
    chosen = rng.permutation(len(starts))
    starts, lengths = starts[chosen], lengths[chosen]
    places = Places(torch.from_numpy(starts), padded_lengths(lengths), int(lengths.max()))
    found = gather_on_device(on_device(codes, torch.device("cpu")), places)
    assert found.dtype == torch.uint8
    assert found.tolist() == gather(codes, starts, lengths).tolist()


def test_codes_go_to_a_gpu_that_has_four_times_their_room(monkeypatch):
    monkeypatch.setattr("torch.cuda.mem_get_info", lambda device: (400, 1000))
    gpu, cpu = torch.device("cuda"), torch.device("cpu")
    fits, too_large = (SimpleNamespace(codes=np.zeros(n, dtype=np.uint8)) for n in (100, 101))
    assert is_resident("auto", fits, gpu)
    assert not is_resident("auto", too_large, gpu)
    assert not is_resident("auto", fits, cpu)
    assert is_resident(True, fits, cpu)
    assert not is_resident(False, fits, gpu)


def test_another_word_than_auto_is_refused():
    with pytest.raises(ConfigError, match="device_resident must be auto, true or false; got 'yes'"):
        check_resident("yes")
