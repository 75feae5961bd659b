"""Work on a Ray cluster: a prediction, or a function that all workers call."""

import logging
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

import torch

from dnaseq.distributed.ray_answers import Messages, answer_items
from dnaseq.distributed.ray_session import (
    MOST_DEATHS,
    check_installed,
    connected,
    enter_folder,
    gpus,
    processors,
    ray,
)
from dnaseq.distributed.work import Questions, Work
from dnaseq.errors import ConfigError, DnaseqError, FileAccessError
from dnaseq.io.address import STDIN
from dnaseq.io.results.parts import Part
from dnaseq.io.sequences.shards import Shard, shards_of

LIMIT = 4096  # of workers, of the processors of each, and of megabytes: more is a typing error
logger = logging.getLogger("dnaseq")


class RayEngine:
    """The engine engine=ray. `workers` is their number or "auto", `cpus` the processors of each, and `shard` the
    megabytes of a file that a prediction reads at a time. See ray_session.connected() for `address`."""

    def __init__(self, workers: int | str, address: str | None, cpus: int, shard: int):
        check_installed()
        numbers = {"workers": 1 if workers == "auto" else workers, "engine.cpus": cpus, "engine.shard": shard}
        for key, value in numbers.items():
            if type(value) is not int or not 1 <= value <= LIMIT:
                raise ConfigError(f"{key} must be a whole number from 1 to {LIMIT}; got {value!r}")
        if not isinstance(address, str | None):
            raise ConfigError(f"engine.address must be HOST:PORT, auto or null; got {address!r}")
        self.workers = workers if isinstance(workers, int) else None  # None: as many as there is room for
        self.address, self.cpus, self.size = address, cpus, shard << 20

    def own_device(self, device: str, sources: Sequence[str]) -> str:
        """Return the CPU, as the predictor of this process predicts nothing."""
        return "cpu"

    def depends_on(self, work: Work | Questions) -> dict[str, object]:
        return {"engine": "ray", "engine.cpus": self.cpus, "engine.shard": f"{self.size / (1 << 20):g}"}

    def shards(self, work: Work) -> list[Shard]:
        if STDIN in work.sources:
            raise ConfigError("engine=ray reads files, not standard input. Use engine=local for input=-")
        return shards_of(work.sources, self.size, work.reading)

    def parts(
        self, work: Work, shards: list[Shard], there: list[tuple[set[int], bool]]
    ) -> Generator[Part, None, None]:
        """Yield a part for every message; a worker that dies is replaced and its records are predicted again."""
        if all(complete for _, complete in there):
            return
        with connected(self.address, self._needed):
            on_gpus = self._on_gpus(work.options["device"])
            yield from Messages(work, shards, there, self._count(on_gpus), self.cpus, on_gpus)

    def answers(self, questions: Questions, items: Iterable) -> Iterator:
        """Yield the answer to each item, in order; the items are made in this process."""
        with connected(self.address, self._needed):
            on_gpus = self._on_gpus(questions.options["device"])
            yield from answer_items(questions, items, self._count(on_gpus), self.cpus, on_gpus)

    def run_together(self, function: Callable[[], None], on_gpus: bool) -> None:
        """Call a function in every worker at once, each in a process of its own with the folder of this one, and
        again where a worker dies. Raises its error, and FileAccessError for workers that die too often."""
        with connected(self.address, self._needed, with_output=True):
            on_gpus = on_gpus and gpus() > 0
            remote = ray.remote(
                num_cpus=self.cpus, num_gpus=int(on_gpus), max_retries=MOST_DEATHS, max_calls=1
            )
            task = remote(_call)
            waiting = [task.remote(os.getcwd(), self.cpus, function) for _ in range(self._count(on_gpus))]
            try:
                while waiting:
                    done, waiting = ray.wait(waiting)
                    ray.get(done)
            except ray.exceptions.RayTaskError as error:
                raise error.cause if isinstance(error.cause, DnaseqError) else error from error
            except ray.exceptions.RayError as error:
                what = f"a worker died {MOST_DEATHS + 1} times, perhaps for lack of memory"
                raise FileAccessError(f"{what}. Use fewer of them; the same command resumes") from error
            finally:
                for one in waiting:
                    ray.cancel(one, force=True)

    @property
    def _needed(self) -> int:
        """Return the least processors for a Ray of this machine."""
        return self.cpus * (self.workers or 1)

    def _on_gpus(self, device: str) -> bool:
        if device not in ("auto", "cpu") and not gpus():
            what = "the cluster has no GPU"
            raise ConfigError(f"{what}. Use device=cpu (or device=auto, which takes what is there)")
        return device != "cpu" and gpus() > 0

    def _count(self, on_gpus: bool) -> int:
        fitting = gpus() if on_gpus else max(processors() // self.cpus, 1)
        count = self.workers or fitting
        if count > fitting:
            logger.warning("%d workers, but the cluster has room for %d of them now", count, fitting)
        return count


def _call(folder: str, threads: int, function: Callable[[], None]) -> None:
    enter_folder(folder)
    torch.set_num_threads(threads)
    function()
