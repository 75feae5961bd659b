"""Worker processes of a sweep: each has a device, and one that is killed is replaced."""

import logging
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import NamedTuple

import hydra

from dnaseq.data.datamodule import SequenceDataModule
from dnaseq.distributed.processes import Place, settle
from dnaseq.errors import TERMINATED, DnaseqError, FileAccessError
from dnaseq.tasks.config.error_messages import FAILURES, user_error
from dnaseq.tasks.config.logging_setup import log_to_stderr
from dnaseq.tasks.pipeline.factories import load_data
from dnaseq.tasks.runs.run_folder import joined_folder
from dnaseq.tasks.search.final_runs import best_of, finals_of, retrain
from dnaseq.tasks.search.locks import register_process
from dnaseq.tasks.search.plan import SweepPlan, compose_training
from dnaseq.tasks.search.study import Study, readable
from dnaseq.tasks.search.trial import search
from dnaseq.training.allocator import keep_freed_memory

MOST_DEATHS = 5  # processes that are killed one after the other without any progress
logger = logging.getLogger("dnaseq")


class Worker(NamedTuple):
    process: BaseProcess
    receiver: Connection  # receives the error that ends the process


def work(plan: SweepPlan, data: Callable[[], SequenceDataModule]) -> None:
    """Do the work of one process: train trials while there are some, then final runs."""
    with register_process(plan.storage) as process:
        study = Study(plan.storage, plan.rules, process)
        search(plan, study, data)
        best = best_of(study.records(), plan.monitor)
    if best is not None:
        retrain(plan, finals_of(plan, best))


def take_part(plan: SweepPlan) -> None:
    """Set a worker process up and do its work. Raises a DnaseqError for an error that the user can fix."""
    log_to_stderr()
    keep_freed_memory()
    try:
        with (
            hydra.initialize_config_module("dnaseq.conf", version_base="1.3"),
            joined_folder(plan.folder),
            readable(plan.storage),
        ):
            work(plan, lambda: load_data(compose_training(plan)[0]))
    except FAILURES as error:
        known = user_error(error, None)
        if known is None:
            raise
        raise known from error


def work_together(plan: SweepPlan, places: list[Place]) -> None:
    """Start a worker for every place. One that is killed is replaced; an error in one of them ends all.

    Raises the error of a worker if the user can fix it, SystemExit(1) for a bug, whose traceback is on stderr, and
    FileAccessError where workers are killed again and again.
    """
    workers: dict[int, Worker] = {}  # number -> worker, as on the CPU all places are equal
    try:
        for number, place in enumerate(places):
            workers[number] = _start(plan, place)
        deaths, before = 0, _progress(plan)
        while workers:
            wait([worker.process.sentinel for worker in workers.values()])
            for number, worker in list(workers.items()):
                code = worker.process.exitcode
                if code is None:
                    continue
                del workers[number]
                if code > 0:
                    raise _error_of(worker)
                if code < 0:
                    now = _progress(plan)
                    deaths, before = (1 if now > before else deaths + 1), now
                    if deaths >= MOST_DEATHS:
                        raise FileAccessError(
                            "the processes are killed, maybe for want of memory. Use fewer sweep.workers"
                        )
                    logger.warning("a process was killed (signal %d); another one replaces it", -code)
                    workers[number] = _start(plan, places[number])
    finally:
        for worker in workers.values():
            worker.process.terminate()
        for worker in workers.values():
            worker.process.join()


def _progress(plan: SweepPlan) -> int:
    records = Study(plan.storage, plan.rules, "").records()
    return sum(record.epochs + (record.state != "running") for record in records)


def _start(plan: SweepPlan, place: Place) -> Worker:
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_main, args=(plan, place, sender))
    process.start()
    sender.close()
    return Worker(process, receiver)


def _error_of(worker: Worker) -> BaseException:
    try:
        return worker.receiver.recv()
    except EOFError:
        return SystemExit(1)


def _main(plan: SweepPlan, place: Place, sender: Connection) -> None:
    """Run a worker."""
    if place.gpu is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = place.gpu  # before CUDA is first asked for anything
    settle(place)  # where the parent ends, another process resumes its trial
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    # the progress bars of several processes would overwrite each other
    sys.stderr.isatty = lambda: False  # type: ignore[method-assign]  # on this object alone
    try:
        take_part(plan)
    except KeyboardInterrupt:
        sys.exit(1)  # the parent process is interrupted as well
    except DnaseqError as error:
        sender.send(error)
        sys.exit(1)
