"""Answers by a Ray cluster, in order, from workers that have a predictor each; other processes read shards for them."""

import logging
import os
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from dnaseq.bundle.inference.rechunk import regroup
from dnaseq.bundle.predictor import RECORDS_AT_ONCE, Predictor
from dnaseq.distributed.processes import AHEAD
from dnaseq.distributed.ray_session import MOST_DEATHS, ActorPool, enter_folder, ray
from dnaseq.distributed.work import Answered, Begin, Questions, Work
from dnaseq.errors import DnaseqError, FileAccessError, InputError
from dnaseq.io.results.parts import Part
from dnaseq.io.results.rows import Rows
from dnaseq.io.sequences.reading import Reading
from dnaseq.io.sequences.shards import Shard, in_file, shard_blocks
from dnaseq.training.allocator import keep_freed_memory

PIECES = 4  # of Predictor.pieces() that go to a worker together: a message costs tens of milliseconds
_MESSAGE = "message"
logger = logging.getLogger("dnaseq")


@dataclass
class Message:
    """A message from process to process: pieces of a shard, and later their predictions."""

    shard: int
    number: int  # of the message in its shard, counted from 0
    last: bool = False
    content: list = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    error: DnaseqError | None = None


@dataclass(frozen=True)
class Messages:
    """The messages of all shards, without the finished ones in `there`: their numbers, and True where a shard is done.

    Iteration has them predicted by `workers` with `cpus` processors each, or a GPU.
    """

    work: Work
    shards: list[Shard]
    there: list[tuple[set[int], bool]]
    workers: int
    cpus: int
    on_gpus: bool

    def __iter__(self) -> Iterator[Part]:
        wanted = [{"shard": i} for i, (_, complete) in enumerate(self.there) if not complete]
        if not wanted:
            return
        work, readers = self.work, min(max(self.workers, 2), len(wanted))
        read = partial(_read, os.getcwd(), self.shards, [numbers for numbers, _ in self.there], work.reading)
        options = work.options | {"device": "cuda" if self.on_gpus else "cpu"}
        begin = partial(_predict_messages, work.reading.bad_records, work.finish)
        _set_up_ray_data()
        rows: ray.data.Dataset = ray.data.from_items(wanted, override_num_blocks=len(wanted))
        # readers take no processor, since the workers may hold all of them
        rows = rows.flat_map(read, num_cpus=0, compute=ray.data.TaskPoolStrategy(size=readers))
        rows = rows.map(
            Answerer,  # type: ignore[arg-type]  # Ray takes a class too, but its types do not say so
            fn_constructor_args=(_read_files(work.bundle), options, begin, self.cpus),
            compute=ray.data.ActorPoolStrategy(size=self.workers),
            num_cpus=self.cpus,
            num_gpus=1 if self.on_gpus else None,
            max_task_retries=MOST_DEATHS,
        )  # fmt: skip
        for message in _receive(rows, self.shards):
            yield Part(message.shard, message.number, message.last, message.content)


class Answerer:
    """A worker: a predictor in a process of its own, maybe on another machine."""

    def __init__(self, files: dict[str, bytes], options: dict, begin: Begin, threads: int):
        """Load the predictor; `files` are those of the bundle, by name, `options` those of Predictor."""
        keep_freed_memory()
        torch.set_num_threads(threads)
        with TemporaryDirectory() as folder:
            for name, content in files.items():
                Path(folder, name).write_bytes(content)
            self._answer = begin(Predictor.load(folder, **options))

    def __call__(self, item: Any) -> Any:
        return self._answer(item)


def answer_items(
    questions: Questions, items: Iterable, workers: int, cpus: int, on_gpus: bool
) -> Iterator[Any]:
    """Yield the answer to each item, in order, by workers with `cpus` processors each, or a GPU. A worker that dies is
    replaced, and its items are answered anew. Raises FileAccessError for workers that die too often."""
    options = questions.options | {"device": "cuda" if on_gpus else "cpu"}
    remote = ray.remote(
        num_cpus=cpus,
        num_gpus=int(on_gpus),
        max_restarts=-1,
        max_task_retries=MOST_DEATHS,
    )(Answerer)
    files = ray.put(_read_files(questions.bundle))
    pool = ActorPool([remote.remote(files, options, questions.begin, cpus) for _ in range(workers)])
    try:
        for number, item in enumerate(items):
            pool.submit(lambda worker, one: worker.__call__.remote(one), item)
            if number >= AHEAD * workers:
                yield pool.get_next()
        while pool.has_next():
            yield pool.get_next()
    except ray.exceptions.RayTaskError as error:
        raise error.cause if isinstance(error.cause, DnaseqError) else error from error
    except ray.exceptions.RayError as error:
        raise _worker_error(error, "items") from error


def _predict_messages(
    bad_records: str, finish: Callable[[Rows], Answered], predictor: Predictor
) -> Callable[[dict[str, Message]], dict[str, Message]]:
    """Return the function that answers a message."""

    def answer(row: dict[str, Message]) -> dict[str, Message]:
        message = row[_MESSAGE]
        if message.error is None:
            try:
                pieces = predictor.pieces(message.content, bad_records)
                message.content = [finish(predictor.predict_piece(piece)) for piece in pieces]
            except DnaseqError as error:
                message.error = error
        return {_MESSAGE: message}

    return answer


def _read(
    folder: str, shards: list[Shard], there: list[set[int]], reading: Reading, row: dict[str, int]
) -> Iterator[dict[str, Message]]:
    """Yield the messages of a shard without the finished ones; an error of the user is the last one."""
    enter_folder(folder)
    shard, number = row["shard"], 0
    with _collect_warnings() as collected:
        try:
            pieces = regroup(shard_blocks(shards[shard], reading), RECORDS_AT_ONCE)
            content = list(islice(pieces, PIECES))
            while True:
                following = list(islice(pieces, PIECES))
                if number not in there[shard]:
                    yield {_MESSAGE: Message(shard, number, not following, content, collected[:])}
                    collected.clear()
                if not following:
                    return
                content, number = following, number + 1
        except DnaseqError as error:
            yield {_MESSAGE: Message(shard, number, error=error)}


def _receive(rows: "ray.data.Dataset", shards: list[Shard]) -> Iterator[Message]:
    """Yield messages as they arrive; log their warnings and raise their errors in this process."""
    try:
        for row in rows.iter_rows():
            message = row[_MESSAGE]
            for warning in message.warnings:
                logger.warning("%s", warning)
            if isinstance(message.error, InputError):
                raise in_file(message.error, shards[message.shard])
            if message.error is not None:
                raise message.error
            yield message
    except ray.exceptions.RayTaskError:
        raise  # a bug, with the traceback of the worker
    except ray.exceptions.RayError as error:
        raise _worker_error(error, "records") from error


def _worker_error(error: Exception, of: str) -> FileAccessError:
    """Return what a user is told of workers that cannot start or die."""
    if "creation task" in str(error):
        cause = str(error).strip().splitlines()[-1]
        return FileAccessError(f"a worker cannot be started ({cause})")
    what = f"workers died {MOST_DEATHS + 1} times over the same {of}, perhaps for lack of memory"
    return FileAccessError(f"{what}. Try a smaller batch_size; the same command resumes")


def _read_files(bundle: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(bundle).iterdir() if path.is_file()}


class _Collector(logging.Handler):
    """A handler that collects the warnings of one thread."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []
        self.of_thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self.of_thread:
            self.messages.append(record.getMessage())


@contextmanager
def _collect_warnings() -> Iterator[list[str]]:
    """Collect the warnings of this thread, to be logged in the process of the user."""
    handler = _Collector()
    logger.addHandler(handler)
    try:
        yield handler.messages
    finally:
        logger.removeHandler(handler)


def _set_up_ray_data() -> None:
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.target_max_block_size = 1  # a message is a block of its own, so that it is passed on at once
    context.enable_progress_bars = False
    context.issue_detectors_config.detectors = []
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", category=ray.util.annotations.RayDeprecationWarning)
    # of a small file, which is one input, and many messages later
    warnings.filterwarnings("ignore", message="The minimum number of concurrent actors")
