"""Prediction on this machine: by this process, or by several that each have a predictor of their own."""

import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import count
from multiprocessing import active_children, get_context
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any, TypeVar

import torch

from dnaseq.bundle.predictor import Predictor
from dnaseq.distributed.processes import find_places, settle, visible_gpus
from dnaseq.distributed.work import Answered, Work
from dnaseq.errors import ConfigError, FileAccessError
from dnaseq.io.results.parts import Part
from dnaseq.io.results.rows import Rows
from dnaseq.io.sequences.reading import Block, read_blocks

Answer = TypeVar("Answer")  # the result of finish(), which is sent from process to process

AHEAD = 2  # blocks for each process at any time: the current one and the next
MUCH = 32 << 20  # least bytes of files for which several processes are worth their start of some seconds
LIMIT = 256  # most processes
MOST = 8  # most processes on the CPU with "auto": each takes half a gigabyte


class LocalEngine:
    """The engine engine=local. `workers` is the number of processes beside this one, or "auto", see worker_count()."""

    def __init__(self, workers: int | str):
        self.workers = workers

    def own_device(self, device: str, sources: Sequence[str]) -> str:
        return "cpu" if worker_count(self.workers, device, sources) else device

    def depends_on(self, work: Work) -> dict[str, object]:
        workers = self._count(work)
        device = work.options["device"] if workers else work.predictor.device.type
        place = find_places(max(workers, 1), device != "cpu")[0]
        if place.gpu is not None:
            return {"engine": "local", "device": "cuda"}
        return {"engine": "local", "device": "cpu", "threads": place.threads}

    def shards(self, work: Work) -> Sequence[list[str]]:
        """Return all files as one shard: the end of a piece does not depend on the end of a file."""
        return [work.sources]

    def parts(
        self, work: Work, shards: Sequence[list[str]], there: list[tuple[set[int], bool]]
    ) -> Generator[Part, None, None]:
        """Yield a part for every piece, and a last one without rows, since the last piece is known only after it."""
        known, _ = there[0]
        pieces = work.predictor.pieces(read_blocks(shards[0], work.reading), work.reading.bad_records)
        missing = (piece for i, piece in enumerate(pieces) if i not in known)
        numbers = (i for i in count() if i not in known)
        for answer, number in zip(self._predict(work, missing), numbers):  # noqa: B905 (there is no last number)
            yield Part(0, number, False, [answer])
        yield Part(0, next(numbers), True, [])

    def _predict(self, work: Work, pieces: Iterator[Block]) -> Iterator[Answered]:
        if n := self._count(work):
            return predict_in_processes(n, work.bundle, work.options, pieces, work.finish)
        return (work.finish(work.predictor.answer(piece)) for piece in pieces)

    def _count(self, work: Work) -> int:
        return worker_count(self.workers, work.options["device"], work.sources)


def worker_count(wanted: int | str, device: str, sources: Sequence[str]) -> int:
    """Choose the number of processes beside this one for the records of these files; 0 is this one alone.

    "auto" is 0 for little data and for a pipe, else one a GPU, or one a processor: on the CPU that is faster than as
    many threads in one process (1.5 times with a BiLSTM on two processors).
    """
    if wanted != "auto":
        if type(wanted) is not int or not 0 <= wanted <= LIMIT:
            why = "each is a process that takes half a gigabyte of memory"
            raise ConfigError(
                f"workers must be auto or a whole number from 0 to {LIMIT} ({why}); got {wanted!r}"
            )
        return wanted
    if sum(os.path.getsize(source) for source in sources if os.path.isfile(source)) < MUCH:
        return 0
    gpus = visible_gpus() if device != "cpu" else []
    return len(gpus) or min(torch.get_num_threads(), MOST)


def predict_in_processes(
    workers: int, bundle: str | Path, options: dict, pieces: Iterable[Block], finish: Callable[[Rows], Answer]
) -> Iterator[Answer]:
    """Yield finish(rows) of every one of Predictor.pieces(), in order, predicted by `workers` processes.

    `options` are those of Predictor. The processes share the GPUs in turn; on the CPU each has an equal share of the
    threads. This process only reads ahead and waits. Raises the error of a process, and FileAccessError where one is
    killed.
    """
    context = get_context("spawn")  # threads and CUDA do not survive a fork
    places = context.Queue()
    for place in find_places(workers, options["device"] != "cpu"):
        places.put(place)
    begin = (places, str(bundle), options, finish)
    others = active_children()
    pool = ProcessPoolExecutor(workers, context, _begin, begin)
    waiting: deque[Future[Answer]] = deque()
    try:
        for piece in pieces:
            waiting.append(pool.submit(_answer, piece))
            if len(waiting) >= AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        what = "a prediction process was killed, perhaps for lack of memory"
        raise FileAccessError(f"{what}. Try fewer workers or a smaller batch_size") from error
    finally:
        if waiting:  # an error, or the caller has stopped
            for process in set(active_children()) - set(others):
                process.terminate()
        pool.shutdown(cancel_futures=True)


_own: tuple[Predictor, Callable[[Rows], Any]]  # the predictor of a process in the pool, and its finish()


def _begin(places: Queue, bundle: str, options: dict, finish: Callable[[Rows], Answer]) -> None:
    """Set up a process before its first block."""
    global _own
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process gets it as well, and ends the others
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    place = places.get()
    settle(place)
    _own = Predictor.load(bundle, **options | {"device": place.device}), finish


def _answer(piece: Block) -> Any:
    predictor, finish = _own
    return finish(predictor.answer(piece))
