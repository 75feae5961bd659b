"""Networks that are slower with several threads, wherever other programs run, have one."""

import pytest
import torch
from torch import nn

from dnaseq.training.trainer import threads_for

CPU = torch.device("cpu")


@pytest.fixture
def four_threads(monkeypatch):
    """torch with four threads, unless it is told another number."""
    threads = [4]
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads[-1])
    monkeypatch.setattr(torch, "set_num_threads", threads.append)
    monkeypatch.delenv("OMP_NUM_THREADS")


@pytest.mark.parametrize(
    ("net", "batch_size", "threads"),
    [
        (nn.Sequential(nn.LSTM(4, 64)), 128, 1),
        (nn.Sequential(nn.LSTM(4, 64)), 129, 4),
        (nn.Sequential(nn.GRU(4, 32), nn.GRU(32, 256)), 32, 1),
        (nn.Sequential(nn.GRU(4, 32), nn.GRU(32, 256)), 64, 4),
        (nn.Sequential(nn.Conv1d(4, 64, 9)), 16, 4),
    ],
)
def test_small_recurrent_layers_have_one_thread(net, batch_size, threads, four_threads):
    with threads_for(net, batch_size, CPU):
        assert torch.get_num_threads() == threads
    assert torch.get_num_threads() == 4


def test_the_number_comes_back_after_an_error(four_threads):
    with pytest.raises(KeyboardInterrupt), threads_for(nn.RNN(4, 8), 8, CPU):
        raise KeyboardInterrupt
    assert torch.get_num_threads() == 4


def test_a_number_that_the_user_sets_stays(four_threads, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    with threads_for(nn.RNN(4, 8), 8, CPU):
        assert torch.get_num_threads() == 4


def test_threads_stay_where_a_gpu_trains(four_threads):
    with threads_for(nn.RNN(4, 8), 8, torch.device("cuda")):
        assert torch.get_num_threads() == 4
