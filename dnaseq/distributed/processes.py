"""Processes that work side by side on this machine: the device and the threads of each, and its end with its parent."""

import os
from multiprocessing import parent_process
from threading import Thread
from typing import NamedTuple

import torch

from dnaseq.errors import TERMINATED
from dnaseq.training.allocator import keep_freed_memory


class Place(NamedTuple):
    """The part of this machine that one process computes on."""

    device: str  # as torch calls it in the parent process: cpu, cuda:1
    gpu: str | None  # as CUDA_VISIBLE_DEVICES calls it; None on the CPU
    threads: int


def find_places(count: int, on_gpus: bool) -> list[Place]:
    """Return a place for each of `count` processes: the GPUs in turn, if there are any, and equal shares of threads."""
    gpus = visible_gpus() if on_gpus else []
    threads = max(torch.get_num_threads() // max(count, 1), 1)
    if not gpus:
        return [Place("cpu", None, threads)] * count
    return [Place(f"cuda:{i % len(gpus)}", gpus[i % len(gpus)], threads) for i in range(count)]


def visible_gpus() -> list[str]:
    """Return the names in CUDA_VISIBLE_DEVICES of the GPUs that this process may use."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    count = torch.cuda.device_count()
    return [str(i) for i in range(count)] if named is None else named.split(",")[:count]


def settle(place: Place) -> None:
    """Set up this process, which was spawned: its threads, its memory, and its end when its parent ends."""
    Thread(
        target=_wait_and_end, daemon=True
    ).start()  # else it would wait for work, or go on with it, for ever
    keep_freed_memory()
    torch.set_num_threads(place.threads)


def _wait_and_end() -> None:
    parent = parent_process()
    assert parent is not None  # this process was spawned
    parent.join()
    os._exit(TERMINATED)
