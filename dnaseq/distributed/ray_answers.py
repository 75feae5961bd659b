"""The answers of a Ray cluster: some processes read shards, others have predictors, and all comes back in order."""

import logging
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from dnaseq.bundle.inference.rechunk import regroup
from dnaseq.bundle.predictor import RECORDS_AT_ONCE, Predictor
from dnaseq.distributed.ray_session import MOST_DEATHS, entered
from dnaseq.distributed.work import Answered, Work
from dnaseq.errors import DnaseqError, FileAccessError, InputError
from dnaseq.io.results.parts import Part
from dnaseq.io.results.rows import Rows
from dnaseq.io.sequences.reading import Reading
from dnaseq.io.sequences.shards import Shard, in_file, shard_blocks
from dnaseq.training.allocator import keep_freed_memory

try:
    import ray.data
    from ray.exceptions import RayError, RayTaskError
except ImportError:
    ray = RayError = RayTaskError = None

PIECES = 4  # of Predictor.pieces() that go to a worker together: a message costs tens of milliseconds
_MESSAGE = "message"
logger = logging.getLogger("dnaseq")


@dataclass
class Message:
    """What goes from process to process: pieces of a shard, and then what is said of them."""

    shard: int
    number: int  # of the message among those of the shard, counted from 0
    last: bool = False
    content: list = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    error: DnaseqError | None = None


@dataclass(frozen=True)
class Messages:
    """The messages of all shards but those that are there already: for every shard their numbers, and whether these
    are all. Iterated over, they are answered by `workers` of so many processors each, or a GPU."""

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
        _set_up_ray_data()
        rows = ray.data.from_items(wanted, override_num_blocks=len(wanted))
        # reading asks for no processor, since the workers may hold all of them
        rows = rows.flat_map(read, num_cpus=0, compute=ray.data.TaskPoolStrategy(size=readers))
        rows = rows.map(
            Answerer,
            fn_constructor_args=(
                _files_of(work.bundle), options, work.reading.bad_records, work.finish, self.cpus
            ),
            compute=ray.data.ActorPoolStrategy(size=self.workers),
            num_cpus=self.cpus,
            num_gpus=1 if self.on_gpus else None,
            max_task_retries=MOST_DEATHS,
        )  # fmt: skip
        for message in _received(rows, self.shards):
            yield Part(message.shard, message.number, message.last, message.content)


class Answerer:
    """A worker: a predictor in a process of its own, maybe on another machine."""

    def __init__(
        self,
        files: dict[str, bytes],
        options: dict,
        bad_records: str,
        finish: Callable[[Rows], Answered],
        threads: int,
    ):
        """`files` are those of the bundle, by name; `options` are Predictor's."""
        keep_freed_memory()
        torch.set_num_threads(threads)
        self.bad_records, self.finish = bad_records, finish
        with TemporaryDirectory() as folder:
            for name, content in files.items():
                Path(folder, name).write_bytes(content)
            self.predictor = Predictor.load(folder, **options)

    def __call__(self, row: dict[str, Message]) -> dict[str, Message]:
        message = row[_MESSAGE]
        if message.error is None:
            try:
                pieces = self.predictor.pieces(message.content, self.bad_records)
                message.content = [self.finish(self.predictor.answer(piece)) for piece in pieces]
            except DnaseqError as error:
                message.error = error
        return {_MESSAGE: message}


def _read(
    folder: str, shards: list[Shard], there: list[set[int]], reading: Reading, row: dict[str, int]
) -> Iterator[dict[str, Message]]:
    """The messages of a shard, less those whose answers are there; an error of the user's is the last one."""
    entered(folder)
    shard, number = row["shard"], 0
    with _heard() as heard:
        try:
            pieces = regroup(shard_blocks(shards[shard], reading), RECORDS_AT_ONCE)
            content = list(islice(pieces, PIECES))
            while True:
                following = list(islice(pieces, PIECES))
                if number not in there[shard]:
                    yield {_MESSAGE: Message(shard, number, not following, content, heard[:])}
                    heard.clear()
                if not following:
                    return
                content, number = following, number + 1
        except DnaseqError as error:
            yield {_MESSAGE: Message(shard, number, error=error)}


def _received(rows: "ray.data.Dataset", shards: list[Shard]) -> Iterator[Message]:
    """Messages as they arrive, warnings and errors as those of this process."""
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
    except RayTaskError:
        raise  # a bug, with the traceback of the worker
    except RayError as error:
        if "creation task" in str(error):
            cause = str(error).strip().splitlines()[-1]
            raise FileAccessError(f"a worker cannot be started ({cause})") from error
        what = f"workers died {MOST_DEATHS + 1} times over the same records, perhaps for want of memory"
        raise FileAccessError(f"{what}. Try a smaller batch_size; the same command goes on") from error


def _files_of(bundle: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(bundle).iterdir() if path.is_file()}


@contextmanager
def _heard() -> Iterator[list[str]]:
    """The warnings of this thread's own work: they are to be said where the user is."""
    said, thread = [], threading.get_ident()
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: said.append(record.getMessage()) if record.thread == thread else None
    logger.addHandler(handler)
    try:
        yield said
    finally:
        logger.removeHandler(handler)


def _set_up_ray_data() -> None:
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.target_max_block_size = 1  # a message is a block of its own, so that it goes on at once
    context.enable_progress_bars = False
    context.issue_detectors_config.detectors = []
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", category=ray.util.annotations.RayDeprecationWarning)
