"""Prediction on this machine: by this process, or by several that each have a predictor of their own."""

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import TypeVar

import torch

from dnaseq.bundle.predictor import Predictor
from dnaseq.distributed.processes import Place, answer_in_processes, find_places, visible_gpus
from dnaseq.distributed.work import Answered, Work
from dnaseq.errors import ConfigError
from dnaseq.io.results.parts import Part
from dnaseq.io.results.rows import Rows
from dnaseq.io.sequences.reading import Block, read_blocks

Answer = TypeVar("Answer")  # the result of finish(), which is sent from process to process

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
        return (work.finish(work.predictor.predict_piece(piece)) for piece in pieces)

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
    threads. This process only reads ahead and waits. Raises the error of a process.
    """
    places = find_places(workers, options["device"] != "cpu")
    begin = partial(_begin, str(bundle), options, finish)
    return answer_in_processes(places, begin, pieces, "Try fewer workers or a smaller batch_size")


def _begin(
    bundle: str, options: dict, finish: Callable[[Rows], Answer], place: Place
) -> Callable[[Block], Answer]:
    """Load the predictor of a process."""
    predictor = Predictor.load(bundle, **options | {"device": place.device})
    return lambda piece: finish(predictor.predict_piece(piece))
