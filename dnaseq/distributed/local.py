"""Prediction on this machine: by this process, or by several that each have a predictor of their own."""

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import partial
from itertools import count
from typing import Any

import torch

from dnaseq.bundle.predictor import Predictor
from dnaseq.distributed.processes import Place, answer_in_processes, find_places, visible_gpus
from dnaseq.distributed.work import Answered, Begin, Questions, Work
from dnaseq.errors import ConfigError
from dnaseq.io.results.parts import Part
from dnaseq.io.results.rows import Rows
from dnaseq.io.sequences.reading import Block, read_blocks

MUCH = 32 << 20  # least bytes of files for which several processes are worth their start of some seconds
LIMIT = 256  # most processes
MOST = 8  # most processes on the CPU with "auto": each takes half a gigabyte


class LocalEngine:
    """The engine engine=local. `workers` is the number of processes beside this one, or "auto", see worker_count()."""

    def __init__(self, workers: int | str):
        self.workers = workers

    def own_device(self, device: str, sources: Sequence[str]) -> str:
        return "cpu" if worker_count(self.workers, device, sources) else device

    def depends_on(self, work: Work | Questions) -> dict[str, object]:
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

    def answers(self, questions: Questions, items: Iterable) -> Iterator:
        """Yield the answer to each item, in order. Where other processes answer, this one makes the items and waits.
        Raises the error of a process."""
        if not (n := self._count(questions)):
            return map(questions.begin(questions.predictor), items)
        places = find_places(n, questions.options["device"] != "cpu")
        begin = partial(_begin, questions.bundle, questions.options, questions.begin)
        return answer_in_processes(places, begin, items, "Try fewer workers or a smaller batch_size")

    def _predict(self, work: Work, pieces: Iterator[Block]) -> Iterator[Answered]:
        begin = partial(_predict_pieces, work.finish)
        return self.answers(Questions(work.bundle, work.options, work.predictor, work.sources, begin), pieces)

    def _count(self, work: Work | Questions) -> int:
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


def _begin(bundle: str, options: dict, begin: Begin, place: Place) -> Callable[[Any], Any]:
    """Load the predictor of a process."""
    return begin(Predictor.load(bundle, **options | {"device": place.device}))


def _predict_pieces(finish: Callable[[Rows], Answered], predictor: Predictor) -> Callable[[Block], Answered]:
    return lambda piece: finish(predictor.predict_piece(piece))
