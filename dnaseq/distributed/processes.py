"""Processes that work side by side on this machine, each at a place of its own, and their supervision."""

import logging
import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from queue import SimpleQueue
from threading import Thread
from typing import Any, NamedTuple, TypeVar

import torch

from dnaseq.errors import TERMINATED, DnaseqError, FileAccessError
from dnaseq.training.allocator import keep_freed_memory

AHEAD = 2  # items for each process at any time: the current one and the next
MOST_DEATHS = 5  # processes that are killed one after the other without any progress
FAILURES = (DnaseqError, OSError, MemoryError, RuntimeError)  # errors that go to the parent process
Item = TypeVar("Item")
Answer = TypeVar("Answer")
logger = logging.getLogger("dnaseq")


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


def answer_in_processes(
    places: Sequence[Place],
    begin: Callable[[Place], Callable[[Item], Answer]],
    items: Iterable[Item],
    advice: str,
    progress: Callable[[], int] = lambda: 0,
) -> Iterator[Answer]:
    """Yield the answer to every item, in order, by a process at every place, where begin(place) gives what answers.

    A process that is killed is replaced, and its items are answered anew; an error in one of them ends all. Raises
    that error, SystemExit(1) for a bug, whose traceback is on stderr, and FileAccessError with `advice` where
    processes are killed again and again without an answer or `progress`.
    """
    workers: list[Worker] = []
    answers: dict[int, Answer] = {}  # by the numbers of their items
    numbered, given, due, deaths, before = enumerate(items), 0, 0, 0, progress()
    try:
        workers += (Worker(place, begin) for place in places)
        while True:
            while given - due < AHEAD * len(workers) and (item := next(numbered, None)):
                min(workers, key=lambda worker: len(worker.unanswered)).give(*item)
                given += 1
            busy = {worker.connection: worker for worker in workers if worker.unanswered}
            if not busy:
                return
            for worker in (busy[ready] for ready in wait(list(busy)) if isinstance(ready, Connection)):
                try:
                    number, answer = worker.receive()
                except (EOFError, ConnectionResetError):
                    now = due + len(answers) + progress()
                    deaths, before = (1 if now > before else deaths + 1), now
                    if deaths >= MOST_DEATHS:
                        raise FileAccessError(
                            f"the processes are killed, perhaps for lack of memory. {advice}"
                        ) from None
                    workers[workers.index(worker)] = worker.replaced(begin)
                else:
                    answers[number] = answer
            while due in answers:
                yield answers.pop(due)
                due += 1
    finally:
        for worker in workers:
            worker.process.terminate()
        for worker in workers:
            worker.process.join()


class Worker:
    """A process at a place, and the items that it has been given and has not answered, by their number."""

    def __init__(self, place: Place, begin: Callable):
        context = multiprocessing.get_context("spawn")  # threads and CUDA do not survive a fork
        self.place, self.unanswered = place, dict[int, Any]()
        self.connection, other = context.Pipe()
        self.process = context.Process(target=_serve, args=(place, begin, other))
        self.process.start()
        other.close()

    def give(self, number: int, item: object) -> None:
        """Send an item. It is noticed on receiving that the process was killed."""
        self.unanswered[number] = item
        with suppress(BrokenPipeError, ConnectionResetError):
            self.connection.send((number, item))

    def receive(self) -> tuple[int, Any]:
        """Return the number of an item and its answer. Raises the error of the process, EOFError where it is gone."""
        number, answer = self.connection.recv()
        if number is None:
            raise answer
        del self.unanswered[number]
        return number, answer

    def replaced(self, begin: Callable) -> "Worker":
        """Return another worker for the same items. Raises SystemExit(1) where the process was not killed."""
        self.process.join()
        code = self.process.exitcode or 0
        if code >= 0:
            raise SystemExit(1)
        logger.warning("a process was killed (signal %d); another one replaces it", -code)
        other = Worker(self.place, begin)
        for number, item in self.unanswered.items():
            other.give(number, item)
        return other


def _serve(place: Place, begin: Callable, connection: Connection) -> None:
    """Answer items, one after the other, until this process is ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent process gets it as well, and ends the others
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    items: SimpleQueue = SimpleQueue()
    Thread(target=_receive, args=(connection, items), daemon=True).start()
    keep_freed_memory()
    torch.set_num_threads(place.threads)
    try:
        answer = begin(place)
        while True:
            number, item = items.get()
            connection.send((number, answer(item)))
    except FAILURES as error:
        error.add_note("".join(traceback.format_exception(error)))
        connection.send((None, error))


def _receive(connection: Connection, items: SimpleQueue) -> None:
    """Take items as soon as they come; end the process, whatever it does, when its parent process ends."""
    with suppress(EOFError, ConnectionResetError):
        while True:
            items.put(connection.recv())
    os._exit(TERMINATED)
