"""Prediction on this machine: by this process, or by several that each have a predictor of their own."""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import count
from multiprocessing import active_children, get_context
from multiprocessing.queues import Queue
from pathlib import Path
from typing import TypeVar

import torch

from dnaseq.bundle.predictor import Predictor
from dnaseq.distributed.parent import end_with_parent
from dnaseq.distributed.work import Answered, Work
from dnaseq.errors import ConfigError, FileAccessError
from dnaseq.io.results.parts import Part
from dnaseq.io.results.rows import Rows
from dnaseq.io.sequences.reading import Block, read_blocks
from dnaseq.training.allocator import keep_freed_memory

Answer = TypeVar("Answer")  # what finish() gives; it has to survive the way between processes

AHEAD = 2  # blocks for each process at any time: the one that it works on, and the next
MUCH = 32 << 20  # bytes of files from which on several processes are worth their start of some seconds
LIMIT = 256  # processes that can be asked for
MOST = 8  # processes on the CPU, if it is not said how many: each takes half a gigabyte


class LocalEngine:
    """engine=local. `workers` is how many processes there are beside this one, or "auto", see worker_count()."""

    def __init__(self, workers: int | str):
        self.workers = workers

    def own_device(self, device: str, sources: Sequence[str]) -> str:
        return "cpu" if worker_count(self.workers, device, sources) else device

    def depends_on(self, work: Work) -> dict[str, object]:
        workers = self._count(work)
        on_gpus = _gpus(work.options["device"]) if workers else work.predictor.device.type == "cuda"
        threads = {} if on_gpus else {"threads": _threads(workers)}
        return {"engine": "local", "device": "cuda" if on_gpus else "cpu"} | threads

    def shards(self, work: Work) -> Sequence[list[str]]:
        """All files together: where a piece ends does not depend on where a file does."""
        return [work.sources]

    def parts(
        self, work: Work, shards: Sequence[list[str]], there: list[tuple[set[int], bool]]
    ) -> Iterator[Part]:
        """A part for every piece, and a last one of no rows, since it shows only later which piece is the last."""
        known, _ = there[0]
        pieces = work.predictor.pieces(read_blocks(shards[0], work.reading), work.reading.bad_records)
        missing = (piece for i, piece in enumerate(pieces) if i not in known)
        numbers = (i for i in count() if i not in known)
        for answer, number in zip(self._answered(work, missing), numbers):  # noqa: B905 (there is no last number)
            yield Part(0, number, False, [answer])
        yield Part(0, next(numbers), True, [])

    def _answered(self, work: Work, pieces: Iterator[Block]) -> Iterator[Answered]:
        if n := self._count(work):
            return answered_by(n, work.bundle, work.options, pieces, work.finish)
        return (work.finish(work.predictor.answer(piece)) for piece in pieces)

    def _count(self, work: Work) -> int:
        return worker_count(self.workers, work.options["device"], work.sources)


def worker_count(wanted: int | str, device: str, sources: Sequence[str]) -> int:
    """How many processes beside this one shall answer the records of these files; 0 is this one alone.

    "auto" is 0 for little data and for a pipe, else one a GPU, or one a processor: on the CPU that is faster than as
    many threads in one process (1.5 times with a BiLSTM on two processors).
    """
    if wanted != "auto" and (type(wanted) is not int or not 0 <= wanted <= LIMIT):
        why = "each is a process that takes half a gigabyte of memory"
        raise ConfigError(f"workers must be auto or a whole number from 0 to {LIMIT} ({why}); got {wanted!r}")
    if wanted != "auto":
        return wanted
    if sum(os.path.getsize(source) for source in sources if os.path.isfile(source)) < MUCH:
        return 0
    return _gpus(device) or min(torch.get_num_threads(), MOST)


def _gpus(device: str) -> int:
    return torch.cuda.device_count() if device != "cpu" else 0


def _threads(workers: int) -> int:
    """Of each process that answers on the CPU."""
    return max(torch.get_num_threads() // max(workers, 1), 1)


def answered_by(
    workers: int, bundle: str | Path, options: dict, pieces: Iterable[Block], finish: Callable[[Rows], Answer]
) -> Iterator[Answer]:
    """finish(rows) of every one of Predictor.pieces(), in order, as `workers` processes answer them.

    `options` are those of Predictor. The GPUs, if there are any for it, are dealt to the processes in turn; on the
    CPU each has an equal share of the threads. This process only reads ahead and waits. Raises what a process
    raises, and FileAccessError where one is killed.
    """
    context = get_context("spawn")  # threads and CUDA do not survive a fork
    places = context.Queue()
    gpus = _gpus(options["device"])
    for place in range(workers):
        places.put(f"cuda:{place % gpus}" if gpus else "cpu")
    begin = (places, _threads(workers), str(bundle), options, finish)
    others = active_children()
    pool = ProcessPoolExecutor(workers, context, _begin, begin)
    waiting = deque()
    try:
        for piece in pieces:
            waiting.append(pool.submit(_answer, piece))
            if len(waiting) >= AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        what = "a process that answers records was killed, perhaps for want of memory"
        raise FileAccessError(f"{what}. Try fewer workers or a smaller batch_size") from error
    finally:
        if waiting:  # an error, or nobody wants the rest
            for process in set(active_children()) - set(others):
                process.terminate()
        pool.shutdown(cancel_futures=True)


def _begin(places: Queue, threads: int, bundle: str, options: dict, finish: Callable[[Rows], Answer]) -> None:
    """What a process does before its first block."""
    global own
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process has it as well, and ends the others
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_with_parent()
    keep_freed_memory()
    torch.set_num_threads(threads)
    own = Predictor.load(bundle, **options | {"device": places.get()}), finish


def _answer(piece: Block) -> Answer:
    predictor, finish = own
    return finish(predictor.answer(piece))
